"""Which day and which period a figure of an article takes: those of its own part of the sentence, else none."""

from __future__ import annotations

import csv
import io
from datetime import date
from pathlib import Path

import pytest

from flows import cli
from reports.factcheck.articles.article import find_claims, to_claims_csv
from reports.factcheck.articles.days import Day

SESSION = date(2026, 11, 25)
# what follows "The S&P 500 " -> metric, day and value of each row; () where it is unplaced
OF_DAYS: tuple[tuple[str, list[tuple[str, ...]]], ...] = (
    # a date beats its weekday, and must be one
    ("rose 0.6% on Wednesday, Nov. 18, 2026.", [("return_1d", "2026-11-18", "0.6")]),
    ("fell 0.6% on Friday, Nov. 13.", [("return_1d", "2026-11-13", "-0.6")]),
    ("rose 0.6% on Nov. 18, a Wednesday.", [("return_1d", "2026-11-18", "0.6")]),
    ("closed at 6,002.8 on Wednesday (Nov. 18).", [("close", "2026-11-18", "6002.8")]),
    ("rose 0.6% on Monday, Nov. 18.", [()]),
    # days written otherwise
    ("rose 0.6% on 11/18/2026.", [("return_1d", "2026-11-18", "0.6")]),
    ("rose 0.6% on 24.11.2026.", [("return_1d", "2026-11-24", "0.6")]),
    ("rose 0.6% on 11/10/2026.", [()]),
    ("rose 0.6% on the 24th.", [("return_1d", "2026-11-24", "0.6")]),
    ("rose 0.6% on Tues.", [("return_1d", "2026-11-24", "0.6")]),
    # the day of another figure is not its own
    (
        "fell 1.2% following Tuesday's 0.6% gain.",
        [("return_1d", "2026-11-25", "-1.2"), ("return_1d", "2026-11-24", "0.6")],
    ),
    (
        "fell 1.2%, adding to Tuesday's 0.6% loss.",
        [("return_1d", "2026-11-25", "-1.2"), ("return_1d", "2026-11-24", "-0.6")],
    ),
    ("was up 6.1% this year before Tuesday's 0.6% drop.", [(), ()]),
    ("and others fell. Before Tuesday's 0.6% drop, the Dow was up 6.1% this year.", [(), ()]),
    # of two days it is of neither
    ("fell 0.6% on Monday and Tuesday.", [()]),
    ("fell 0.6% on both Monday and Wednesday.", [()]),
    ("fell 0.6% on Nov. 23 and on Nov. 24.", [()]),
    ("fell 0.6% Monday to Wednesday.", [()]),
    # a day that bounds a stretch is not the day of a move, but the end of one to date
    ("rose 0.6% until Wednesday.", [()]),
    ("fell 0.6% before Nov. 20.", [()]),
    ("fell 0.6% after Nov. 20.", [()]),
    ("fell 0.6% by Nov. 20.", [()]),
    ("is up 6.1% this year through Nov. 20.", [("return_ytd", "2026-11-20", "6.1")]),
    ("lost 0.6% in the week ended November 20.", [("return_wtd", "2026-11-20", "-0.6")]),
    # each move takes the period of its own clause
    (
        "rose 0.6% on Wednesday and is up 6.1% this year.",
        [("return_1d", "2026-11-25", "0.6"), ("return_ytd", "2026-11-25", "6.1")],
    ),
    (
        "is down 0.6% this year but up 6.1% this week.",
        [("return_ytd", "2026-11-25", "-0.6"), ("return_wtd", "2026-11-25", "6.1")],
    ),
    (
        "rose 0.6%, and fell 0.4% on Tuesday.",
        [("return_1d", "2026-11-25", "0.6"), ("return_1d", "2026-11-24", "-0.4")],
    ),
    ("was up 6.1%, year to date.", [("return_ytd", "2026-11-25", "6.1")]),
    # the words at the end may be of both
    ("is up 6.1% and the Dow 5.2% this year.", [(), ("return_ytd", "2026-11-25", "5.2")]),
    ("gained 6.1% this year and the Dow fell 0.2%.", [("return_ytd", "2026-11-25", "6.1"), ()]),
    ("rose 0.6% and the Dow rose 0.2% on Tuesday.", [(), ("return_1d", "2026-11-24", "0.2")]),
    (
        "rose 0.6% and the Dow rose 0.2% on Wednesday.",
        [("return_1d", "2026-11-25", "0.6"), ("return_1d", "2026-11-25", "0.2")],
    ),
    # the close of a day is of that day, the end of a stretch is not
    ("gained 0.6% by Tuesday's close.", [("return_1d", "2026-11-24", "0.6")]),
    ("gained 0.6% through Tuesday's close.", [("return_1d", "2026-11-24", "0.6")]),
    ("gained 0.6% through Tuesday.", [()]),
    ("gained 0.6% since Tuesday's close.", [()]),
    ("gained 0.6% from Monday to Tuesday's close.", [()]),
    # a day with a figure of its own behind it
    (
        "gained 0.6% Wednesday after Tuesday's 1.1% drop.",
        [("return_1d", "2026-11-25", "0.6"), ("return_1d", "2026-11-24", "-1.1")],
    ),
    ("gained 0.6% Wednesday after Tuesday's 1.1% drop in oil.", [("return_1d", "2026-11-25", "0.6"), ()]),
    ("gained 0.6% after Tuesday's decision.", [("return_1d", "2026-11-25", "0.6")]),
    # what a week ended with is the reason of no day
    ("rose 0.6% on Tuesday to end the week 1.2% higher.", [("return_1d", "2026-11-24", "0.6"), ()]),
    # a perfect goes on with the period of the clause before, another tense may be of the day
    (
        "has risen 12% this year, while the Dow has gained 8%.",
        [("return_ytd", "2026-11-25", "12"), ("return_ytd", "2026-11-25", "8")],
    ),
    ("has risen 12% this year, while the Dow gained 0.8%.", [("return_ytd", "2026-11-25", "12"), ()]),
    # so it is behind a full stop
    (
        "is up 12% this year. The Dow has gained 8%.",
        [("return_ytd", "2026-11-25", "12"), ("return_ytd", "2026-11-25", "8")],
    ),
    ("is up 12% this year. The Dow fell 0.8%.", [("return_ytd", "2026-11-25", "12"), ()]),
    (
        "is up 12% this year. The Dow fell 0.8%, and is up 8% this year.",
        [("return_ytd", "2026-11-25", "12"), (), ("return_ytd", "2026-11-25", "8")],
    ),
    (
        "is up 12% this year. The Dow closed at 6,002.8.",
        [("return_ytd", "2026-11-25", "12"), ("close", "2026-11-25", "6002.8")],
    ),
    (
        "rose 1.2% this week. The Dow rose 0.8%.",
        [("return_wtd", "2026-11-25", "1.2"), ("return_wtd", "2026-11-25", "0.8")],
    ),
    (
        "今年以来上涨12%。道指下跌0.8%。道指累计上涨8%。",
        [("return_ytd", "2026-11-25", "12"), (), ("return_ytd", "2026-11-25", "8")],
    ),
    # higher and lower behind the figure
    (
        "was 0.6% higher and the Dow 0.2% lower.",
        [("return_1d", "2026-11-25", "0.6"), ("return_1d", "2026-11-25", "-0.2")],
    ),
    ("opened 0.6% higher.", [()]),
    ("is 6.1% higher than a year ago.", [()]),
    ("is set for a 0.6% higher open.", [()]),
)


