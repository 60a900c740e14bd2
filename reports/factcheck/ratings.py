"""What a claim says of a rating besides its target: the firm's action and its grade, held against a rating of the warehouse."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date

from reports.figures.question import normalise_text
from warehouse.grades import GRADES

ACTION, GRADE = "action", "grade"
_ACTIONS: tuple[tuple[str, re.Pattern[str]], ...] = (
    (
        "up",
        re.compile(
            r"\bupgrad\w+|\b(raised|lifted|boosted)\b(?!\s+(its |the |their )?(price )?target)|上调(?!了?(其|该股|公司)?目标)",
            re.I,
        ),
    ),
    (
        "down",
        re.compile(
            r"\bdowngrad\w+|\b(lowered|cut)\b(?!\s+(its |the |their )?(price )?target)|下调(?!了?(其|该股|公司)?目标)",
            re.I,
        ),
    ),
    ("reiterated", re.compile(r"\b(reiterat\w+|maintain\w*|kept|keeps|reaffirm\w*|affirmed)\b|维持|重申", re.I)),
    ("initiated", re.compile(r"\binitiat\w+|\bstarted\b|首次(覆盖|评级|给予)", re.I)),
)
_ZH_GRADES = {
    "强力买入": "strong_buy",
    "买入": "buy",
    "增持": "buy",
    "跑赢": "buy",
    "持有": "hold",
    "中性": "hold",
    "减持": "sell",
    "卖出": "sell",
}
# a grade is written with a capital: "to hold" is none
_GRADE_NAMES = re.compile(
    r"(?<!from )(?<![A-Za-z-])("
    + "|".join(sorted((re.escape(g) for g in GRADES), key=lambda g: (-len(g), g)))
    + r")(?![A-Za-z-])|(?<!由)(?<!从)("
    + "|".join(_ZH_GRADES)
    + ")"
)


@dataclass(frozen=True)
class Rating:
    """A firm's rating of a stock as the warehouse has it."""

    day: date
    action: str
    grade: str
    level: str
    target: float | None


def stated_parts(text: str) -> dict[str, str]:
    """The action (up, down, reiterated, initiated) and the level of the grade that a text states; '' for two that differ."""
    plain = normalise_text(text)
    actions = {name for name, cue in _ACTIONS if cue.search(plain)}
    levels = {GRADES.get(m[0]) or _ZH_GRADES[m[0]] for m in _GRADE_NAMES.finditer(plain)}
    found = {ACTION: actions, GRADE: levels}
    return {part: names.pop() if len(names) == 1 else "" for part, names in found.items() if names}


def differing_parts(stated: dict[str, str], rating: Rating) -> list[str]:
    """The parts stated that the rating refutes."""
    held = {ACTION: rating.action, GRADE: rating.level}
    return [part for part, name in stated.items() if name and name != held[part]]
