"""The pace of a host is one for all threads and processes of a home, and survives what may happen to its file."""

from __future__ import annotations

import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from sources.http import pacing
from sources.http.pacing import Pace
from tests.sources.little_server import Time
from tests.support.patience import HANG_SECONDS
from warehouse.errors import LakeError

HOST = "api.example.com"
_CHILD = """
import sys, time
from pathlib import Path
from sources.http.pacing import Pace
pace = Pace(Path(sys.argv[1]), time.monotonic, time.sleep)
for _ in range(60):
    pace.wait_for_turn("api.example.com", 100.0)
"""


def test_a_slow_pace_is_kept_to_the_second(tmp_path: Path) -> None:
    moment = Time()
    pace = Pace(tmp_path, moment.monotonic, moment.sleep)
    for _ in range(4):
        pace.wait_for_turn(HOST, 2.0)
    assert moment.slept == [0.5, 0.5, 0.5]
    moment.seconds += 60
    pace.wait_for_turn(HOST, 2.0)
    assert len(moment.slept) == 3


def test_hosts_do_not_wait_for_each_other(tmp_path: Path) -> None:
    moment = Time()
    pace = Pace(tmp_path, moment.monotonic, moment.sleep)
    pace.wait_for_turn(HOST, 0.1)
    pace.wait_for_turn("other.example.com", 0.1)
    assert moment.slept == []


def test_a_held_host_waits(tmp_path: Path) -> None:
    moment = Time()
    pace = Pace(tmp_path, moment.monotonic, moment.sleep)
    pace.hold_host(HOST, 30)
    pace.wait_for_turn(HOST, 100.0)
    assert moment.slept == [30.0]


def test_threads_share_the_pace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever comes when: each caller gets a moment of its own, and all moments together are those of the pace."""
    slept: list[float] = []
    parse = pacing._parse_state

    def parse_and_let_others_in(text: bytes) -> pacing.HostState:
        time.sleep(0.001)
        return parse(text)

    monkeypatch.setattr(pacing, "_parse_state", parse_and_let_others_in)
    pace = Pace(tmp_path, lambda: 0.0, slept.append)
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _: pace.wait_for_turn(HOST, 200.0), range(200)))
    assert sorted(slept) == pytest.approx([place / 200 for place in range(1, 200)])


def test_unused_pace_of_a_tenth_of_a_second_is_made_up_for(tmp_path: Path) -> None:
    moment = Time()
    pace = Pace(tmp_path, moment.monotonic, moment.sleep)
    for _ in range(30):
        pace.wait_for_turn(HOST, 200.0)
    # 20 at once, then one each 5 ms
    assert moment.slept == pytest.approx([0.005] * 10)


def test_processes_share_the_pace(tmp_path: Path) -> None:
    """The one clock that all processes share gives a lower bound, which a busy machine only moves away from."""
    began = time.monotonic()
    children = [subprocess.Popen([sys.executable, "-c", _CHILD, str(tmp_path)]) for _ in range(2)]
    assert [child.wait(timeout=HANG_SECONDS) for child in children] == [0, 0]
    # 120 requests at 100/s; alone, each child would need 0.6 s
    assert time.monotonic() - began >= 1.0


@pytest.mark.parametrize("text", ["", "{", "[]", '{"next_at": 5, "other": 1}', "\x00" * 50])
def test_a_damaged_file_counts_as_new(tmp_path: Path, text: str) -> None:
    moment = Time()
    pace = Pace(tmp_path, moment.monotonic, moment.sleep)
    (tmp_path / "pace").mkdir()
    (tmp_path / "pace" / HOST).write_text(text)
    pace.wait_for_turn(HOST, 2.0)
    pace.wait_for_turn(HOST, 2.0)
    assert moment.slept == [0.5]


def test_a_bucket_of_before_the_machine_started_again_is_forgotten(tmp_path: Path) -> None:
    moment = Time()
    pace = Pace(tmp_path, moment.monotonic, moment.sleep)
    (tmp_path / "pace").mkdir()
    (tmp_path / "pace" / HOST).write_text('{"next_at": 999999.0}')
    pace.wait_for_turn(HOST, 2.0)
    assert moment.slept == []


def test_a_host_name_reaches_no_other_folder(tmp_path: Path) -> None:
    moment = Time()
    Pace(tmp_path / "home", moment.monotonic, moment.sleep).wait_for_turn("../../x/..", 2.0)
    assert [path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*") if path.is_file()] == [
        "home/pace/_.._x_"
    ]


def test_a_home_that_cannot_be_written_says_so(tmp_path: Path) -> None:
    (tmp_path / "pace").write_text("a file where a folder should be")
    with pytest.raises(LakeError, match=r"is BREADTHWISE_HOME writable\?"):
        Pace(tmp_path, Time().monotonic, Time().sleep).wait_for_turn(HOST, 2.0)
