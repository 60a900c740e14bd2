"""What can be asked of an entity: each measure is one column of one published table, with its unit and its names."""

from __future__ import annotations

from reports.figures.breadth_measures import breadth_measures, flow_measures
from reports.figures.entities import FUND, INDEX, MARKET, PAIR, SECTOR, STOCK, Entity
from reports.figures.measure import Measure, Place

_PERIODS: dict[str, tuple[str, ...]] = {
    "1d": (
        "1d",
        "one-day return",
        "on the day",
        "daily return",
        "day change",
        "change on the day",
        "日涨跌幅",
        "当日涨跌幅",
        "涨跌幅",
        "日涨幅",
    ),
    "5d": ("5d", "five-session return", "five-day return", "5日涨跌幅", "五日涨跌幅"),
    "21d": ("21d", "21-session return", "one-month return", "近一月涨跌幅", "21日涨跌幅"),
    "63d": ("63d", "63-session return", "three-month return", "近三月涨跌幅", "63日涨跌幅"),
    "126d": ("126d", "126-session return", "six-month return", "近半年涨跌幅", "126日涨跌幅"),
    "252d": ("252d", "252-session return", "one-year return", "近一年涨跌幅", "252日涨跌幅"),
    "wtd": ("wtd", "week to date", "week-to-date", "本周以来", "本周涨跌幅"),
    "mtd": ("mtd", "month to date", "month-to-date", "本月以来", "月初至今"),
    "qtd": ("qtd", "quarter to date", "quarter-to-date", "本季以来", "季初至今"),
    "ytd": (
        "ytd",
        "year to date",
        "year-to-date",
        "this year",
        "since the start of the year",
        "年初至今",
        "今年以来",
        "年内涨幅",
    ),
}
_OF_LATEST = ("5d", "21d", "63d", "126d", "252d", "ytd")


def _return_measures() -> list[Measure]:
    found = []
    for period, names in _PERIODS.items():
        column = f"return_{period}_pct"
        places = {
            INDEX: Place("marts.index_returns", column, "index_id"),
            SECTOR: Place("marts.sector_returns", column, "sector"),
            FUND: Place("marts.sector_returns", column, "symbol"),
        }
        if period == "1d":
            places[STOCK] = Place("marts.equity_facts", column, "symbol")
        elif period in _OF_LATEST:
            places[STOCK] = Place("marts.equities_latest", column, "symbol")
        spoken = (f"return_{period}", column, f"return {period}", f"{period} return", *names)
        found.append(Measure(f"return_{period}", "pct", 2, places, spoken))
    return found


def _statistic_measure(measure_id: str, statistic: str, unit: str, digits: int, *names: str) -> Measure:
    place = Place("marts.index_statistics", "value", "index_id", more=f"statistic={statistic}")
    return Measure(measure_id, unit, digits, {INDEX: place}, (measure_id, *names))


def _market_measures() -> list[Measure]:
    def daily_measure(table: str, column: str, unit: str, digits: int, *names: str) -> Measure:
        measure = column.removesuffix("_pct").removesuffix("_pp").removesuffix("_usd")
        return Measure(measure, unit, digits, {MARKET: Place(table, column, "")}, (measure, column, *names))

    rotation, macro = "marts.rotation_daily", "marts.macro_daily"
    return [
        daily_measure(rotation, "rotation_intensity", "", 2, "rotation intensity", "轮动强度"),
        daily_measure(rotation, "dispersion_21d_pp", "pp", 2, "dispersion", "sector dispersion", "板块离散度"),
        daily_measure(rotation, "cyclical_minus_defensive_1d_pp", "pp", 2, "cyclicals minus defensives", "周期减防御"),
        daily_measure(rotation, "cyclical_minus_defensive_21d_pp", "pp", 2, "cyclicals minus defensives 21d"),
        daily_measure(rotation, "small_minus_large_1d_pp", "pp", 2, "small minus large", "小盘减大盘"),
        daily_measure(rotation, "small_minus_large_21d_pp", "pp", 2, "small minus large 21d"),
        daily_measure(macro, "fed_funds_target_low_pct", "pct", 2, "fed funds target low", "联邦基金目标利率下限"),
        daily_measure(macro, "fed_funds_target_high_pct", "pct", 2, "fed funds target high", "联邦基金目标利率上限"),
        daily_measure(
            macro,
            "fed_funds_effective_pct",
            "pct",
            2,
            "fed funds rate",
            "federal funds rate",
            "EFFR",
            "联邦基金利率",
            "联邦基金有效利率",
        ),
        daily_measure(
            macro, "yield_2y_pct", "pct", 2, "2-year yield", "2y yield", "两年期美债收益率", "2年期美债收益率"
        ),
        daily_measure(
            macro, "yield_10y_pct", "pct", 2, "10-year yield", "10y yield", "十年期美债收益率", "10年期美债收益率"
        ),
        daily_measure(macro, "slope_10y_2y_pp", "pp", 2, "yield curve slope", "10y-2y", "期限利差"),
        daily_measure(macro, "fed_assets_usd", "usd", 0, "fed balance sheet", "fed total assets", "美联储总资产"),
        daily_measure(
            macro, "real_gdp_growth_qoq_pct", "pct", 1, "real gdp growth", "gdp growth", "实际GDP增长", "GDP增长率"
        ),
        daily_measure(macro, "real_gdp_growth_yoy_pct", "pct", 1, "real gdp growth year on year", "GDP同比增长"),
    ]


