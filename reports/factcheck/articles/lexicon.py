"""Words by which an article says what a number is: periods, directions, comparisons, growth, ratings. General ones, no article's own."""

from __future__ import annotations

import re


def _any_pattern(*patterns: str) -> re.Pattern[str]:
    return re.compile("|".join(patterns), re.IGNORECASE)


# the numbers of sessions over which returns are kept, in figures and in words
_COUNTS_OF_SESSIONS = {5: "5|five|五", 21: "21|twenty-one|二十一", 63: "63", 126: "126", 252: "252"}
# the period of a return, by the end of a measure's id
PERIODS: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("ytd", _any_pattern(r"\byear[- ]to[- ]date\b", r"\bytd\b", r"\b(so far )?this year\b", r"since the (start|beginning) of the year",
                 "年初至今", "今年以来", "年内", "开年以来")),
    ("mtd", _any_pattern(r"\bmonth[- ]to[- ]date\b", r"\bmtd\b", r"\bthis month\b", "月初至今", "本月以来", "本月")),
    ("qtd", _any_pattern(r"\bquarter[- ]to[- ]date\b", r"\bqtd\b", r"\b(so far )?this quarter\b", "季初至今", "本季以来")),
    ("wtd", _any_pattern(r"\bweek[- ]to[- ]date\b", r"\b(this|for the|on the) week\b", r"\bweek (?=(that )?(ended|ending)\b)", "本周(?!中|[一二三四五])", "全周")),
    *((f"{n}d", _any_pattern(rf"\b(over|in|during|for) the (past|last|previous) ({words}) (trading )?(sessions|trading days)\b",
                             rf"(过去|最近|近)的?({words})个?交易日")) for n, words in _COUNTS_OF_SESSIONS.items()),
    ("1d", _any_pattern(r"\bon the day\b", r"\btoday\b", r"\bin the session\b", r"\bon (Mon|Tues|Wednes|Thurs|Fri)day\b", "当日", "今日",
                "当天", "周[一二三四五](?!年)", "日内")),
)  # fmt: skip
# directly behind a number: "up 0.6 % for the year"; elsewhere they are of anything
_ENDS = r"\b(?!['\u2019]s| of| to come)"
PERIODS_BEHIND: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("ytd", re.compile(r"\s*(for|on) the year" + _ENDS, re.IGNORECASE)),
    ("mtd", re.compile(r"\s*(for|on) the month" + _ENDS, re.IGNORECASE)),
    ("qtd", re.compile(r"\s*(for|on) the quarter" + _ENDS, re.IGNORECASE)),
    ("wtd", re.compile(r"\s*(for|on) the week" + _ENDS, re.IGNORECASE)),
    ("1d", re.compile(r"\s*(for|on) the day" + _ENDS, re.IGNORECASE)),
)
DOWN = _any_pattern(r"\b(fell|falls?|fallen|dropp?(ed|s)?|lost|loses?|declin(ed|es?)|down|slid|slipp?(ed|s)?|sank|shed|retreat(ed|s)?|lower"
            r"|tumbl(ed|es)|plung(ed|es)|slump(ed|s)|dipp?(ed|s))\b",
            "跌", "下滑", "走低", "回落")  # fmt: skip
UP = _any_pattern(r"\b(rose|rises?|risen|gain(ed|s)?|climb(ed|s)?|up|advanc(ed|es)|add(ed|s)|jump(ed|s)?|rall(ied|ies)|higher|return(ed|s)?"
          r"|surg(ed|es)|soar(ed|s)|leap(ed|s|t))\b",
          "涨", "攀升", "走高", "回报", "上升")  # fmt: skip
