"""Measures of a universe: how many stocks rise, stand above their averages, make new highs, and the money that flows."""

from __future__ import annotations

from reports.figures.entities import SECTOR, UNIVERSE
from reports.figures.measure import Measure, Place


def _breadth_measure(
    column: str, unit: str, digits: int, coverage: tuple[str, str], *names: str, id_: str = ""
) -> Measure:
    place = Place("marts.breadth_daily", column, "universe", coverage)
    # the stocks of a sector are a set of stocks, too
    places = {UNIVERSE: place, SECTOR: place}
    return Measure(id_ or column, unit, digits, places, (column, column.replace("_", " "), *names))


_ELIGIBLE = ("eligible", "members")


def _moving_average_measures() -> list[Measure]:
    return [
        _breadth_measure(f"above_sma{n}_share", "share", 4, (f"sma{n}_members", "members"), *_names_above_average(n))
        for n in (20, 50, 200)
    ]


def _names_above_average(sessions: int) -> list[str]:
    english = [
        f"above {whose}{sessions}-day {kind}average{ending}"
        for whose in ("the ", "their ", "its ", "")
        for kind in ("", "moving ", "simple moving ")
        for ending in ("", "s")
    ]
    chinese = [f"{word}{sessions}日均线" for word in ("高于", "站上")]
    return [*english, f"above sma{sessions}", *chinese, f"{sessions}日均线上方", f"{sessions}日均线之上"]


def breadth_measures() -> list[Measure]:
    of = _breadth_measure
    return [
        *_moving_average_measures(),
        of("members", "stocks", 0, ("", ""), "成分股数"),
        of("eligible", "stocks", 0, ("", "")),
        of("advances", "stocks", 0, _ELIGIBLE, "advancers", "advancing stocks", "stocks that rose", "上涨家数"),
        of("declines", "stocks", 0, _ELIGIBLE, "decliners", "declining stocks", "stocks that fell", "下跌家数"),
        of("unchanged", "stocks", 0, _ELIGIBLE, "unchanged stocks", "平盘家数"),
        of("advance_share", "share", 4, _ELIGIBLE, "share of advancers", "advancing share", "上涨占比", "上涨比例"),
        of("ad_line", "stocks", 0, ("", ""), "advance-decline line", "A/D line", "腾落线"),
        of("mcclellan_oscillator", "", 2, ("", ""), "McClellan oscillator", "McClellan", "麦克莱伦振荡指标"),
        of(
            "mcclellan_summation",
            "",
            2,
            ("", ""),
            "McClellan summation",
            "McClellan summation index",
            "麦克莱伦求和指数",
        ),
        of(
            "new_highs_52w",
            "stocks",
            0,
            ("range_52w_members", "members"),
            "new highs",
            "52-week highs",
            "创52周新高",
            "创新高家数",
        ),
        of(
            "new_lows_52w",
            "stocks",
            0,
            ("range_52w_members", "members"),
            "new lows",
            "52-week lows",
            "创52周新低",
            "创新低家数",
        ),
        of("trin", "ratio", 2, _ELIGIBLE, "arms index", "阿姆氏指标"),
        of(
            "return_equal_weight_pct",
            "pct",
            2,
            _ELIGIBLE,
            "equal-weight return",
            "等权涨跌幅",
            id_="return_equal_weight",
        ),
        of(
            "return_cap_weight_pct", "pct", 2, _ELIGIBLE, "cap-weight return", "市值加权涨跌幅", id_="return_cap_weight"
        ),
    ]


def flow_measures() -> list[Measure]:
    flows = "marts.flows_by_cap_band"
    coverage = ("eligible_with_volume", "members")
    signed = Place(flows, "signed_volume_flow_usd", "cap_band", coverage)
    cmf = Place(flows, "cmf", "cap_band", ("cmf_members", "members"))
    return [
        Measure(
            "signed_volume_flow",
            "usd",
            0,
            {UNIVERSE: signed},
            ("signed_volume_flow", "signed volume flow", "money flow", "资金流向"),
        ),
        Measure("cmf", "", 3, {UNIVERSE: cmf}, ("cmf", "chaikin money flow", "佳庆资金流")),
    ]
