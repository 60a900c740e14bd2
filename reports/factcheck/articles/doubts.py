"""Words that make a number another thing than a figure of the day: other periods, denials, conditions, derivatives.

A number in doubt is left for a person to place. The rules rather doubt one figure too many than invent one.
"""

from __future__ import annotations

import re

from reports.factcheck.articles import lexicon
from reports.factcheck.articles.breadth import counts_in_words
from reports.factcheck.articles.extremes import METRICS, phrases_of_extremes
from reports.factcheck.articles.numbers import Number
from reports.factcheck.articles.periods import day_named, find_periods
from reports.factcheck.articles.sentences import Sentence

_MONTH = "(?:January|February|March|April|May|June|July|August|September|October|November|December)"
# "23 January 2026" is a date
_NOT_BEHIND_MONTH = "".join(rf"(?<!{month} )" for month in _MONTH[3:-1].split("|"))
_COUNT = r"(?:\d+|an?|one|two|three|four|five|six|seven|eight|nine|ten|twelve|several|few|couple of)"
_UNIT = r"(?:trading )?(?:day|session|week|month|quarter|year|decade)s?"


def _any_pattern(*patterns: str) -> re.Pattern[str]:
    return re.compile("|".join(patterns), re.IGNORECASE)


# another time than the session, for levels as for returns
_OTHER_TIME = _any_pattern(
    r"\b(last|next|following|previous|prior|preceding|coming|past|earlier)\s+(?:\w+\s+){0,2}?" + _UNIT + r"\b",
    r"\b(last|next)\s+(Mon|Tues|Wednes|Thurs|Fri)day\b",
    r"\bthe (day|session|week|month|year) (before|earlier|after|following)\b",
    r"\ba (day|session|week|month|year) (ago|earlier|before)\b",
    r"\b(yesterday|tomorrow|overnight|intraday|pre-?market|after[- ]hours)\b",
    r"\b(before|until|prior to) \w+day['\u2019]s [+-]?\d",
    r"\bat (one|its) (point|high|low|peak|best|worst)\b",
    # a year that is no part of a date or of a name
    r"(?<!Russell )(?<!罗素)(?<!\d, )(?<![a-z.] \d )(?<![a-z.] \d\d )(?<![\d.,$/-])"
    + _NOT_BEHIND_MONTH
    + r"(19|20)\d\d(?![\d-]|[.,]\d|\s*(年|%|points?|点|美元|指数))",
    "从[^,，]{1,12}[到至]",
    r"\b(in|for|during|through|throughout) (early |late |mid-?)?" + _MONTH + r"\b(?!\s+\d{1,2}\b)",
    r"\b(in|for|during) (the )?(first|second|third|fourth|Q[1-4])\b", r"\bsince\b(?! the (start|beginning) of the year)",
    r"\b(from|between) (its|the|" + _MONTH + r")\b",
    r"上(周|星期|月|季|半年|一?年|个月|个?季度)", r"下(周|星期|月|季|一年|个月|个?季度)",
    "去年|前年|明年|昨[日天]|前[日天]|前一",
    r"\b(midday|noon|mid-?session|mid-?morning|earlier|early trading|at the open(ing)?)\b", "午盘|早盘|午间|开盘|一度",
    r"连续[一二两三四五六七八九十\d]+\s*个?(日|天|周|月|年|交易日)",
    "上一?个?交易日|次日|隔夜|盘中|盘前|盘后",
    r"(19|20)\d\d年(?!\s*\d{1,2}月\s*\d{1,2}日|初至今)",
    r"(?<!\d)\d{1,2}月(?!\s*\d{1,2}\s*日)(份|以来|全月|内|中|上旬|下旬|底|初)?",
    "第[一二三四]季度?|[上下]半年",
    "(?<!今年)(?<!开年)(?<!年初)(?<!本月)(?<!本周)(?<!本季)(?<!当日)以来",
)  # fmt: skip
# a stretch of time that is no period of the measures, for returns
_SPAN = _any_pattern(
    r"\b" + _COUNT + r"[- ]" + _UNIT + r"\b(?![- ]*(yields?|treasur\w*|notes?|bonds?|bills?|averages?"
    r"|moving|highs?|lows?|line))",
    r"\b(annuali[sz]ed|annually|on average|per (year|annum))\b",
    r"\b(year[- ]over[- ]year|year[- ]on[- ]year|quarterly|monthly|long[- ]term)\b",
    r"\b((?<!this )quarter|half|decade)\b(?! to date)",
    r"(过去|最近|近|连续|累计)?[一二两三四五六七八九十\d]+\s*个?(年|月|周|天|交易日|季度)(?!\s*期|\s*\d|美债|国债|[一二三四五六日初])",
    "年化|平均每年|年均|同比|环比|本季度?|历年",
)  # fmt: skip
_CONDITION = _any_pattern(
    r"\b(if|unless|suppos(e|ing)|assum(e|ing)|in case|were to)\b",
    "是否|如果|倘若|假如|假设|假使|若(?!干)|一旦|要是|除非",
)
_MODAL = _any_pattern(
    r"\b(would|could|might|should|(?-i:may)|can|cannot|likely|poised|set to)\b",
    r"\b(on track|aims?|hopes?|wants?|needs?|has to|have to)\b",
    r"\b(bets?|risks?|odds|chance|scenario)\b",
    "可能|或许|有望|也许|恐(?=将|会|怕|[上下]?[涨跌])|料(?=将|会|[上下]?[涨跌])|或(?=[上下]?[涨跌])",
    "将(?=.{0,6}?[涨跌升降达至])|会(?=.{0,4}?[涨跌升降])",
)  # fmt: skip
_FORECAST_BEHIND = _any_pattern(
    r",\s*[^,]*\b(expects?|forecasts?|predicts?|projects?|estimates?|says? in a forecast)\b"
)
_DENIAL = _any_pattern(
    r"\bno (stocks?|sectors?|index|indices|members?|one)\b",
    r"\b(not(?! only| just)|never|without|fail(s|ed|ing)? to|unable to|neither|nor|denied|rather than|instead of|short of)\b",
    r"n['\u2019]t\b", "未能|没有|没能|并未|未曾|不曾|从未|尚未|并非|不是|无法|而非|未(?=[涨跌上下收录触])|否认",
)  # fmt: skip
# behind the name of an index, a sector or a stock: what is no such thing itself
_DERIVED = re.compile(
    r"\s*(?:index|sector|指数|板块|行业|股指)?(?:'s|\u2019s)?\s*"
    r"(?:forward|operating|corporate|e-?mini|mini|micro|select sector(?: SPDR)?|迷你|股指)?\s*"
    r"(?:futures?|ETFs?|options?|contracts?|(?:index )?funds?|trackers?|swaps?|warrants?"
    r"|earnings|profits?|sales|revenues?|dividends?"
    r"|(?:price )?targets?|forecasts?|estimates?|price[sd]?\b|costs?|spending|exports?|imports?|output|demand"
    r"|equal[- ]weight\w*|growth"
    r"|value|transport\w*|biotech\w*|volatility|volume|turnover|weight\w*|P/E|valuations?|bulls?\b|bears?\b"
    r"|期货|期权|ETF|基金|合约|掉期|目标|预测|预期|预估|盈利|利润|营收|股息|价格|成本|支出|出口|进口"
    r"|产量|需求|等权|成长|价值|波动率|成交|权重|估值|市盈率)",
    re.IGNORECASE,
)
_DERIVED_BEFORE = re.compile(
    r"(\b(futures?|options?|ETFs?|funds?|contracts?|products?)\s+(on|for|tracking|tied to|linked to|that tracks?|of)\s+(the\s+)?"
    r"|(跟踪|追踪|挂钩)|\b(equal[- ]weight(ed)?|leveraged|inverse|ultra|short|implied)\s+(the\s+)?)$",
    re.IGNORECASE,
)
# directly before a number: what was before, an end of a range, an extreme of the session
_FORMER = re.compile(
    r"(\b(from|between|as (much|high|low|many|little) as)\s*(its |a |an |the |about |around )?\$?|\bbetween [^,;]{1,20}\band \$?"
    r"|[由从]|最[多高低]?[涨跌升降]?(至|达|了)?|一度[涨跌升降]?(至|达|逾|超)?)\s*$",
    re.IGNORECASE,
)
# a move is taken back or grows, the number is of the move before or of another stretch
_TAKEN_BACK = _any_pattern(
    r"\b(trim(s|med|ming)?|par(es?|ed|ing)|eras(es?|ed|ing)|revers(es?|ed|ing)|narrow(s|ed|ing)?|recover(s|ed|ing)?|recoup(s|ed|ing)?"
    r"|extend(s|ed|ing)?|widen(s|ed|ing)?|wip(es?|ed|ing) out)\b",
    r"\b(weekly|yearly|annual) (gain|loss|rise|drop|advance|decline|return)\b", "收窄|收复|抹去|回吐|扩大(至|到)",
)  # fmt: skip
# what follows is the end of the day: "reversed course and rose", "pared its losses but closed down"
_AFTER_ALL = re.compile(r"\b(?:and|but|before|to (?:close|end|finish))\b|收(?=[涨跌于报])", re.IGNORECASE)
_TO_A_LEVEL = re.compile(r"\s*(to|至|到)\s*\$?\d", re.IGNORECASE)
# a difference, or a move that did not last
_COMPARED_BEHIND = re.compile(
    r"\s*(more|less|better|worse|higher|lower|faster|above|below|away) (than|its|the|from)\b", re.IGNORECASE
)
# what is so on each day, or as a rule: "0.5 % daily", "0.5 %, the typical move"
_AS_A_RULE = re.compile(
    r"\s*(?:daily\b(?!\s+[a-z])|,?\s*(?:the|its|a|an)\s+(?:typical|usual|normal|average|median|mean)\b)", re.IGNORECASE
)
_VERB_TO = re.compile(r"(\w+) to (?:(?:a|about|nearly|around|almost) )?$", re.IGNORECASE)
_NOT_LASTING = re.compile(r"[^,;]*\bbefore [a-z]+ing\b", re.IGNORECASE)
# "3 to 1", 3:1 is neither of the two counts
_RATIO_BEHIND = re.compile(r"\s*(?:-?to-?|:|比)\s*\d", re.IGNORECASE)
_RATIO_BEFORE = re.compile(r"\d\s*(?:-?to-?|:|比)\s*$", re.IGNORECASE)
# what a sentence opens with: the whole of it is of a time before
_OPENS_BEFORE = re.compile(
    r"\W*(?:before|until|prior to)\b[^,;]*['\u2019]s\s+[+-]?\d[^,;]*(?:,\d[^,;]*)*,(?!.*(?:;|\bbut\b|\bnow\b))",
    re.IGNORECASE,
)
_EQUAL_WEIGHT = _any_pattern(r"\bequal[- ]weight", "等权")
# characters before a number in which its clause begins
_REACH = 200
_OF_A_PERIOD = ("return_", "spread_", "change_points", "outperformance")


