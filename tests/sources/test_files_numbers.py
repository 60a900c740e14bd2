"""Numbers of bulk files: which sign parts the fraction, and which marks thousands; where nothing proves it, it is asked for."""

from __future__ import annotations

import pytest

from tests.sources.files_help import parsed, rows
from warehouse.errors import FormatError


def test_a_french_number_has_blanks_between_thousands() -> None:
    text = "date;close;volume\n2026-01-22;1\u202f041,20;1 234 567\n"
    assert rows(parsed(text, "bars", "sector_bars", basis="raw"), "sector_bars", "close", "volume") == [
        (1041.2, 1234567)
    ]


@pytest.mark.parametrize(("decimal", "close"), [(",", 1.5), (".", 1500.0)])
def test_an_unclear_number_is_read_as_it_is_asked(decimal: str, close: float) -> None:
    text = "date;close\n2026-01-22;1,500\n"
    assert rows(parsed(text, "bars", "sector_bars", basis="raw", decimal=decimal), "sector_bars", "close") == [(close,)]


@pytest.mark.parametrize(
    ("text", "unclear"),
    [
        ('date,close,volume\n2026-01-22,"248,350","39,708"\n', "248,350"),
        ('date,close,volume\n2026-01-22,248,"39,708"\n', "39,708"),
        ("date\tclose\n2026-01-22\t248,350\n", "248,350"),
        ("date;close;volume\n2026-01-22;71.25;1.234\n2026-01-23;72.5;12.500\n", "1.234"),
        ("date;close;volume\n2026-01-22;71,25;1,234\n2026-01-23;72,5;900\n", "1,234"),
    ],
)
def test_three_figures_after_a_sign_prove_nothing(text: str, unclear: str) -> None:
    """Neither where commas part the cells, nor of whole numbers beside prices that prove the other sign."""
    with pytest.raises(FormatError, match=f"'{unclear}' is a number with a fraction or one of thousands, and no cell"):
        parsed(text, "bars", "sector_bars", basis="split")
    decimal = "," if "71,25" in text else "."
    if "71" in text:
        with pytest.raises(
            FormatError, match=rf"say --decimal \{decimal} if it has a fraction; if not, write it without"
        ):
            parsed(text, "bars", "sector_bars", basis="split")
    assert parsed(text, "bars", "sector_bars", basis="split", decimal=decimal).tables["sector_bars"].num_rows


@pytest.mark.parametrize("decimal", ["", "the sign"])
@pytest.mark.parametrize(
    ("text", "sign"),
    [
        ("date;close;volume\n2026-01-22;71.25;1.234\n2026-01-23;72.5;12.500\n", "."),
        ("date,close,volume\n2026-01-22,71.25,1.234\n2026-01-23,72.5,900\n", "."),
        ('date,close,volume\n2026-01-22,71.25,"1.234"\n', "."),
        ("date;close;volume\n2026-01-22;71,25;1,234\n2026-01-23;72,5;900\n", ","),
    ],
)
def test_thousands_are_no_fractions_of_a_volume_as_traded(text: str, sign: str, decimal: str) -> None:
    """Whatever is asked: 1 and 12 shares were taken for 1,234 and 12,500."""
    with pytest.raises(
        FormatError, match=rf"'1\{sign}234' stands for a whole number, and \{sign} has three digits after"
    ):
        parsed(text, "bars", "sector_bars", basis="raw", decimal=sign if decimal else "")


@pytest.mark.parametrize("basis", ["raw", "split"])
@pytest.mark.parametrize(("sign", "volume"), [(".", "1.234"), (",", "1,234")])
def test_thousands_are_no_fractions_of_a_volume_of_yfinance_either(sign: str, volume: str, basis: str) -> None:
    """As in a plain table: 1 share was taken for 1,234."""
    cell = ";" if sign == "," else ","
    lines = (
        ("Price", "Close", "Volume"),
        ("Ticker", "KO", "KO"),
        ("Date", "", ""),
        ("2026-01-22", f"71{sign}25", volume),
    )
    text = "".join(cell.join(line) + "\n" for line in (*lines, ("2026-01-23", f"72{sign}5", "900")))
    why = "stands for a whole number" if basis == "raw" else "is a number with a fraction or one of thousands"
    with pytest.raises(FormatError, match=rf"'1\{sign}234' {why}"):
        parsed(text, "yfinance", "sector_bars", "x/prices.csv", basis=basis)


def test_volumes_of_yfinance_with_a_point_and_a_zero_are_whole() -> None:
    text = "Price,Close,Volume\nTicker,KO,KO\nDate,,\n2026-01-22,71.25,1234.0\n2026-01-23,72.125,12.0\n"
    result = parsed(text, "yfinance", "sector_bars", "x/prices.csv", basis="raw")
    assert rows(result, "sector_bars", "volume") == [(1234,), (12,)]


def test_fractions_of_volumes_divided_by_splits_are_rounded_and_noted() -> None:
    text = "date,close,volume\n2026-01-22,71.25,{}\n2026-01-23,72.5,900.0\n"
    for basis, volume, whole in (("split", "1234.567", 1235), ("raw", "1234.0", 1234), ("raw", "1234.9", 1235)):
        result = parsed(text.format(volume), "bars", "sector_bars", basis=basis)
        assert rows(result, "sector_bars", "volume") == [(whole,), (900,)]
        assert result.notes == ({} if volume == "1234.0" else {"volume rounded to a whole number": 1})
    with pytest.raises(FormatError, match="'1.234' is a number with a fraction or one of thousands"):
        parsed("date,close,volume\n2026-01-22,71.25,1.234\n", "bars", "sector_bars", basis="split")
    stooq = "<TICKER>,<PER>,<DATE>,<OPEN>,<HIGH>,<LOW>,<CLOSE>,<VOL>\nAAPL.US,D,20260122,1,2,0.5,1.5,1.234\n"
    assert rows(parsed(stooq, "stooq_bulk", "sector_bars"), "sector_bars", "volume") == [(1,)], "its sign is known"


def test_whole_numbers_are_proven_by_one_of_them() -> None:
    text = "date;close;volume\n2026-01-22;71.25;1.234\n2026-01-23;72.5;12.5\n"
    fractions = rows(parsed(text, "bars", "sector_bars", basis="raw"), "sector_bars", "close", "volume")
    assert fractions == [(71.25, 1), (72.5, 12)]
    grouped = 'date,close,volume\n2026-01-22,71.25,"1,234"\n'
    assert rows(parsed(grouped, "bars", "sector_bars", basis="raw"), "sector_bars", "volume") == [(1234,)]


def test_one_cell_proves_the_sign_for_the_whole_file() -> None:
    point = "date;open;close\n2026-01-22;1,500;1500.25\n"
    comma = "date;open;close\n2026-01-22;1.500;1500,25\n"
    quoted = 'date,open,close\n2026-01-22,"1.500","1500,25"\n'
    for text in (point, comma, quoted):
        result = parsed(text, "bars", "sector_bars", basis="raw")
        assert rows(result, "sector_bars", "open", "close") == [(1500.0, 1500.25)], text
