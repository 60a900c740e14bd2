"""In what order models are made, and which side by side: small tables that do not need each other, on cursors of their own. What
is made in blocks or shards uses all threads itself: one at a time, and alone where it takes all memory.

What most others wait for is made first."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Set
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import contextmanager
from graphlib import TopologicalSorter
from queue import SimpleQueue
from typing import Any

import duckdb

from transforms.engine.model import Model
from transforms.engine.run import is_for_want_of_memory
from transforms.engine.shards import stop_shards
from warehouse.duck import prepare_connection, quote_literal

Build = Callable[[duckdb.DuckDBPyConnection, Model], None]


def build_side_by_side(
    con: duckdb.DuckDBPyConnection,
    order: list[Model],
    reads: Mapping[str, Set[str]],
    build_on_con: Build,
    build_beside: Build,
    is_alone: Callable[[Model], bool],
    count: int,
) -> None:
    """Make each model of `order` after those that it `reads`, up to `count` at once: with `build_beside` on a cursor of its own,
    or with `build_on_con` on `con`, and then beside none of the others where it `is_alone`.

    What memory did not hold beside others is made again on `con`, alone. The first error is raised once nothing runs any more;
    what still runs then, or when the user stops us, is broken off.
    """
    models = {model.name: model for model in order}
    waiting = _chain_lengths(order, reads)
    sorter = TopologicalSorter({name: reads[name] & models.keys() for name in models})
    sorter.prepare()
    large: list[str] = []
    small: list[str] = []
    alone = {name for name, model in models.items() if is_alone(model)}
    running: dict[Future[None], str] = {}
    on_con = ""
    cursors = open_cursors(con, count)
    on_a_cursor = taking_turns(cursors, build_beside)
    with ThreadPoolExecutor(count) as pool, broken_off(con, *cursors):
        while sorter.is_active():
            for name in sorter.get_ready():
                (large if _is_large(models[name]) else small).append(name)
            ready = [name for name in large if not (running or small) or name not in alone]
            if ready and not on_con:
                on_con = max(ready, key=waiting.__getitem__)
                large.remove(on_con)
                running[pool.submit(build_on_con, con, models[on_con])] = on_con
            while small and len(running) < count and on_con not in alone:
                name = max(small, key=waiting.__getitem__)
                small.remove(name)
                running[pool.submit(on_a_cursor, models[name])] = name
            for done in wait(running, return_when=FIRST_COMPLETED).done:
                name = running.pop(done)
                error = done.exception()
                on_con = "" if name == on_con else on_con
                if is_for_want_of_memory(error) and name not in alone:
                    large.append(name)
                    alone.add(name)
                    continue
                done.result()
                sorter.done(name)


@contextmanager
def broken_off(*connections: duckdb.DuckDBPyConnection) -> Iterator[None]:
    """Where the body raises, what runs on the connections ends at once, and what is made in shards on cursors of theirs."""
    try:
        yield
    except BaseException:
        for one in connections:
            one.interrupt()
            stop_shards(one)
        raise


def taking_turns(cursors: list[duckdb.DuckDBPyConnection], build: Callable[..., None]) -> Callable[..., None]:
    """`build`, whose first argument is a cursor, with one that nothing else is made on."""
    free: SimpleQueue[duckdb.DuckDBPyConnection] = SimpleQueue()
    for one in cursors:
        free.put(one)

    def build_on_a_cursor(*given: Any) -> None:
        cursor = free.get()
        try:
            build(cursor, *given)
        finally:
            free.put(cursor)

    return build_on_a_cursor


def _is_large(model: Model) -> bool:
    """It uses all threads, or settings of DuckDB that hold for all."""
    return model.blocks is not None or model.shards is not None or model.is_in_order


def _chain_lengths(order: list[Model], reads: Mapping[str, Set[str]]) -> dict[str, int]:
    """How many models wait for each, one after the other."""
    lengths = {model.name: 0 for model in order}
    for model in reversed(order):
        for name in reads[model.name] & lengths.keys():
            lengths[name] = max(lengths[name], lengths[model.name] + 1)
    return lengths


def open_cursors(con: duckdb.DuckDBPyConnection, count: int) -> list[duckdb.DuckDBPyConnection]:
    """Cursors of `con` on which a model finds its tables as on it."""
    path = con.execute("select current_setting('search_path')").fetchall()[0][0]
    cursors = [prepare_connection(con.cursor()) for _ in range(count)]
    for cursor in cursors:
        cursor.execute(f"set search_path = {quote_literal(path)}")
    return cursors