def names_another_time(s: Sentence) -> bool:
    """The sentence speaks of another time or stretch than those of the measures."""
    return bool(_OTHER_TIME.search(s.text) or _SPAN.search(s.text))


def is_in_doubt(s: Sentence, n: Number, kind: str, metric: str) -> bool:
    """The words around the number make it no plain figure of a session. `kind` and `metric` are what it would be."""
    head, clause = s.text[: n.start], s.clause_around(n.start)
    at = s.text.rfind(clause, 0, n.start + len(clause))
    before, behind = s.text[max(at, 0) : n.start], s.text[n.end : max(at, 0) + len(clause)]
    if kind == "forecast":
        return False
    if s.text.rstrip().endswith("?") or _CONDITION.search(head) or _is_denied(s, n, before):
        return True
    if kind != "number" or "score" in metric or "growth" in metric:
        return False
    is_count = n.start in counts_in_words(s)
    if _OPENS_BEFORE.match(head):
        return True
    if _FORMER.search(head) or (
        not is_count and _TO_A_LEVEL.match(s.text, n.end) and not metric.startswith(_OF_A_PERIOD)
    ):
        return True
    if not (is_count or metric.startswith((*_OF_A_PERIOD, "close"))) and (
        _RATIO_BEHIND.match(s.text, n.end) or _RATIO_BEFORE.search(head)
    ):
        return True
    behind_return = (_COMPARED_BEHIND, _NOT_LASTING, _AS_A_RULE)
    if metric.startswith(("return_", "change_points")) and any(cue.match(s.text, n.end) for cue in behind_return):
        return True
    if metric.startswith("return_") and _is_moved_to(head):
        return True
    if metric.startswith(_OF_A_PERIOD) and _TAKEN_BACK.search(_AFTER_ALL.split(before)[-1]):
        return True
    if _MODAL.search(before) or lexicon.FORECAST.search(before) or _FORECAST_BEHIND.match(s.text, n.end):
        return True
    return _is_derived_number(s, n) or _is_of_another_time(s, n, head, before, behind, metric)


