"""Writing whole files, from many threads too, and locks that say who holds them."""

from __future__ import annotations

import os
import threading
from pathlib import Path

import pytest

from warehouse.durable_io import (
    hold_lock,
    is_process_alive,
    lock_holder,
    process_start_time,
    write_text,
    write_whole_file,
)
from warehouse.errors import LakeError


def test_a_failed_write_leaves_the_old_file_and_no_leavings(tmp_path: Path) -> None:
    path = tmp_path / "new" / "deep" / "file"
    write_text(path, "old")

    def broken(temporary: Path) -> None:
        temporary.write_text("half")
        raise OSError(5, "Input/output error")

    with pytest.raises(LakeError, match=r"cannot write .*file: Input/output error; see that the disk"):
        write_whole_file(path, broken)
    assert path.read_text() == "old"
    assert list(path.parent.iterdir()) == [path]


def test_threads_that_write_one_file_at_once_do_not_disturb_each_other(tmp_path: Path) -> None:
    path, errors = tmp_path / "file", []
    gate = threading.Barrier(8)

    def write(number: int) -> None:
        gate.wait()
        try:
            for _ in range(20):
                write_text(path, str(number) * 1000)
        except LakeError as error:
            errors.append(error)

    threads = [threading.Thread(target=write, args=(n,)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    text = path.read_text()
    assert text == text[0] * 1000
    assert list(tmp_path.iterdir()) == [path]


def test_the_lock_file_names_its_living_holder_only(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    with hold_lock(path):
        holder = lock_holder(path)
        assert holder is not None
        assert (holder.pid, holder.started) == (os.getpid(), process_start_time(os.getpid()))
    path.write_text(f"{os.getpid()} 1\n")
    assert lock_holder(path) is None
    path.write_text("no pid")
    assert lock_holder(path) is None
    assert lock_holder(tmp_path / "none") is None


def test_a_process_is_its_pid_and_its_start() -> None:
    started = process_start_time(os.getpid())
    assert started is not None
    assert is_process_alive(os.getpid(), started)
    assert is_process_alive(os.getpid(), 0)
    assert not is_process_alive(os.getpid(), started + 1)
    assert not is_process_alive(2**22 + 1, 0)
