"""The lines of an article: headings and column heads say of which time the figures below them are."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from reports.factcheck.articles import lexicon
from reports.factcheck.articles.companies import NO_COMPANIES, Companies
from reports.factcheck.articles.dateline import HEAD_LINES, dateline_of
from reports.factcheck.articles.days import Day, find_days, one_day
from reports.factcheck.articles.doubts import names_another_time
from reports.factcheck.articles.numbers import MONTH
from reports.factcheck.articles.pairs import split_pairs
from reports.factcheck.articles.periods import last_period_named
from reports.factcheck.articles.sentences import Sentence, parse_sentence, split_sentences
from reports.figures.question import normalise_text

_HEADING_WORDS, _HEADING_CHARACTERS = 8, 60
# a headline tells something; a heading of time has few words
_MOST_WORDS = 6
_RULE = re.compile(r"[\s|:+=-]+")
_CELL = re.compile(r"\s*[+-]?\$?\d[\d.,]*\s*(%|points|点)?\s*")
# a period as a heading or a column head has it, where a sentence needs more words
_BARE_PERIODS: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("ytd", re.compile(r"\bytd\b|\byear[- ]to[- ]date\b|\bthis year\b|今年以来|年初至今|年内", re.IGNORECASE)),
    ("mtd", re.compile(r"\bmtd\b|(?<!\d[ -])(?<!\d)\bmonth(ly)?\b|本月", re.IGNORECASE)),
    ("wtd", re.compile(r"\bwtd\b|(?<!\d[ -])(?<!\d)\bweek(ly)?\b|本周|一周|周涨跌幅", re.IGNORECASE)),
    ("1d", re.compile(r"\b(1[- ]?d(ay)?|today|day|daily)\b|当日|今日|日涨跌幅", re.IGNORECASE)),
)
_OF_NO_TIME = re.compile(
    r"\s*(%|pct|percent|index|name|change|chg\.?|move|return|net|[% ()/]|指数|名称|涨跌幅?|涨幅)*\s*", re.IGNORECASE
)
_LEVEL = re.compile(r"\s*(close|closing (level|price)|last|level|收盘价?|点位|收盘点位)\s*", re.IGNORECASE)
_OTHER = re.compile(
    rf"\bQ[1-4]\b|\b(quarter|year|annual|half|decade)|(19|20)\d\d(?!\d)|\b{MONTH}(?!\s*\d)|季度|全年|月度",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Scope:
    """The time of what stands below a heading: a period, a day, or another time than the session's."""

    period: str = ""
    day: Day | None = None
    is_other_time: bool = False


def split_article(text: str, companies: Companies = NO_COMPANIES) -> Iterator[tuple[int, Scope, Sentence]]:
    """The sentences of an article, each with the number of its paragraph and the scope of the heading or column over it.

    A heading itself is no sentence. A cell of a table is one, behind the first cell of its row.
    """
    scope, rank, number, at, is_head = Scope(), 0, 0, 0, True
    lines = normalise_text(text).split("\n")
    while at < len(lines):
        number += 1
        table = _table_from(lines[at:])
        if table:
            for cell_scope, sentence in _cells_of_table(table, scope):
                number += 1
                yield number, cell_scope, sentence
            at += len(table)
            continue
        if _is_heading(lines[at]):
            scope, rank = _scope_under(lines[at], scope, rank)
        else:
            dateline = dateline_of(lines[at], not any(map(str.strip, lines[:at]))) if is_head else ""
            is_head = is_head and not dateline and at < HEAD_LINES
            sentences = split_sentences(lines[at][len(dateline) :], companies)
            yield from ((number, scope, one) for _, whole in sentences for one in split_pairs(whole))
        at += 1


def scope_of_heading(text: str) -> Scope:
    """The time that a heading or a column head names; none for one that names no time, or tells more than a time."""
    sentence = parse_sentence(text.strip(" #*|:\t-"))
    day = one_day([one.day for one in find_days(sentence.text)])
    rest = sentence.text
    for one in reversed(find_days(rest)):
        rest = rest[: one.start] + " " + rest[one.end :]
    period = last_period_named(sentence) if day is None else ""
    period = period or next((name for name, cue in _BARE_PERIODS if cue.search(rest)), "")
    is_other = names_another_time(sentence) or lexicon.FORECAST.search(rest) or (not period and _OTHER.search(rest))
    if not (day or period or is_other):
        return Scope()
    tells = lexicon.UP.search(rest) or lexicon.DOWN.search(rest)
    if tells or len(re.findall(r"[A-Za-z']{2,}", rest)) > _MOST_WORDS:
        return Scope()
    return Scope(is_other_time=True) if is_other else Scope(period, day)


def _scope_under(line: str, over: Scope, rank: int) -> tuple[Scope, int]:
    """The scope below a heading, with the rank of the heading that gave it. One without a time leaves a period unclear."""
    own, own_rank = scope_of_heading(line), len(line) - len(line.lstrip("#"))
    if own != Scope() or 0 < own_rank <= rank:
        return own, own_rank
    return (Scope(is_other_time=True) if over.period or over.is_other_time else over), rank


def _is_heading(line: str) -> bool:
    plain = line.strip(" #*|:\t-")
    if not plain or len(plain) > _HEADING_CHARACTERS or re.search(r"[.!?;。]$", plain) or parse_sentence(plain).numbers:
        return False
    return len(plain.split()) <= _HEADING_WORDS


def _table_from(lines: Sequence[str]) -> list[str]:
    """The lines at the begin that are a table: a head without figures, and rows of as many cells, all figures but the first."""
    for mark in ("|", "\t", ","):
        rows = []
        for line in lines:
            if not (mark in line and len(_cells(line, mark)) == len(_cells(lines[0], mark)) > 1):
                break
            rows.append(line)
        body = [_cells(line, mark) for line in rows[1:] if not _RULE.fullmatch(line)]
        is_head = not any(map(_CELL.fullmatch, _cells(lines[0], mark)))
        if body and is_head and all(any(map(_CELL.fullmatch, row[1:])) for row in body):
            return rows
    return []


def _cells(line: str, mark: str) -> list[str]:
    inner = line.strip().strip("|") if mark == "|" else line
    parts = re.split(r",(?!\d{3}(?!\d))", inner) if mark == "," else inner.split(mark)
    return [part.strip(' *\r"') for part in parts]


def _cells_of_table(table: Sequence[str], over: Scope) -> Iterator[tuple[Scope, Sentence]]:
    mark = next(m for m in ("|", "\t", ",") if m in table[0])
    heads = _cells(table[0], mark)
    for line in table[1:]:
        name, *cells = _cells(line, mark)
        for head, cell in zip(heads[1:], cells, strict=True):
            if _RULE.fullmatch(line) or not cell:
                continue
            between = " closed at " if _LEVEL.fullmatch(head) else " "
            yield _scope_of_column(head, over), parse_sentence(f"{name}{between}{cell}")


def _scope_of_column(head: str, over: Scope) -> Scope:
    if _OF_NO_TIME.fullmatch(head) or _LEVEL.fullmatch(head):
        return over
    own = scope_of_heading(head)
    if own == Scope() or own.is_other_time:
        return Scope(is_other_time=True)
    return own if own.day else replace(own, day=over.day)
