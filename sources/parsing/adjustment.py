"""Which of the splits that a vendor states its adjusted prices were never adjusted for: the step of the day says it."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from datetime import date
from fractions import Fraction
from math import log

# Below this ratio (either way) a day's own move may hide the split, so that its step has to fit closely.
SMALLEST_RATIO = 1.4
# Below this one moves are as large, and the vendor is believed.
SMALLEST_CLOSE_RATIO = 1.2
# A split may be dated some sessions beside the step that it makes; below SMALLEST_RATIO such a step may be a move.
NEAR_SESSIONS = 5
# What fits closely: within this share of the ratio's logarithm. A step beside the ex-date has to.
NEAR_MISFIT = 0.2

Split = tuple[date, Fraction]


def unapplied_splits(splits: Sequence[Split], closes: Sequence[tuple[date, float]]) -> frozenset[date]:
    """The ex-dates of the splits for which the prices before them were not adjusted.

    `splits` are (ex-date, new shares for one old share), `closes` (session, close as the vendor gives it) in order
    of time. Adjusted prices go on across a split; prices that were left as traded step by 1 / ratio there, or within
    five sessions of it where the vendor misdates the split. Without a close on each side nothing contradicts the
    vendor.
    """
    days = [day for day, _ in closes]
    return frozenset(ex for ex, ratio in splits if _is_left_as_traded(bisect_left(days, ex), ratio, closes))


def _is_left_as_traded(position: int, ratio: Fraction, closes: Sequence[tuple[date, float]]) -> bool:
    size = log(ratio)
    if abs(size) < log(SMALLEST_CLOSE_RATIO):
        return False
    if _has_price_step(position, closes):
        step = _log_step(position, closes)
        misfit = abs(step + size)
        if misfit < (abs(step) if abs(size) >= log(SMALLEST_RATIO) else NEAR_MISFIT * abs(size)):
            return True
    if abs(size) < log(SMALLEST_RATIO):
        return False
    near = range(position - NEAR_SESSIONS, position + NEAR_SESSIONS + 1)
    steps = [_log_step(other, closes) for other in near if other != position and _has_price_step(other, closes)]
    return any(abs(step + size) < NEAR_MISFIT * abs(size) for step in steps)


def _has_price_step(position: int, closes: Sequence[tuple[date, float]]) -> bool:
    return 0 < position < len(closes)


def _log_step(position: int, closes: Sequence[tuple[date, float]]) -> float:
    """The logarithm of the change from the close before to the one at `position`."""
    return log(closes[position][1] / closes[position - 1][1])