@pytest.mark.parametrize(("words", "claims"), OF_DAYS, ids=[words for words, _ in OF_DAYS])
def test_a_figure_takes_the_day_and_the_period_of_its_own_clause(words: str, claims: list[tuple[str, ...]]) -> None:
    rows = csv.DictReader(io.StringIO(to_claims_csv(find_claims(f"The S&P 500 {words}"), SESSION)))
    found = [(r["metric"], r["session_date"], r["value"]) if r["kind"] != "unplaced" else () for r in rows]
    assert found == claims


@pytest.mark.parametrize(
    ("sentence", "days"),
    [
        ("By the close of Tuesday the S&P 500 had gained 0.6%.", ["2026-11-24"]),
        ("Through Tuesday's close, the S&P 500 gained 0.6%.", ["2026-11-24"]),
        ("至周二收盘，标普500指数上涨0.6%。", ["2026-11-24"]),
        ("标普500指数至周二收盘上涨0.6%。", ["2026-11-24"]),
        ("从周一至周二收盘，标普500指数上涨0.6%。", []),
    ],
)
def test_the_close_of_a_day_is_of_that_day(sentence: str, days: list[str]) -> None:
    rows = csv.DictReader(io.StringIO(to_claims_csv(find_claims(sentence), SESSION)))
    assert [r["session_date"] for r in rows if r["kind"] == "number"] == days


@pytest.mark.parametrize(
    ("day", "found"),
    [
        (Day(weekday=2, month=11, day=18), date(2026, 11, 18)),
        (Day(weekday=0, month=11, day=18), None),
        (Day(day=24), date(2026, 11, 24)),
        (Day(day=26), date(2026, 10, 26)),
        (Day(weekday=2, may_be_session=True), SESSION),
        (Day(weekday=1, may_be_session=True), None),
        (Day(is_unclear=True), None),
    ],
)
def test_a_day_that_is_unclear_or_not_of_its_weekday_is_none(day: Day, found: date | None) -> None:
    assert day.date_for_session(SESSION) == found


def test_what_the_command_counts_as_placed_is_what_the_file_has_placed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    article = tmp_path / "article.txt"
    article.write_text(
        "The S&P 500 rose 0.6% on Wednesday. The Dow gained 0.3% on Thursday, Nov. 18. The Nasdaq surged to 5.1%.",
        encoding="utf-8",
    )
    assert cli.main(["--home", str(tmp_path), "factcheck", "--text", str(article), "--session", "2026-11-25"]) == 0
    printed = capsys.readouterr()
    kinds = [row["kind"] for row in csv.DictReader(io.StringIO(printed.out))]
    placed, unplaced = sum(kind != "unplaced" for kind in kinds), kinds.count("unplaced")
    assert any(one.bound is not None for one in find_claims("The Dow gained 0.3% on Thursday, Nov. 18."))
    assert (placed, unplaced) == (1, 2)
    assert printed.err == "1 figures placed, 2 not (kind unplaced): mend them first\n"
