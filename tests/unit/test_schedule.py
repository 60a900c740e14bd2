"""In which order models are made, and which at once."""

from __future__ import annotations

import threading
import time
from collections.abc import Set

import duckdb
import pytest

from transforms.engine.model import Model, parse_model
from transforms.engine.run import OrderLostError
from transforms.engine.schedule import build_side_by_side
from transforms.engine.shards import insert_in_shards
from warehouse.errors import ModelError

_COLUMN = '{name: x, type: INTEGER, unit: "", description: "A number."}'


def model(stem: str, line: str = "") -> Model:
    header = f"description: D.\ngrain: x\nmaterialized: table\npublish: false\n{line}\ncolumns:\n  - {_COLUMN}"
    return parse_model("intermediate", stem, f"/*\n{header}\n*/ select 1 as x")


class Work:
    """Notes which models are made, in what order, beside which others, and on which connection."""

    def __init__(self, threads: int) -> None:
        self.con = duckdb.connect()
        self.threads = threads
        self.began: list[str] = []
        self.beside: dict[str, set[str]] = {}
        self.on_con: set[str] = set()
        self._running: set[str] = set()
        self._lock = threading.Lock()

    def build(self, con: duckdb.DuckDBPyConnection, made: Model) -> None:
        with self._lock:
            self.began.append(made.stem)
            self._running.add(made.stem)
            if con is self.con:
                self.on_con.add(made.stem)
            for one in self._running:
                self.beside.setdefault(one, set()).update(self._running - {one})
        time.sleep(0.05)
        with self._lock:
            self._running.discard(made.stem)
        if made.stem == "broken":
            raise ModelError("broken")

    def run(self, reads: dict[str, set[str]], blocks: Set[str] = frozenset(), alone: Set[str] = frozenset()) -> None:
        order = [model(stem, "blocks: {by: x}" if stem in blocks else "") for stem in reads]
        named = {
            f"intermediate.{stem}": {f"intermediate.{one}" for one in found | {"lake"}} for stem, found in reads.items()
        }
        build_side_by_side(self.con, order, named, self.build, self.build, lambda one: one.stem in alone, self.threads)


def test_each_model_comes_after_those_that_it_reads_and_what_most_wait_for_first() -> None:
    work = Work(threads=1)
    work.run({"single": set(), "first": set(), "second": {"first"}, "third": {"second"}})
    assert work.began[:2] == ["first", "second"]
    assert sorted(work.began[2:]) == ["single", "third"]


def test_small_models_are_made_at_once_on_connections_of_their_own() -> None:
    work = Work(threads=2)
    work.run({"one": set(), "two": set(), "three": set()})
    first, second, _ = work.began
    assert second in work.beside[first]
    assert work.on_con == set()


def test_models_of_blocks_are_made_one_at_a_time_beside_small_ones() -> None:
    work = Work(threads=2)
    work.run({"large": set(), "larger": set(), "small": set(), "smaller": set()}, blocks={"large", "larger"})
    assert work.on_con == {"large", "larger"}
    assert "larger" not in work.beside["large"]
    assert not work.beside["large"].isdisjoint({"small", "smaller"})


def test_what_takes_all_memory_is_made_alone() -> None:
    work = Work(threads=2)
    reads: dict[str, set[str]] = {
        "large": set(),
        "small": set(),
        "smaller": set(),
        "last": {"large"},
        "lasts": {"large"},
    }
    work.run(reads, blocks={"large"}, alone={"large"})
    assert work.beside["large"] == set()
    assert work.beside["small"] == {"smaller"}
    assert work.beside["last"] == {"lasts"}


def test_an_error_is_raised_and_nothing_else_begun() -> None:
    work = Work(threads=1)
    with pytest.raises(ModelError, match="broken"):
        work.run({"broken": set(), "next": {"broken"}, "last": {"next"}, "other": set()})
    assert work.began == ["broken"]


def test_what_memory_did_not_hold_beside_others_is_made_again_alone() -> None:
    work = Work(threads=2)
    failed: list[str] = []

    def build_beside(con: duckdb.DuckDBPyConnection, made: Model) -> None:
        if made.stem == "small":
            failed.append(made.stem)
            raise ModelError("small") from duckdb.OutOfMemoryException("Out of Memory Error")
        work.build(con, made)

    order = [model("small"), model("other"), model("next")]
    reads = {"intermediate.small": set(), "intermediate.other": set(), "intermediate.next": {"intermediate.small"}}
    build_side_by_side(work.con, order, reads, work.build, build_beside, lambda one: False, 2)
    assert failed == ["small"]
    assert work.on_con == {"small"}
    assert work.beside["small"] == set()
    assert work.began.index("small") < work.began.index("next")


def test_a_large_model_that_memory_did_not_hold_beside_others_is_made_again_alone() -> None:
    work = Work(threads=2)
    failed: list[str] = []

    def build_on_con(con: duckdb.DuckDBPyConnection, made: Model) -> None:
        if not failed:
            failed.append(made.stem)
            raise OrderLostError(made.stem)
        work.build(con, made)

    order = [model("large", "blocks: {by: x}"), model("small"), model("next")]
    reads: dict[str, set[str]] = {one.name: set() for one in order}
    build_side_by_side(work.con, order, reads, build_on_con, work.build, lambda one: False, 2)
    assert failed == ["large"]
    assert work.on_con == {"large"}
    assert work.beside["large"] == set()


def test_what_alone_is_not_held_by_memory_either_is_an_error() -> None:
    tried: list[str] = []

    def build(con: duckdb.DuckDBPyConnection, made: Model) -> None:
        tried.append(made.stem)
        raise OrderLostError(made.stem)

    only = model("large", "blocks: {by: x}")
    with pytest.raises(OrderLostError, match="large"):
        build_side_by_side(duckdb.connect(), [only], {only.name: set()}, build, build, lambda one: False, 2)
    assert tried == ["large", "large"]


def test_what_still_runs_is_broken_off_once_there_is_an_error() -> None:
    con = duckdb.connect()
    broken_off: list[str] = []

    def build(connection: duckdb.DuckDBPyConnection, made: Model) -> None:
        if made.stem == "broken":
            time.sleep(0.2)
            raise ModelError("broken")
        try:
            # hours of work
            connection.execute(
                "select count(*) from range(1000000) as a, range(1000000) as b where a.range * b.range % 7 = 3"
            )
        except duckdb.InterruptException:
            broken_off.append(made.stem)
            raise

    order = [model("long"), model("broken")]
    with pytest.raises(ModelError, match="broken"):
        build_side_by_side(con, order, {one.name: set() for one in order}, build, build, lambda one: False, 2)
    assert broken_off == ["long"]


def test_what_is_made_in_shards_is_broken_off_too() -> None:
    con = duckdb.connect(config={"threads": 2})
    con.execute("create table made (x bigint)")
    failed: list[str] = []

    def build(connection: duckdb.DuckDBPyConnection, made: Model) -> None:
        if made.stem == "broken":
            time.sleep(0.3)
            raise ModelError("broken")
        # hours of work in each of four parts, of which two are at work
        sql = """select count(*) from range(1000000) as a, range(1000000) as b
            where a.range * b.range % 7 = 3 and $shard_first <= $shard_last"""
        try:
            insert_in_shards(connection, "made", sql, [(part, part) for part in range(4)], {})
        except duckdb.InterruptException:
            failed.append(made.stem)
            raise

    order = [model("large", "blocks: {by: x}"), model("broken")]
    with pytest.raises(ModelError, match="broken"):
        build_side_by_side(con, order, {one.name: set() for one in order}, build, build, lambda one: False, 2)
    assert failed == ["large"]
