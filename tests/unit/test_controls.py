"""Characters that a terminal obeys: none is printed raw, whatever a table holds; a file keeps what the table has."""

from __future__ import annotations

import io
import json
import sys
from pathlib import Path

import pytest

from flows import cli
from flows.console import rows
from flows.console.context import Reporter
from flows.console.terminal import guard_terminal
from warehouse import duck
from warehouse.controls import has_controls, printable_lines, printable_text

ODD = "a\x1b[31mb\x9bc\u202ed\x7f\u200e"
SPELT = r"a\x1b[31mb\x9bc\u202ed\x7f\u200e"


@pytest.mark.parametrize(
    "letter", [*map(chr, (0, 7, 8, 11, 27, 31, 127, 128, 133, 155, 159)), *"\u061c\u200f\u202a\u2066\u2069", "\udce9"]
)
def test_what_steers_a_terminal_or_turns_a_line_is_found_and_spelt(letter: str) -> None:
    assert has_controls(f"a{letter}b")
    assert printable_text(f"a{letter}b").isprintable()
    assert printable_lines(f"a{letter}b") == printable_text(f"a{letter}b")


def test_texts_of_any_language_stay_as_they_are() -> None:
    for text in ("Moody’s – é ß", "标普500", "שלום", "👩\u200d💻", "a\u00a0b", "C:\\x1b"):
        assert not has_controls(text)
        assert printable_text(text) == printable_lines(text) == text
    assert (printable_text("a\r\n\tb\u2028"), printable_lines("a\n\tb\r")) == (r"a\r\n\tb\u2028", "a\n\tb\\r")


def test_rows_are_printed_without_them() -> None:
    names, found = ["name", "n\x1b"], [(ODD, 1), ("line\nline\n", 22)]
    assert list(rows.table_lines(names, found)) == [
        f"{'name'.ljust(len(SPELT))}  n\\x1b",
        f"{SPELT}      1",
        f"{'line line'.ljust(len(SPELT))}     22",
    ]
    assert list(rows.vertical_lines(names, found))[1] == f"name   {SPELT}"
    (line, _) = rows.json_lines(names, found)
    assert line == '{"name": "a\\u001b[31mb\\u009bc\\u202ed\\u007f\\u200e", "n\\u001b": 1}'
    assert json.loads(line) == {"name": ODD, "n\x1b": 1}


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_a_terminal_is_given_escapes_and_a_file_the_text(monkeypatch: pytest.MonkeyPatch) -> None:
    for stream, printed in ((Terminal(), SPELT), (io.StringIO(), ODD)):
        monkeypatch.setattr("sys.stdout", stream)
        with guard_terminal():
            sys.stdout.write(f"{ODD}\n")
            rows.write_csv(["name"], [(ODD,)])
        assert stream.getvalue() == f"{printed}\nname\n{printed}\n"
    assert sys.stdout is stream, "after it nothing is changed"


def test_commands_print_escapes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with duck.connect(tmp_path / "warehouse.duckdb") as con:
        con.execute("create table names as select ? as name", [ODD])
    asked = ["--home", str(tmp_path), "sql", "from names", "--format"]
    assert cli.main([*asked, "table"]) == 0
    assert capsys.readouterr().out == f"name\n{SPELT}\n"
    assert cli.main([*asked, "csv"]) == 0
    assert capsys.readouterr().out == f"name\n{ODD}\n"
    terminal = Terminal()
    monkeypatch.setattr("sys.stdout", terminal)
    assert cli.main([*asked, "csv"]) == 0
    assert terminal.getvalue() == f"name\n{SPELT}\n"


def test_what_is_reported_is_printable(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    logged: list[str] = []
    reporter = Reporter(log=lambda _, text: logged.append(text))
    for say in (reporter.print_line, reporter.print_problem, reporter.print_result):
        say(f"x\n{ODD}")
    printed = capsys.readouterr()
    assert (printed.out + printed.err, logged) == (f"x\n{SPELT}\n" * 3, [f"x\n{SPELT}"] * 3)
    assert cli.main(["--home", str(tmp_path), "import", f"{tmp_path}/\x1b[31m", "--dataset", "index_bars"]) == 2
    assert "/\\x1b[31m: looked for" in capsys.readouterr().err
