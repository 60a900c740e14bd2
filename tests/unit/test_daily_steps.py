"""What an evening says at its end: all counts of its datasets, and each gap once."""

from __future__ import annotations

from flows.daily.steps import Outcome, gap_lines, summarise_outcomes

CAME = Outcome("securities", accepted=10_322, known=7, quarantined=2)
LACKS = Outcome("index_bars", 5, 1, 1, ["SPX is stopped", "RUT 2026-01-23: nothing"], printed=["SPX is stopped"])


def test_the_summary_counts_all_datasets() -> None:
    assert summarise_outcomes([CAME]) == (0, "10,322 new facts, 7 known, 2 rows quarantined, 0 gaps")
    assert summarise_outcomes([CAME, LACKS]) == (3, "10,327 new facts, 8 known, 3 rows quarantined, 2 gaps")


def test_a_gap_that_was_printed_when_it_was_found_is_not_printed_again() -> None:
    assert gap_lines([CAME, LACKS]) == ["gap: RUT 2026-01-23: nothing"]
