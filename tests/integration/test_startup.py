"""What only reads starts quickly: what each command may import, and a coarse bound of its CPU time.

The promised seconds are measured by `benchmarks/startup.py`: a test of them would fail on a busy machine.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks.startup import cpu_seconds, program
from tests.integration.conftest import ROOT

# all that a command imports besides Python's own: what is not named here it does without
OURS = {"flows", "warehouse"}
DUCKDB = {"duckdb", "_duckdb"}
PYDANTIC = {"pydantic", "pydantic_core", "annotated_types", "typing_extensions", "typing_inspection"}
HEAVY = {"prefect", "great_expectations", "exchange_calendars", "pandas", "altair", "requests"}
IMPORTED = """
import sys
before = set(sys.modules)
from flows.cli import main
try:
    code = main(sys.argv[1:])
except SystemExit as end:
    code = end.code
import json
names = {name.partition(".")[0] for name in set(sys.modules) - before} - set(sys.stdlib_module_names)
print(json.dumps([code, sorted(name for name in names if not name.startswith("_sysconfigdata"))]), file=sys.stderr)
"""


def imported(home: Path, *arguments: str) -> set[str]:
    """What the command, which must succeed, imports besides Python's own."""
    command = [sys.executable, "-c", IMPORTED, "--home", str(home), *arguments]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    code, names = json.loads(done.stderr.splitlines()[-1])
    assert code == 0, done.stderr
    return set(names)


@pytest.mark.parametrize(
    ("arguments", "allowed"),
    [
        (("--help",), OURS),
        (("sql", "select * from reports.headline_indices limit 4"), OURS | DUCKDB),
        (("status",), OURS | DUCKDB | PYDANTIC),
    ],
)
def test_commands_that_read_import_only_what_they_need(
    demo_home: Path, arguments: tuple[str, ...], allowed: set[str]
) -> None:
    assert imported(demo_home, *arguments) - allowed == set()


def test_what_asks_the_sources_for_their_names_imports_nothing_heavy(demo_home: Path) -> None:
    assert imported(demo_home, "config") & HEAVY == set()


# three times and more what an idle machine needs (0.13, 0.30 and 0.55 s): CPU time, which a busy machine stretches little
@pytest.mark.parametrize(
    ("arguments", "limit"),
    [(("--help",), 0.6), (("sql", "select * from reports.headline_indices limit 4"), 1.2), (("status",), 2.2)],
)
def test_no_command_that_reads_costs_a_multiple_of_what_it_did(
    demo_home: Path, arguments: tuple[str, ...], limit: float
) -> None:
    assert min(cpu_seconds(program(), "--home", str(demo_home), *arguments) for _ in range(3)) < limit
