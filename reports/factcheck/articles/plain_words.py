"""The words that may stand between a name and its figure. Any other noun or verb may be another subject or another basis."""

from __future__ import annotations

import re

# of the figure's own clause: moves, their nouns, auxiliaries, prepositions
_PLAIN_WORDS = """
    a an the its it this that's is was were are be been has have had having being of by to into at in on for from with
    and but then also as so far s than over under above below beyond more less least most no only just some up down
    about around roughly approximately approx close closes closed closing end ends ended ending finish finishes
    finished finishing settle settled settles settling open rise rises rose risen rising gain gains gained gaining add
    adds added adding climb climbs climbed climbing advance advances advanced advancing jump jumps jumped jumping
    surge surges surged surging soar soars soared soaring rally rallies rallied rallying edge edged edging inch inched
    tick ticked pop popped leap leaped leapt increase increased increases return returns returned fall falls fell
    fallen falling drop drops dropped dropping lose loses lost losing loss losses decline declines declined declining
    slide slides slid sliding slip slips slipped slipping sink sinks sank sunk sinking shed sheds shedding retreat
    retreats retreated retreating tumble tumbles tumbled tumbling plunge plunged plunges dip dips dipped ease eased
    eases higher lower move moved moves change changed changes stand stands stood standing trade traded led leads lead
    leading lag lagged trail trails trailed trailing beat beats beating ahead behind outperform outperforms
    outperformed outperforming outpaced outpacing outpace underperform underperformed underperforming recover
    recovered rebound rebounded bounce bounced reverse reversed reversing course pare pared paring erase erased shook
    slump slumped swing swung turn turned back another further again now off ground while overall index benchmark
    gauge barometer measure percent percentage point points pct pp session day days date ytd mtd trading tuesday
    wednesday monday thursday friday daily broad broader wider tech-heavy technology-heavy blue-chip small-cap
    large-cap key main major u.s us american wall street york new quiet choppy volatile calm busy light thin heavy
    shortened top leaving bringing putting taking mixed capped both little much big small sharp modest slight strong
    solid steep exact hit hits reach reached reaching touch touched level mark year-to-date month-to-date week-to-date
    so-far today today's day's notes note treasury treasuries posted posts posting extended extends extending logged
    notched recorded registered booked saw or there remain remains remained remaining still sit sits sat
"""
_PLAIN = frozenset(_PLAIN_WORDS.split())
# their own words for what is not one index
_OF_KIND = {
    "sector": frozenset(["sector", "sectors", "stocks", "stock", "shares", "group", "names", "companies"]),
    "stock": frozenset(["inc", "corp", "stock", "shares", "share", "price", "market", "cap", "capitalization", "value", "worth"]),
    "fund": frozenset(["fund", "etf", "shares"]),
}  # fmt: skip
# end in -ly as adverbs of manner do, but change what is said
_NO_MANNER_WORDS = """
    hardly rarely scarcely supposedly allegedly reportedly purportedly initially briefly temporarily previously
    formerly historically typically usually normally generally supply family july italy weekly monthly yearly
    quarterly hourly only possibly probably practically theoretically hypothetically ostensibly apparently
    cumulatively assembly
"""
_NO_MANNER = frozenset(_NO_MANNER_WORDS.split())
_WORD = re.compile(r"[A-Za-z][A-Za-z.&-]*(?:['\u2019][A-Za-z]+)?")
_HAN = re.compile(r"[\u4e00-\u9fff]")
_ZH_PLAIN = re.compile(
    "领涨|领跌|指数|股指|板块|行业|大盘|收盘|全天|交易|小幅|大幅|微幅|大涨|大跌|录得|可观|累计|上涨|下跌|上升|下滑|走高|走低|攀升|回落|回报率?|收益率"
    "|反弹|涨幅|跌幅|涨势|跌势|升幅|幅度|大约|接近|将近|左右|超过|不足|不到|不超过|至少|至多|最多|最少|高于|低于|多于|少于|跑赢|跑输|落后|领先|强于|弱于|表现|最弱|最强|居首|强劲|疲软|收复失地|失地"
    "|百分点|美元|其中|同日|当前|目前|市值|股价|公司|收报|报收|收于|收在|震荡|尾盘?收|再度|继续|略微|明显|显著|亮眼|年初|开年|伊始|美股|美国|三大|基准|[的了在是为达至约近逾超也则又亦均已微略涨跌升降收报高低点个于以仅较还并而且但和与及])"[
        :-1
    ]
)
# a basis other than the price in dollars, over the whole of the period
BASIS = re.compile(
    r"\b(includ\w+|exclud\w+|with|counting|reinvest\w*|after|before|net of) (reinvested )?"
    r"(dividends?|fees|taxes|inflation|costs)\b"
    r"|\bdividends? (included|reinvested)\b|\btotal[- ]returns?\b|\b(inflation|currency|risk)[- ]adjusted\b|\badjusted for\b"
    r"|\bin (real|nominal|local[- ]currency|constant[- ]currency|dollar|euro|yen|sterling) terms\b"
    r"|\bon average\b|\bex[- ]dividends?\b"
    r"|\b(measured |priced |expressed |denominated )?in (euros?|yen|pounds|sterling|francs|yuan"
    r"|renminbi|gold|local currency|bitcoin)\b"
    r"|\b(excluding|ex-)\b|含股息|计?入股息|含分红|股息再投资|全收益|总回报|通胀调整|扣除|剔除|不含|以[^来]\S{0,3}计|按\S{1,4}计|平均"
    r"|最后一小时|午后|盘初|尾盘|早段|开市",
    re.IGNORECASE,
)
# directly before a name, without its article and adjectives: here a clause begins, or a verb that moves what follows
_BEGINS = re.compile(
    r"(^|[,;:()\u2013\u2014\"\u201c-]|\b(and|but|as|while|whereas|although|though|because|when|where|with|after|before|nor|so|for|than|yet"
    r"|sent|push(ed|ing)|lift(ed|ing)|pull(ed|ing)|drove|driving|dragg(ed|ing)|took|taking|left|leaving|put(ting)?|saw|seen|help(ed|ing)"
    r"|boost(ed|ing)|sending|carr(ied|ying)|bringing|brought|propel(led|ling)|kept|keeping"
    r"|(said|says|noted|notes|reported|reports|showed|shows)( that)?))\s*$",
    re.IGNORECASE,
)
_DETERMINERS = re.compile(
    r"(\b(the|its|both|benchmark|broad|broader|wider|tech-heavy|technology-heavy|blue-chip|small-cap|large-cap|closely|watched|key|u\.s\."
    r"|american|all)\s+)+$",
    re.IGNORECASE,
)
_OF_ANOTHER = re.compile(
    r"\b(in|on|of|at|by|for|from|to|than|over|under|behind|trail\w*|beat\w*|out\w+|under\w+)\s*$", re.IGNORECASE
)
_ZH_BEGINS = re.compile(
    r"(^|[,;:、()]|[的和与及而令使]|带动|推动|拉动|拖累|提振|支撑|其次是|其中|但|并)\s*(美股|美国|基准|大盘|三大)?\s*$"
)
# a part of a sentence that begins so places what follows; others tell why
_PLACING = re.compile(
    r"\W*(in|on|at|by|for|over|during|through|until|within|under|without|since|from|between|not|even|per|versus|against|compared)\b",
    re.IGNORECASE,
)
# behind a figure: here its reason begins, which is free
_REASON = re.compile(
    r"\b(as|because|amid|thanks|despite|following|when|where|which|who|helped"
    r"|led|boosted|lifted|driven|dragged|weighed|ahead of|versus|vs|compared|even"
    r"|on (the )?(back|heels|hopes?|fears?|news|optimism|worries|concerns?|expectations?|signs"
    r"|strength|weakness|strong|weak|solid)"
    r"|to (?:end|close|finish) the (?:week|month|quarter|year)"
    r"|to (snap|extend|end a|cap|mark|lead|reach|hit|post|set|notch|wipe|erase|recover))\b",
    re.IGNORECASE,
)


def is_plain(text: str, kind: str = "") -> bool:
    """All words of `text`, without its names, numbers, days and periods, are ones that change neither subject nor basis."""
    for word in _WORD.findall(text):
        plain = re.sub(r"['\u2019]s$", "", word.casefold()).strip(".-&")
        if not plain or plain in _PLAIN or plain in _OF_KIND.get(kind, ()):
            continue
        if not (plain.endswith("ly") and plain not in _NO_MANNER and word.islower()):
            return False
    return not _HAN.search(_ZH_PLAIN.sub("", text))


def begins_clause(left: str) -> bool:
    """What stands between the begin of a part of a sentence and a name makes the name the subject of what follows."""
    bare = _DETERMINERS.sub("", left)
    return bool(_BEGINS.search(bare) or _ZH_BEGINS.search(left)) or (not _OF_ANOTHER.search(bare) and is_plain(left))


def without_reason(behind: str) -> str:
    """What stands behind a figure, up to the reason that the article gives for it."""
    found = _REASON.search(behind)
    return behind[: found.start()] if found else behind


def places_figure(part: str) -> bool:
    """A part of a sentence before the subject says where, when or how the figure is meant."""
    return _PLACING.match(part) is not None and not _REASON.search(part)