# behind a number: what it is a number of
LOSS_AFTER = re.compile(
    r"\s*(的\s*(下跌|跌幅|跌势|回落|下滑)|(decline|loss|drop|fall|slide|retreat|lower(?! (?:than|from|open\w*)\b))\b)",
    re.IGNORECASE,
)
GAIN_AFTER = re.compile(
    r"\s*(的?\s*(上涨|涨幅|涨势|升幅|回报率?|收益率)|(gain|rise|advance|return|increase|rally|higher(?! (?:than|from|open\w*)\b))\b)",
    re.IGNORECASE,
)
# between a return and its bearer: "a 1.2 % gain in the S&P 500"
OF_WHAT = re.compile(
    r"\s*(gain|rise|advance|return|increase|rally|decline|loss|drop|fall|slide)s?\s+(in|for|by|of|on)\s+(the\s+)?$",
    re.IGNORECASE,
)
BEAT = _any_pattern(
    r"\boutperform(ed|s|ing)?\b",
    r"\b(beat|beats|beating)\b",
    r"\bahead of\b",
    r"\bled\b(?= the)",
    r"\boutpac(ed|es|ing)\b",
    "跑赢",
    "领先",
    "强于",
)
TRAIL = _any_pattern(
    r"\bunderperform(ed|s|ing)?\b", r"\btrail(ed|s|ing)?\b", r"\bbehind\b", r"\blagg?(ed|s|ing)?\b", "跑输", "落后"
)
CLOSED = _any_pattern(
    r"\b(closed|closes|closing|close|ended|ends|finished|settled)( the \w+)?( up| down| higher| lower)? (at|on)\b",
    r"\bto( close at| end at)?\s*$",
    "收于",
    "收报",
    "报收",
    "收盘于",
    "收在",
    "报",
)
CLOSES = _any_pattern(r"\b(closed|closing|close|ended|finished|settled)\b", "收于", "收报", "报收", "收盘")
# it is not so, in other words than "not"
DENIAL = _any_pattern(
    r"\b(has|have|had|having|is|are) yet to\b|\b(hardly|rarely|seldom|scarcely|nobody|no one|none|false|untrue)\b|\bshort of\b"
    r"|\bmiss(ed|es|ing)? (a|an|the)\b|\b(almost|nearly) (?!(?:an?|the|all|every|half|twice|double)\b)[a-z]",
    "险些", "差点", "差一点", "几乎(?=[上下]?[涨跌])", "不属实", "不实",
)  # fmt: skip
# to the end of a clause; a pair of commas sets words off within it
_OF_CLAUSE = (
    r"(?:(?!\b(?:and|but|while|although|though|because|as|after|when)\b)(?:[^,:;.，：；。]|[,.:](?=\d)"
    r"|,\s*(?:which|who|on|in|at|as|after|despite|according|made|an?|the)\b[^,:;]*,))*"
)
# what is said of the whole clause behind it, up to its end: "it is false that the index rose"
DENIED_CLAUSE = re.compile(
    r"\b(false|untrue|wrong|nobody|no one|none|not|never|few|myth|den(?:y|ies|ied)|doubts?|doubted|doubtful|disput\w+|pretend\w*)\b"
    rf"{_OF_CLAUSE}\bthat\b{_OF_CLAUSE}$|\bcontrary to\b(?:[^;.]|\.(?=\d))*$",
    re.IGNORECASE,
)
DENIED_BEHIND = re.compile(
    rf"(?:,?\s*(?:which|that|this|it|but (?:that|this))\b)?{_OF_CLAUSE}\b(?:is|was|are|were|be) (?:not true|untrue|false|wrong|incorrect|denied|disputed)\b"
    r"|[^,.;。]{0,12}(?:不实|不属实|有误|不准确|谣言|传言)",
    re.IGNORECASE,
)
# what is claimed without a figure: streaks, records, superlatives, none at all
UNCOUNTED = _any_pattern(
    r"\b(?:(?:first|second|third|fourth|fifth|sixth|seventh|eighth|ninth|tenth|\d+(?:st|nd|rd|th)|two|three|four|five|six|seven|eight|nine"
    r"|ten)[- ](?:straight|consecutive)\b[^,.;]{0,20}?(?=[,.;]|$| of| and| to| for| on)"
    r"|(?:an? |its |another |the )?(?:all[- ]time|record)[- ](?:high|low|close|closing high|peak)\b"
    r"|(?:best|worst|biggest|largest|smallest|steepest|sharpest|highest|lowest|longest) [^,.;]{0,30}?\b(?:since|of the year|in (?:\d+|an?|\w+)"
    r" (?:days|weeks|months|years))\b[^,.;]*"
    r"|\w+-(?:day|session|week|month) (?:winning|losing) (?:streak|run)|[a-z]+ (?:days|sessions|weeks|months) in a row"
    r"|(?:no|zero) (?:new |52-week )*(?:highs|lows)\b)",
    "连续?[一二两三四五六七八九十]+[个]?(?:日|周|月|交易日|连?[阳阴])", "连[涨跌][一二两三四五六七八九十]+[日周月]|[两三四五六七八九十]连[涨跌阳阴]", "(?:历史|阶段|年内)新[高低]",
    "(?:以来|年内)(?:最[大差好高低佳]|新[高低])[^,。;]{0,8}",
)  # fmt: skip
FORECAST = _any_pattern(
    r"\b(expects?|expected|forecasts?|projects?|projected|predicts?|estimates?|will|sees|outlook)\b",
    "预计",
    "预测",
    "预期",
    "将",
    "展望",
)
RATE = _any_pattern(
    r"\b(federal funds|fed funds|policy) rate\b", r"\binterest rates?\b", "联邦基金利率", "政策利率", "利率"
)
GDP = _any_pattern(r"(?<![A-Za-z])GDP(?![A-Za-z])", "国内生产总值")
SCORE = _any_pattern(r"\bscores?\b", r"\bscored\b", "得分", "评分")
SALES = _any_pattern(r"\b(sales|revenues?)\b", "销售额", "营收", "营业收入", "收入")
EARNINGS = _any_pattern(r"(?<![A-Za-z])(earnings|EPS|profits?)(?![A-Za-z])", "每股收益", "收益增长", "盈利", "净利润")
GROWTH = _any_pattern(r"\bgrowth\b", r"\bgr[eo]wn?\b", "增长", "增速", "增幅")
THREE_YEARS = _any_pattern(r"\b(three|3)[- ]years?\b", "过去三年", "近三年", "三年", "3年")
ONE_YEAR = _any_pattern(
    r"\b(past|last|one|1)[- ]year\b",
    r"\bover (a|one) year\b",
    r"\byear[- ]over[- ]year\b",
    "过去一年",
    "近一年",
    "一年",
    "同比",
)
MARKET_CAP = _any_pattern(r"\bmarket (cap|capitali[sz]ation|value)\b", "市值")
TARGET = _any_pattern(r"\b(price )?targets?\b", "目标价")
TIMES = _any_pattern(r"\b(only|just)\b", r"\bhappened\b", r"\boccurred\b", "出现过?", "发生过?", "仅", "只有")
RANGE = re.compile(r"(至|到|-|–|\bto\b|\band\b)\s*\$?$", re.IGNORECASE)
FLOWS = _any_pattern(r"\binflows?\b", r"\bmoney flows?\b", r"\bnet (buying|flows?)\b", "流入", "流向", "资金")

