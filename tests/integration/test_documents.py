"""Every code block of README and docs/ runs as written, on a simulated home."""

from __future__ import annotations

import json
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest

from flows.cli import make_parser
from sources.settings import load_settings as load_settings
from tests.integration.conftest import ROOT
from tests.support.patience import HANG_SECONDS

BLOCK = re.compile(r"^```(\w*)\n(.*?)^```$", re.DOTALL | re.MULTILINE)
PAGES = (ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md")))
# drawings have no language, what asks the network is text; `make test` is what runs this test
BLOCKS = [
    pytest.param(kind, text, id=f"{page.name}:{page.read_text(encoding='utf-8')[: match.start()].count(chr(10)) + 1}")
    for page in PAGES
    for match in BLOCK.finditer(page.read_text(encoding="utf-8"))
    for kind, text in [(match[1], match[2])]
    if kind not in ("", "text") and text.strip() != "make test"
]


@pytest.fixture(scope="module")
def project(demo_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The project as a reader has it after `make demo`: its files, .venv and data/demo."""
    folder = tmp_path_factory.mktemp("project")
    for name in os.listdir(ROOT):
        if name not in ("data", ".git", ".venv"):
            (folder / name).symlink_to(ROOT / name)
    binaries = folder / ".venv" / "bin"
    binaries.mkdir(parents=True)
    for name in ("python", "breadthwise"):
        (binaries / name).write_text(f'#!/bin/sh\nexec "{Path(sys.executable).parent / name}" "$@"\n')
        (binaries / name).chmod(0o755)
    (folder / "data").mkdir()
    subprocess.run(["cp", "-a", str(demo_template), str(folder / "data" / "demo")], check=True)
    return folder


def _environment(project: Path) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if name != "BREADTHWISE_HOME"}
    return {**kept, "PATH": f"{project / '.venv' / 'bin'}{os.pathsep}{os.environ['PATH']}", "PYTHONPATH": str(ROOT)}


@pytest.mark.parametrize(("kind", "text"), BLOCKS)
def test_block_runs_as_written(kind: str, text: str, project: Path, demo_template: Path) -> None:
    if kind == "sql":
        with duckdb.connect(str(project / "data/demo/warehouse.duckdb"), read_only=True) as warehouse:
            assert warehouse.execute(text).fetchall() != []
        return
    if text.strip() == "make demo":
        # that is how the home of all these tests was made, but for its last session
        output = (demo_template.parent / "demo_output.txt").read_text(encoding="utf-8")
        assert output.count("breadthwise --home") == 3
        assert (demo_template / "warehouse.duckdb").exists()
        return
    if kind == "toml":
        (project / "data" / "toml").mkdir(exist_ok=True)
        (project / "data" / "toml" / "breadthwise.toml").write_text(text, encoding="utf-8")
        load_settings(project / "data" / "toml")
        return
    if kind == "json":
        assert json.loads(text)
        return
    if kind == "console":
        # needs what only the reader has (files, a browser, an installation): each command is read as the command line reads it
        commands = [shlex.split(line, comments=True) for line in text.splitlines()]
        for name, *arguments in filter(None, commands):
            assert name == "breadthwise", text
            make_parser().parse_args(arguments)
        return
    programs = {"sh": ["bash", "-euo", "pipefail", "-c"], "python": [sys.executable, "-c"]}
    assert kind in programs, (
        f"a block of kind {kind!r} is not run by this test; say sh, console, sql, toml, json or python"
    )
    done = subprocess.run(
        [*programs[kind], text],
        cwd=project,
        env=_environment(project),
        capture_output=True,
        text=True,
        timeout=HANG_SECONDS,
        check=False,
    )
    if text.strip().endswith("--home data/demo run"):
        # a reader's demo ends on the evening before; that of the tests ends in January, and the run names the hole
        assert done.returncode == 3, done.stderr[-2000:]
        assert "breadthwise backfill 2026-01-23 " in done.stdout + done.stderr
        return
    assert done.returncode == 0, f"{text}\n{done.stdout[-2000:]}\n{done.stderr[-2000:]}"
