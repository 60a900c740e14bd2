"""CONTRIBUTING followed to the letter: both recipes in a scratch copy of the repository, every file and command as written."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.integration.conftest import ROOT
from tests.support.patience import HANG_SECONDS

BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.DOTALL | re.MULTILINE)
FILE = re.compile(r"`([\w./{},]+/[\w.]+\.(?:sql|yml|py|csv))`")
# what `make test` would find wrong with a new model or source, without the tests of everything else
CHECKS = (
    "-m ruff check .",
    "-m ruff format --check .",
    "-m pytest -q tests/unit/test_layers.py tests/unit/test_dictionary.py tests/unit/test_settings.py tests/unit/test_plan.py"
    " tests/models/test_complete.py tests/sources/test_reading.py",
)


def steps(section: str) -> list[tuple[str, str]]:
    """(path, text) of the files to write and ('', command) of the commands to run, in the order of the recipe."""
    text = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    body = text.split(f"\n## {section}", 1)[1].split("\n## ", 1)[0]
    found: list[tuple[str, str]] = []
    for block in BLOCK.finditer(body):
        if block[1] == "sh":
            found += [("", line) for line in block[2].splitlines()]
        else:
            # a block is the file that the text before it names, of the block's kind
            suffix = {"python": ".py", "yaml": ".yml"}.get(block[1], f".{block[1]}")
            named = [path for path in FILE.findall(body[: block.start()]) if path.endswith(suffix)]
            found.append((named[-1], block[2]))
    return found


@pytest.fixture
def scratch(tmp_path: Path) -> Path:
    """The repository as somebody has it who cloned and installed it; nothing of it leads back to this one."""
    folder = tmp_path / "scratch"
    left_out = shutil.ignore_patterns(".git", ".venv*", "data", "__pycache__", ".mypy_cache", ".ruff_cache")
    shutil.copytree(ROOT, folder, ignore=left_out)
    (folder / ".venv" / "bin").mkdir(parents=True)
    for name, command in (("python", ""), ("breadthwise", " -m flows.cli")):
        script = folder / ".venv" / "bin" / name
        script.write_text(f'#!/bin/sh\nexport PYTHONPATH="{folder}"\nexec "{sys.executable}"{command} "$@"\n')
        script.chmod(0o755)
    return folder


def run(scratch: Path, command: str) -> str:
    kept = {name: value for name, value in os.environ.items() if name != "BREADTHWISE_HOME" and "PYTEST" not in name}
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", command],
        cwd=scratch,
        env={**kept, "FUZZ_CASES": "400"},
        capture_output=True,
        text=True,
        timeout=HANG_SECONDS,
        check=False,
    )
    assert done.returncode == 0, f"{command}\n{done.stdout[-3000:]}\n{done.stderr[-2000:]}"
    return done.stdout


def follow(scratch: Path, section: str) -> dict[str, str]:
    """Write and run what the recipe says; returns what each command printed."""
    printed = {}
    for path, text in steps(section):
        if path:
            assert not (scratch / path).exists(), f"{path} is there already; the recipe should make a new file"
            (scratch / path).write_text(text, encoding="utf-8")
        elif text != "make test":
            printed[text] = run(scratch, text)
    for check in CHECKS:
        run(scratch, f".venv/bin/python {check}")
    return printed


def test_the_recipe_of_a_metric(scratch: Path) -> None:
    printed = follow(scratch, "Add a metric")
    assert "1 passed" in run(
        scratch, ".venv/bin/python -m pytest tests/models/test_models.py -k index_gaps -o addopts=''"
    )
    assert "docs/dictionary.md" in printed[".venv/bin/breadthwise docs"]
    assert "absent_21d" in (scratch / "docs" / "dictionary.md").read_text(encoding="utf-8")
    run(scratch, ".venv/bin/python -m sqlfluff lint transforms/sql/marts/indices/index_gaps.sql")


def test_the_recipe_of_a_source(scratch: Path) -> None:
    printed = follow(scratch, "Add a source")
    parsed = next(text for command, text in printed.items() if " parse example_closes " in command)
    assert "6915.5" in parsed
    run(scratch, ".venv/bin/python -m mypy sources/providers/example_closes.py")
    assert "{" not in parsed.splitlines()[0], "a table of rows, not a dict that the module prints when it is imported"
