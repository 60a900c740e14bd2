"""Twenty sessions made thrice, in other locales, time zones and without fonts, and a whole verify: slow, so in `make browser`."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from flows import cli
from tests.integration.conftest import LAST_SESSION, ROOT
from tests.support.doctored import doctored

WITHOUT_FONTS = ("unshare", "-m", "sh", "-c", 'mount -t tmpfs none /usr/share/fonts && exec "$@"', "sh")
_SESSIONS = 20


def digests(folder: Path) -> dict[str, str]:
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.name != ".lock"
    }


def test_twenty_sessions_have_the_same_bytes_wherever_they_are_made(demo_template: Path, tmp_path: Path) -> None:
    (tmp_path / "fonts.conf").write_text("<fontconfig></fontconfig>", encoding="utf-8")
    is_allowed = (
        shutil.which("unshare") and not subprocess.run([*WITHOUT_FONTS, "true"], capture_output=True).returncode
    )
    without_fonts = WITHOUT_FONTS if is_allowed else ()
    surroundings = {
        "here": ((), {}),
        "auckland": ((), {"TZ": "Pacific/Auckland", "LC_ALL": "zh_CN.UTF-8", "PYTHONHASHSEED": "1"}),
        "without_fonts": (without_fonts, {"FONTCONFIG_FILE": str(tmp_path / "fonts.conf"), "TZ": "America/New_York"}),
    }
    found = {}
    for name, (before, environment) in surroundings.items():
        home = doctored(demo_template, tmp_path / name)
        command = [sys.executable, "-m", "flows.cli", "--home", str(home), "report", "--last", str(_SESSIONS)]
        done = subprocess.run(
            [*before, *command],
            cwd=ROOT,
            env={**os.environ, **environment},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        found[name] = digests(home / "reports")
    assert len([name for name in found["here"] if name.endswith(".html")]) == 2 * _SESSIONS + 2
    assert len([name for name in found["here"] if name.endswith(".xlsx")]) == _SESSIONS
    assert found["auckland"] == found["here"]
    assert found["without_fonts"] == found["here"]


def test_verify_of_a_run_makes_build_and_page_again(demo_home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    manifest = json.loads((demo_home / "reports" / LAST_SESSION / "manifest.json").read_text(encoding="utf-8"))
    assert cli.main(["--home", str(demo_home), "--quiet", "verify", manifest["build_id"]]) == 0
    assert f"page: reports/{LAST_SESSION}: all {len(manifest['files'])} files are made again" in capsys.readouterr().out
