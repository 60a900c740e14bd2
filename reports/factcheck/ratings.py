"""What a claim says of a rating besides its target: the firm's action and its grade, held against a rating of the warehouse."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date

from reports.figures.question import normalise_text
from warehouse.grades import GRADES

ACTION, GRADE = "action", "grade"
_ACTIONS: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("up", re.compile(r"\bupgrad\w+", re.I)),
    ("down", re.compile(r"\bdowngrad\w+", re.I)),
    ("reiterated", re.compile(r"\b(reiterat\w+|maintain\w*|kept|keeps|reaffirm\w*|affirmed)\b|维持|重申", re.I)),
    ("initiated", re.compile(r"\binitiat\w+|\bstarted\b|首次(覆盖|评级|给予)", re.I)),
)
# what follows a verb that moves a rating: no other thing such as jobs
_RATED = (
    r"(?=\s*$|\s*[^\w\s]|\s+(?:to|from|by|at|on|again|stock|shares|rating"
    r"|(?:its|the|their) (?:\w+ )?(?:rating|recommendation|view|stock|shares)|(?-i:[A-Z]))\b|\s+(?-i:[A-Z]))"
)
# they move a rating as well as a target
_MOVES: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("up", re.compile(rf"\b(?:raise[sd]|lift(?:s|ed)|boost(?:s|ed)){_RATED}|上调", re.I)),
    ("down", re.compile(rf"\b(?:lower(?:s|ed)|cuts?){_RATED}|下调", re.I)),
)
_TARGET = re.compile(r"\btargets?\b|目标", re.I)
_CLAUSE = re.compile(r"[,;:，；：。()]|\.(?=\s|$)|\b(?:and|but|while|with)\b|[并且而]", re.I)
# the name of a company before its symbol
_NAMED = re.compile(r"(?:[A-Z][\w.&'\u2019-]*\s+)+(?=\((?:[A-Z]+:\s*)?[A-Z]{1,5}\))")
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
# before a grade: "Reiterates Buy" is one, "Best Buy" may be a company
_PART_OF_NAME = re.compile(r"\b(?!(?:Rating|Grade|Now)\b)(?!\w+(?:s|ed)\b)[A-Z][\w&'\u2019-]*\s+$")


@dataclass(frozen=True)
class Rating:
    """A firm's rating of a stock as the warehouse has it."""

    day: date
    action: str
    grade: str
    level: str
    target: float | None


def stated_parts(text: str) -> dict[str, str]:
    """The action (up, down, reiterated, initiated) and the level of the grade that a text states; '' where it is unclear."""
    plain = _NAMED.sub("", normalise_text(text))
    actions = {action for clause in _CLAUSE.split(plain) for action in _actions_of_clause(clause)}
    found = {ACTION: actions, GRADE: _levels_in(plain)}
    return {part: names.pop() if len(names) == 1 else "" for part, names in found.items() if names}


def _levels_in(text: str) -> set[str]:
    """The levels of the grades in a text; '' where all of them may be parts of names, such as Best Buy."""
    grades = list(_GRADE_NAMES.finditer(text))
    clear = [m for m in grades if not _PART_OF_NAME.search(text, 0, m.start())]
    return {GRADES.get(m[0]) or _ZH_GRADES[m[0]] for m in clear} or {"" for _ in grades}


def _actions_of_clause(clause: str) -> set[str]:
    """The actions that a clause names; '' for a verb that may be of the grade or of the target that stand beside it."""
    moves = {name for name, cue in _MOVES if cue.search(clause)}
    if moves and _TARGET.search(clause):
        moves = {""} if _GRADE_NAMES.search(clause) else set()
    return moves | {name for name, cue in _ACTIONS if cue.search(clause)}


def differing_parts(stated: dict[str, str], rating: Rating) -> list[str]:
    """The parts stated that the rating refutes."""
    held = {ACTION: rating.action, GRADE: rating.level}
    return [part for part, name in stated.items() if name and name != held[part]]
