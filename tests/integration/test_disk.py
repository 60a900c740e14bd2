"""A disk that is full or may only be read, and a clock that was set back: one line that says so, and nothing torn or lost."""

from __future__ import annotations

import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest

from flows.inspect import status
from tests.integration.conftest import ROOT
from tests.integration.test_company import read_whole
from tests.support import histories
from tests.support.patience import HANG_SECONDS
from warehouse.lake.lake import Lake
from warehouse.runs.journal import Journal

_ON_A_SMALL_DISK = """
import subprocess, sys
from pathlib import Path
home = Path(sys.argv[1]) / 'home'
home.mkdir()
def mount(options, *place):
    return subprocess.run(['mount', *place, '-o', options, str(home)], capture_output=True).returncode
if mount('size=64k', '-t', 'tmpfs', 'none'): sys.exit(77)
from flows.inspect import status
from tests.support import histories
from tests.integration.test_company import read_whole
from warehouse.errors import BreadthwiseError
from warehouse.lake.lake import Lake
def refused(what, *arguments):
    try:
        what(home, *arguments)
    except BreadthwiseError as error:
        print(str(error))
        return True
    return False
kilobytes = 64
while refused(histories.deliver, 1):
    assert sum(histories.stored(home).values()) == 0
    kilobytes += 40
    assert kilobytes < 2000 and mount(f'remount,size={kilobytes}k') == 0
assert sum(histories.stored(home).values()) == 420
print('imported')
assert mount('remount,size=30m') == 0
for number in (0, 2, 7):
    histories.deliver(home, number)
first = histories.build(home, 1).result.build_id
used = sum(path.stat().st_size for path in home.rglob('*') if path.is_file() and not path.is_symlink()) // 1024
size = (home / 'builds' / f'{first}.duckdb').stat().st_size // 1024
histories.deliver(home, 3)
# a build of one delivery more needs more than the size of the last one: its file, and another to work in
for number, part in enumerate((0.1, 0.5, 0.9), 2):
    assert mount(f'remount,size={used + int(part * size)}k') == 0
    if not refused(histories.build, number): print('built after all')
    assert read_whole(home) == first
    assert len(list((home / 'builds').glob('*.duckdb*'))) == 1
assert mount('remount,size=60m') == 0
second = histories.build(home, 10).result.build_id
assert read_whole(home) == second
assert mount('remount,ro') == 0
print('read-only')
for what in ((histories.deliver, 4), (histories.build, 11)):
    assert refused(*what)
assert read_whole(home) == second
assert len(list(status.status_lines(home, histories.SETTINGS, histories.NOW))) > 8
"""


def test_a_full_and_a_read_only_disk_under_import_and_build(tmp_path: Path) -> None:
    """In a mount namespace of its own, so that nothing is left mounted."""
    command = ["unshare", "-m", sys.executable, "-c", _ON_A_SMALL_DISK, str(tmp_path)]
    try:
        ended = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=HANG_SECONDS, check=False)
    except FileNotFoundError:
        pytest.skip("this machine has no unshare: the injected ENOSPC of test_lake_chaos has to do")
    if ended.returncode == 77 or "unshare" in ended.stderr:
        pytest.skip("this machine does not let us mount a small disk: the injected ENOSPC of test_lake_chaos has to do")
    assert ended.returncode == 0, ended.stderr[-3000:] + ended.stdout[-2000:]
    output = ended.stdout.splitlines()
    imported, read_only = output.index("imported"), output.index("read-only")
    assert imported >= 1
    full = [*output[:imported], *output[imported + 1 : read_only]]
    assert len(full) == imported + 3, "each refusal is one line"
    for line in full:
        assert "disk" in line or "space" in line, line
    assert len(output[read_only + 1 :]) == 2
    for line in output[read_only + 1 :]:
        assert "writable" in line, line


def test_a_clock_that_was_set_back_loses_and_tears_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    plain, home = tmp_path / "plain", tmp_path / "home"
    for number in (0, 1, 2, 3, 7):
        histories.deliver(plain, number)
        if number < 2:
            histories.deliver(home, number)
    hashes = histories.build(plain).result.hashes
    histories.build(home, 5)
    monkeypatch.setattr(histories, "NOW", histories.NOW - timedelta(days=3))
    for number in (2, 3, 7):
        histories.deliver(home, number)
    last = histories.build(home, 6)
    assert last.is_current
    assert read_whole(home) == last.result.build_id
    assert last.result.hashes == hashes
    assert Lake(home).manifest().fingerprint == Lake(plain).manifest().fingerprint
    newest = Journal(home).list_runs(1)[0]
    assert (newest["kind"], newest["status"]) == ("build", "done")
    assert newest["run_id"] in "\n".join(status.status_lines(home, histories.SETTINGS, histories.NOW))
