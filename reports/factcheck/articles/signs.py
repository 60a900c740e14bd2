"""Which way a number of a sentence moved, by its sign or by the words around it."""

from __future__ import annotations

from reports.factcheck.articles import lexicon as words
from reports.factcheck.articles.moves import same_move_before
from reports.factcheck.articles.numbers import Number
from reports.factcheck.articles.sentences import Sentence


def is_in_list(s: Sentence, n: Number) -> bool:
    """One of a list of returns: 'and the Nasdaq 1.8 %', 'Technology (1.10 %)'; the first of the list says the direction."""
    at = s.numbers.index(n)
    gap = s.words_before_number(n).strip(" (（:：的")
    return at > 0 and s.numbers[at - 1].unit == n.unit and gap in ("", "'s", "\u2019s", "by", "为", "涨幅为")


def signed_number(s: Sentence, n: Number) -> str:
    """The value of a number with the sign that the words around it give it."""
    if n.is_signed or n.value.startswith("-"):
        return n.value
    behind = s.text[n.end :]
    if words.LOSS_AFTER.match(behind):
        return f"-{n.value}"
    if words.GAIN_AFTER.match(behind):
        return n.value
    if same := same_move_before(s, n):
        return f"-{n.value}" if signed_number(s, same).startswith("-") else n.value
    gap = s.words_before_number(n)
    downs = [m.end() for m in words.DOWN.finditer(gap)]
    ups = [m.end() for m in words.UP.finditer(gap)]
    if not downs and not ups and is_in_list(s, n):
        # of a list the first says the direction
        first = signed_number(s, s.numbers[s.numbers.index(n) - 1])
        return f"-{n.value}" if first.startswith("-") else n.value
    return f"-{n.value}" if downs and max(downs) > max(ups, default=-1) else n.value