def _is_moved_to(head: str) -> bool:
    """The number is where a move led, and no size of it: 'surged to 5.1 %'."""
    found = _VERB_TO.search(head)
    return found is not None and any(cue.fullmatch(found[1]) for cue in (lexicon.UP, lexicon.DOWN))


def _is_denied(s: Sentence, n: Number, before: str) -> bool:
    of_clause = lexicon.DENIED_CLAUSE.search(s.text[max(0, n.start - _REACH) : n.start]) or lexicon.DENIED_BEHIND.match(
        s.text, n.end
    )
    return of_clause is not None or any(cue.search(before) for cue in (_DENIAL, lexicon.DENIAL))


def _is_of_another_time(s: Sentence, n: Number, head: str, before: str, behind: str, metric: str) -> bool:
    """A clause that names its own day or period stands alone; else what the sentence said before counts too."""
    own = any(cue.search(before) or cue.search(behind) for _, cue in lexicon.PERIODS)
    scope = (before, behind) if own or day_named(s, n) is not None else (head, behind)
    cues = (_OTHER_TIME, _SPAN) if metric.startswith(_OF_A_PERIOD) else (_OTHER_TIME,)
    spans = _spans_of_metric(s, metric)
    return any(cue.search(part) for cue in cues for part in (_without(s, part, spans) for part in scope))


def _spans_of_metric(s: Sentence, metric: str) -> list[tuple[int, int]]:
    """Where the words stand that name the very stretch of a measure: they make it no other time."""
    if metric in METRICS:
        return phrases_of_extremes(s)
    is_return = metric.startswith("return_")
    return [
        (one.start, one.end) for one in find_periods(s) if is_return and one.value == metric.removeprefix("return_")
    ]


def _without(s: Sentence, part: str, spans: list[tuple[int, int]]) -> str:
    for start, end in spans:
        part = part.replace(s.text[start:end], " ")
    return part


def _is_derived_number(s: Sentence, n: Number) -> bool:
    clause_of = [m for m in s.names if m.end <= n.start][-1:] + [m for m in s.names if m.start >= n.end][:1]
    in_reach = [m for m in clause_of if m.end <= n.start or s.name_after(n) is m]
    last = max((m.end for m in clause_of if m.end <= n.start), default=n.start)
    return bool(_EQUAL_WEIGHT.search(s.text, last, n.start)) or any(
        _DERIVED.match(s.text, m.end) or _DERIVED_BEFORE.search(s.text[max(0, m.start - 30) : m.start])
        for m in in_reach
    )
