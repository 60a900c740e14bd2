"""The command line: every command is documented, errors are one line with what to do, exit codes hold."""

from __future__ import annotations

from pathlib import Path

import pytest

from flows import cli


@pytest.mark.parametrize("name", sorted(cli.command_modules()))
def test_every_command_has_help_with_examples(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        cli.main([name, "--help"])
    assert ended.value.code == 0
    shown = capsys.readouterr().out
    assert f"breadthwise {name}" in shown
    assert "examples:" in shown


def test_help_lists_every_command(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        cli.main(["--help"])
    words = capsys.readouterr().out.split()
    assert [name for name in cli.command_modules() if name not in words] == []


def test_unknown_command_is_wrong_use(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        cli.main(["buidl"])
    assert ended.value.code == 2
    assert "invalid choice: 'buidl'" in capsys.readouterr().err


def test_sql_without_a_warehouse_says_what_to_do(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["--home", str(tmp_path), "sql", "select 1"]) == 2
    error = capsys.readouterr().err
    assert error.count("\n") == 1
    assert "there is no warehouse at" in error
    assert "breadthwise demo" in error
