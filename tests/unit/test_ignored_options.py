"""Options that would be taken and ignored are refused, in one line that says which to leave out."""

from __future__ import annotations

from pathlib import Path

import pytest

from flows import cli


@pytest.mark.parametrize(
    ("command", "message"),
    [
        (("report", "--processes", "3"), "--processes N wants --last N: one report is written by one process"),
        (("report", "--last", "3", "--open"), "--last N wants N and --processes of at least 1, and none of --session"),
        (("quarantine", "list", "--limit", "3"), "--limit N wants N of at least 1, and --rows, --dataset or --rule"),
        (("quarantine", "list", "--rows", "--limit", "0"), "--limit N wants N of at least 1, and --rows"),
        (("alerts", "--try", "--last", "3"), "--try sends a test message, --last lists the newest alerts; give one"),
        (("serve", "--also-at", "2020-01-02T23:30:00Z"), "--also-at 2020-01-02T23:30:00+00:00 has passed"),
    ],
)
def test_an_option_without_effect_is_refused(
    command: tuple[str, ...], message: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["--home", str(tmp_path), *command]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith(f"breadthwise {command[0]}: {message}")
    assert list(tmp_path.iterdir()) == []


def test_an_empty_quarantine_says_so_however_it_is_asked(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for options, answer in (
        ((), "nothing is in quarantine"),
        (("--rows",), "nothing is in quarantine"),
        (("--dataset", "index_bars"), "nothing of this dataset and rule is in quarantine"),
    ):
        assert cli.main(["--home", str(tmp_path), "quarantine", "list", *options]) == 0
        assert capsys.readouterr().out.splitlines() == [answer]


def test_a_table_of_no_rows_cannot_be_asked_for(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        cli.main(["--home", str(tmp_path), "sql", "select 1", "--limit", "0"])
    assert capsys.readouterr().err.endswith("'0' is no number of rows; write 1 or more\n")