def _sector_measures() -> list[Measure]:
    ranks = [
        Measure(
            f"rank_{window}",
            "rank",
            0,
            {SECTOR: Place("marts.sector_rotation", f"rank_{window}", "sector", (f"ranked_{window}", "sectors"))},
            (f"rank_{window}", f"rank {window}", f"{window} rank"),
        )
        for window in ("5d", "21d", "63d", "ytd")
    ]
    score = Place("marts.sector_scores", "sector_score", "sector", ("scored", "members"))
    rank = Place("marts.sector_scores", "sector_rank", "sector", ("scored", "members"))
    return [
        *ranks,
        Measure(
            "sector_score",
            "score",
            1,
            {SECTOR: score},
            ("sector_score", "sector score", "score", "板块得分", "板块评分"),
        ),
        Measure("sector_rank", "rank", 0, {SECTOR: rank}, ("sector_rank", "sector score rank", "板块排名")),
    ]


def _stock_measures() -> list[Measure]:
    def growth_measure(column: str, *names: str) -> Measure:
        place = Place("marts.fundamental_growth", column, "symbol", is_held=True)
        measure = column.removesuffix("_pct").replace("revenue", "sales")
        return Measure(measure, "pct", 1, {STOCK: place}, (measure, column, measure.replace("_", " "), *names))

    cap = Place("marts.equity_facts", "market_cap", "symbol")
    volume = Place("marts.equity_facts", "volume", "symbol")
    return [
        Measure(
            "market_cap",
            "usd",
            0,
            {STOCK: cap},
            ("market_cap", "market cap", "market capitalisation", "market capitalization", "市值", "总市值"),
        ),
        Measure("volume", "shares", 0, {STOCK: volume}, ("volume", "shares traded", "成交量")),
        growth_measure(
            "revenue_growth_1y_pct",
            "revenue growth 1y",
            "sales growth over one year",
            "过去一年的销售额增长率",
            "营收同比增长",
        ),
        growth_measure(
            "revenue_growth_3y_pct", "revenue growth 3y", "sales growth over three years", "过去三年的销售额增长率"
        ),
        growth_measure("eps_growth_1y_pct", "earnings growth over one year", "过去一年的每股收益增长率"),
        growth_measure("eps_growth_3y_pct", "earnings growth over three years", "过去三年的每股收益增长率"),
        growth_measure("net_margin_pct", "net margin", "profit margin", "净利率"),
    ]


def _index_measures() -> list[Measure]:
    closes = {
        INDEX: Place("marts.index_returns", "close", "index_id"),
        FUND: Place("marts.sector_returns", "close", "symbol", unit="usd"),
        STOCK: Place("marts.equity_facts", "close", "symbol", unit="usd"),
    }
    return [
        Measure(
            "close",
            "points",
            2,
            closes,
            ("close", "closed at", "closing level", "closing price", "收盘", "收盘价", "收于", "收报", "收盘点位"),
        ),
        Measure(
            "change_points",
            "points",
            2,
            {INDEX: Place("marts.index_returns", "change_points", "index_id")},
            ("change_points", "change in points", "point change", "涨跌点数"),
        ),
        _statistic_measure(
            "record_close", "record_close", "points", 2, "record close", "all-time high", "历史最高收盘"
        ),
        _statistic_measure(
            "nth_highest_of_year", "nth_highest_of_year", "rank", 0, "nth highest of the year", "年内第几高"
        ),
        _statistic_measure(
            "nth_lowest_of_year", "nth_lowest_of_year", "rank", 0, "nth lowest of the year", "年内第几低"
        ),
        _statistic_measure("high_52w", "high_52w", "points", 2, "52-week high", "52周高点"),
        _statistic_measure("low_52w", "low_52w", "points", 2, "52-week low", "52周低点"),
        _statistic_measure(
            "from_record_close",
            "from_record_close_pct",
            "pct",
            2,
            "distance from record close",
            "from the record close",
        ),
        _statistic_measure("from_high_52w", "from_high_52w_pct", "pct", 2, "distance from the 52-week high"),
        _statistic_measure("from_low_52w", "from_low_52w_pct", "pct", 2, "distance from the 52-week low"),
        _statistic_measure(
            "run_sessions",
            "run_sessions",
            "sessions",
            0,
            "sessions in a row",
            "consecutive sessions",
            "连涨天数",
            "连续涨跌天数",
        ),
    ]


def _pair_measures() -> list[Measure]:
    spreads = "marts.index_spreads"
    return [
        Measure(
            "spread_1d",
            "pp",
            2,
            {PAIR: Place(spreads, "spread_1d_pp", "")},
            ("spread_1d", "spread 1d", "lead on the day", "当日跑赢"),
        ),
        Measure(
            "spread_ytd",
            "pp",
            2,
            {PAIR: Place(spreads, "spread_ytd_pp", "")},
            ("spread_ytd", "spread ytd", "spread", "lead year to date", "年初至今跑赢"),
        ),
        Measure(
            "outperformance_streak",
            "sessions",
            0,
            {PAIR: Place(spreads, "outperformance_streak", "")},
            ("outperformance_streak", "outperformance streak", "streak", "连续跑赢"),
        ),
    ]


MEASURES: dict[str, Measure] = {
    measure.id: measure
    for measure in (
        *_return_measures(),
        *_index_measures(),
        *_pair_measures(),
        *_sector_measures(),
        *breadth_measures(),
        *flow_measures(),
        *_stock_measures(),
        *_market_measures(),
    )
}
NAMES: dict[str, tuple[Measure, ...]] = {}
for _measure in MEASURES.values():
    for _name in (_measure.id, _measure.id.replace("_", " "), *_measure.names):
        _known = NAMES.setdefault(_name.casefold(), ())
        if _measure not in _known:
            NAMES[_name.casefold()] = (*_known, _measure)


def measures_of(entity: Entity) -> list[str]:
    """The ids of what can be asked of an entity, sorted."""
    return sorted(measure.id for measure in MEASURES.values() if measure.place_of(entity))
