"""Progress of a long step where there is no terminal: a line now and then, none where there are lines anyway."""

from __future__ import annotations

import pytest

from flows.console.context import Reporter


def test_a_log_hears_of_a_long_step_every_half_minute(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = [1_000.0]
    monkeypatch.setattr("flows.console.context.time.monotonic", lambda: clock[0])
    reporter = Reporter()
    said = []
    clock[0] += 500
    with reporter.time_step("reports"):
        for done in range(1, 8):
            clock[0] += 10
            reporter.show_progress("reports", done, 1_200)
            said.append(capsys.readouterr().err)
    assert said == ["", "", "  reports: 3 of 1,200\n", "", "", "  reports: 6 of 1,200\n", ""]
    assert capsys.readouterr().err == "  reports: 70.0 s\n"


def test_a_line_of_another_kind_puts_it_off_and_quiet_leaves_it_out(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = [0.0]
    monkeypatch.setattr("flows.console.context.time.monotonic", lambda: clock[0])
    for is_quiet in (False, True):
        reporter = Reporter(quiet=is_quiet)
        clock[0] += 29
        reporter.print_line("a step")
        clock[0] += 29
        reporter.show_progress("build", 1, 9)
        clock[0] += 1
        reporter.show_progress("build", 2, 9)
    assert capsys.readouterr().err == "a step\n  build: 2 of 9\n"
