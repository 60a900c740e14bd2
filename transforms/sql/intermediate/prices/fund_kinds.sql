/*
description: >
  ETFs of the US market, its sectors, styles and sizes, unlevered: on any day some of them move alike, so that one that moves far from all
  others is suspect. What is not listed (leveraged funds, commodities, bonds, single industries and countries) goes its own way.
grain: symbol
materialized: table
publish: false
columns:
  - {name: symbol, type: VARCHAR, unit: "", description: "Symbol in canonical form."}
  - {name: kind, type: VARCHAR, unit: "", description: "market, size, style or sector."}
*/
with final as (
    select
        unnest(symbols) as symbol,
        kind
    from (
        values
        ('market', ['SPY', 'IVV', 'VOO', 'VTI', 'ITOT', 'SCHB', 'DIA', 'QQQ', 'QQQM', 'ONEQ', 'RSP', 'OEF']),
        ('size', ['IWM', 'VTWO', 'IJR', 'IJH', 'MDY', 'IWB', 'IWR', 'IWV', 'VB', 'VO', 'VV', 'SPSM', 'SPMD', 'SCHA', 'SCHX']),
        ('style', ['IWD', 'IWF', 'IWN', 'IWO', 'IVE', 'IVW', 'VTV', 'VUG', 'SPYG', 'SPYV', 'SCHG', 'SCHV', 'MTUM', 'QUAL', 'USMV', 'VLUE']),
        ('sector', ['XLB', 'XLC', 'XLE', 'XLF', 'XLI', 'XLK', 'XLP', 'XLRE', 'XLU', 'XLV', 'XLY']),
        ('sector', ['VAW', 'VOX', 'VDE', 'VFH', 'VIS', 'VGT', 'VDC', 'VNQ', 'VPU', 'VHT', 'VCR', 'IYR', 'IYW', 'IYF', 'IYE', 'IYH'])
    ) as listed (kind, symbols)
)

select
    symbol,
    kind
from final
order by symbol
