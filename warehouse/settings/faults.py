"""Limits beyond which a vendor's figure is taken for a fault. What each was measured to find, and at what cost, stands in
docs/data-quality.md and in `ops.methods`.
"""

from __future__ import annotations

from typing import Annotated, ClassVar

from pydantic import Field

from warehouse.settings.section import Section, Share

Percent = Annotated[float, Field(gt=0, le=1_000)]
Fall = Annotated[float, Field(gt=0, lt=100)]
Ratio = Annotated[float, Field(gt=1, le=1_000)]
Count = Annotated[int, Field(ge=1, le=1_000_000)]


class FaultSettings(Section):
    """From where on a step, a repeated bar or a repeated session is a fault until proven otherwise."""

    title: ClassVar[str] = "Faults: from where on a figure is not believed"

    index_rise_limit_pct: Percent = Field(
        default=20.0,
        description="Rise of an index since its last good close above which it is set aside for the session.",
    )
    index_fall_limit_pct: Fall = Field(
        default=25.0,
        description="Fall of an index beyond which it is set aside (the largest true one since 1927 was 20.5).",
    )
    index_apart_limit_pp: Percent = Field(
        default=4.8,
        description="Distance of an index from the nearest of two or more others, in points of log return, above which it "
        "is set aside.",
    )
    index_calm_limit_pct: Percent = Field(
        default=5.0,
        description="Move of that nearest index from which on the market is in turmoil, and a distance proves less.",
    )
    index_turmoil_apart_limit_pp: Percent = Field(
        default=15.0,
        description="The distance above which an index is set aside while the nearest moves that much (the largest true one "
        "was 13.0, on 1987-10-20).",
    )
    volatility_rise_limit_pct: Percent = Field(
        default=150.0,
        description="Rise of a volatility index above which it is set aside.",
    )
    volatility_fall_limit_pct: Fall = Field(
        default=50.0,
        description="Fall of a volatility index beyond which it is set aside.",
    )
    fund_rise_limit_pct: Percent = Field(
        default=20.0,
        description="Rise of an ETF of the market, a sector, style or size above which it is set aside.",
    )
    fund_fall_limit_pct: Fall = Field(default=25.0, description="Fall of such an ETF beyond which it is set aside.")
    fund_apart_limit_pp: Percent = Field(
        default=11.5,
        description="Distance of such an ETF from the nearest of three or more others, in points of log return, above "
        "which it is set aside.",
    )
    fund_apart_listed_pp: Percent = Field(
        default=5.0,
        description="The same, above which it is listed for review, and shown.",
    )
    volatile_fund_rise_limit_pct: Percent = Field(
        default=50.0,
        description="Rise of any other ETF (leveraged, commodities, countries) above which it is set aside.",
    )
    volatile_fund_fall_limit_pct: Fall = Field(
        default=45.0,
        description="Fall of any other ETF beyond which it is set aside.",
    )
    index_break_ratio: Ratio = Field(
        default=1.4,
        description="Step of an index from which on a new level that stays is a break, as of another scale, and no move.",
    )
    fund_break_ratio: Ratio = Field(
        default=1.4,
        description="Step of an ETF from which on a new level that stays is a break, as of a split, and no move.",
    )
    stock_step_limit_10b: Ratio = Field(
        default=1.4,
        description="Step of a stock with a market cap of 10 billion USD or more, up or down, above which it is set "
        "aside.",
    )
    stock_step_limit_2b: Ratio = Field(default=1.6, description="The same from 2 to 10 billion.")
    stock_step_limit_500m: Ratio = Field(default=1.8, description="The same from 0.5 to 2 billion.")
    stock_step_limit: Ratio = Field(default=2.5, description="The same below 0.5 billion, or without a market cap.")
    stock_step_limit_below_1_usd: Ratio = Field(
        default=3.0,
        description="The same where the last good close is below 1 USD.",
    )
    stock_step_limit_below_10_cents: Ratio = Field(default=20.0, description="The same where it is below 0.10 USD.")
    stock_step_limit_closes_only: Ratio = Field(
        default=4.0,
        description="The same where neither market cap nor volume is given.",
    )
    stock_step_limit_closes_only_below_1_usd: Ratio = Field(
        default=5.0,
        description="The same where the last good close is below 1 USD, too.",
    )
    stock_step_limit_sure: Ratio = Field(
        default=8.0,
        description="Step that no volume makes believed; the only limit in the first sessions of a stock.",
    )
    stock_first_sessions: Annotated[int, Field(ge=1, le=256)] = Field(
        default=10,
        description="Sessions of a new stock in which only that limit holds.",
    )
    stock_break_ratio: Ratio = Field(
        default=1.9,
        description="Step of a stock from which on a new level that stays is a break, as of a split, and no move.",
    )
    step_volume_gate: Ratio = Field(
        default=5.0,
        description="Volume over the median of the 21 sessions before (times the close over the last one, where that "
        "fell) from which on a step is believed at once.",
    )
    step_volume_gate_rise: Ratio = Field(
        default=10.0,
        description="The same for rises of stocks from 1 USD on, under 10 billion USD.",
    )
    crash_limit_pct: Percent = Field(
        default=3.0,
        description="Median move of all stocks from which on the steps of stocks are measured from it.",
    )
    partial_steps_share: Share = Field(
        default=0.01,
        description="Share of a session's stocks set aside as steps above which the session is partial and its breadth "
        "NULL.",
    )
    partial_steps_rows: Count = Field(default=10, description="Least number of such stocks for that.")
    frozen_share: Share = Field(
        default=0.1,
        description="Share of a session's stocks that repeat close and volume of one of the five bars before from which on "
        "the session counts as missing.",
    )
    frozen_close_share: Share = Field(
        default=0.3,
        description="Share that repeats the close of the session before alone from which on it does.",
    )
    frozen_close_share_before_decimals: Share = Field(
        default=0.6,
        description="The same before prices were quoted in cents (April 2001).",
    )
    frozen_rows: Count = Field(default=20, description="Least number of stocks for these.")
    repeated_row_volume: Count = Field(
        default=1000,
        description="Volume from which on a stock that repeats close and volume of the session before is set aside.",
    )