# Research houses: as the lake spells them, and as papers do.
_FIRMS: dict[str, tuple[str, ...]] = {
    "Deutsche Bank": ("德意志银行", "德银"), "TD Cowen": ("TD考恩", "道明考恩"), "JPMorgan": ("JP Morgan", "J.P. Morgan", "摩根大通", "小摩"),
    "Goldman Sachs": ("Goldman", "高盛"), "Morgan Stanley": ("摩根士丹利", "大摩"), "Bank of America": ("BofA", "BofA Securities", "美国银行", "美银"),
    "Citigroup": ("Citi", "花旗", "花旗集团"), "UBS": ("瑞银",), "Barclays": ("巴克莱",), "Wells Fargo": ("富国银行", "富国"), "Jefferies": ("杰富瑞",),
    "Evercore ISI": ("Evercore", "Evercore"), "Bernstein": ("伯恩斯坦",), "RBC Capital": ("RBC", "RBC Capital Markets", "加拿大皇家银行"), "HSBC": ("汇丰",),
    "Piper Sandler": ("派珀桑德勒",), "Raymond James": ("雷蒙德詹姆斯",), "Stifel": ("斯蒂费尔",), "Mizuho": ("瑞穗",), "KeyBanc": ("KeyBanc Capital Markets",),
    "Oppenheimer": ("奥本海默",), "Needham": (), "Wedbush": ("韦德布什",), "BMO Capital": ("BMO", "BMO Capital Markets"), "Truist": ("Truist Securities",),
    "Nomura": ("野村",), "BNP Paribas": ("法国巴黎银行",), "Societe Generale": ("法国兴业银行",), "Susquehanna": (), "Rosenblatt": (),
}  # fmt: skip
FIRMS = {spelling.casefold(): firm for firm, others in _FIRMS.items() for spelling in (firm, *others)}
FIRM = re.compile(
    "|".join(
        (rf"(?<![A-Za-z]){re.escape(name)}(?![A-Za-z])" if name.isascii() else re.escape(name))
        for name in sorted(FIRMS, key=lambda n: (-len(n), n))
    ),
    re.IGNORECASE,
)
TICKER = re.compile(r"[（(](?:(?:NYSE|NASDAQ|Nasdaq|AMEX)\s*[:：]\s*)?([A-Z]{1,5}(?:[./][A-Z])?)[)）]")
