/*
description: >
  One bar of each stock and session: of its only series, or of the series in force. The bars of a stock stand together, sorted by session.
grain: instrument_no x seq
materialized: view
publish: false
# a window over a union would be sorted
blocks: {by: seq, back: 0, kept: false}
columns:
  - {name: instrument_no, type: BIGINT, unit: "", description: "Number of the instrument in this build."}
  - {name: seq, type: INTEGER, unit: sessions, description: "Number of the session in the calendar."}
  - {name: series_no, type: BIGINT, unit: "", description: "Series of the bar."}
  - {name: close_e6, type: BIGINT, unit: "1e-6 USD", description: "Last price as given."}
  - {name: previous_close_e6, type: BIGINT, unit: "1e-6 USD", description: "Close of the session before as stated."}
  - {name: volume, type: BIGINT, unit: shares, description: "Shares traded."}
  - {name: market_cap, type: DOUBLE, unit: USD, description: "Market capitalisation as stated."}
  - {name: high_e6, type: BIGINT, unit: "1e-6 USD", description: "Highest price as given; null where the series has closes only."}
  - {name: low_e6, type: BIGINT, unit: "1e-6 USD", description: "Lowest price as given; null where the series has closes only."}
  - {name: multiplier_e9, type: BIGINT, unit: 1e-9, description: "((C-L)-(H-C))/(H-L), 0 where H = L; of the best other series where this one has closes only."}
  - {name: is_raw, type: BOOLEAN, unit: "", description: "Prices are unadjusted, so that splits have to be allowed for."}
  - {name: last_seq, type: INTEGER, unit: sessions, description: "Session of the stock's bar before; null for the first."}
  - {name: next_seq, type: INTEGER, unit: sessions, description: "Session of the stock's next bar; null for the last."}
*/
select
    instrument_no,
    seq,
    series_no,
    close_e6,
    previous_close_e6,
    volume,
    market_cap,
    high_e6,
    low_e6,
    multiplier_e9,
    is_raw,
    if(lag(instrument_no) over () = instrument_no, lag(seq) over (), null) as last_seq,
    if(lead(instrument_no) over () = instrument_no, lead(seq) over (), null) as next_seq
from intermediate.series_bars
where not is_contested
union all
select
    instrument_no,
    seq,
    series_no,
    close_e6,
    previous_close_e6,
    volume,
    market_cap,
    high_e6,
    low_e6,
    multiplier_e9,
    is_raw,
    if(lag(instrument_no) over () = instrument_no, lag(seq) over (), null) as last_seq,
    if(lead(instrument_no) over () = instrument_no, lead(seq) over (), null) as next_seq
from intermediate.chosen_bars
