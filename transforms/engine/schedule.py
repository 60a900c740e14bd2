"""In what order models are made, and which side by side: small tables that do not need each other, on as many cursors as
DuckDB has threads. What is made in blocks or shards uses all threads itself, and is made alone."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Set
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from graphlib import TopologicalSorter
from queue import SimpleQueue

import duckdb

from transforms.engine.model import Model
from transforms.engine.shards import thread_count
from warehouse.duck import prepare_connection, quote_literal

Build = Callable[[duckdb.DuckDBPyConnection, Model], None]


def build_side_by_side(
    con: duckdb.DuckDBPyConnection,
    order: list[Model],
    reads: Mapping[str, Set[str]],
    build_alone: Build,
    build_beside: Build,
) -> None:
    """Make each model of `order` after those that it `reads`: with `build_beside` on a cursor of its own, or with
    `build_alone` on `con`.

    What memory did not hold beside others is made again alone. The first error is raised once nothing runs any more.
    """
    models = {model.name: model for model in order}
    places = {model.name: place for place, model in enumerate(order)}
    sorter = TopologicalSorter({name: reads[name] & models.keys() for name in models})
    sorter.prepare()
    alone: list[str] = []
    beside: list[str] = []
    running: dict[Future[None], str] = {}
    count = thread_count(con)
    cursors = _cursors(con, count)

    def on_a_cursor(model: Model) -> None:
        cursor = cursors.get()
        try:
            build_beside(cursor, model)
        finally:
            cursors.put(cursor)

    with ThreadPoolExecutor(count) as pool:
        while sorter.is_active():
            for name in sorted(sorter.get_ready(), key=places.__getitem__):
                (alone if models[name].blocks or models[name].shards else beside).append(name)
            while beside and len(running) < count:
                name = beside.pop(0)
                running[pool.submit(on_a_cursor, models[name])] = name
            if not running:
                name = min(alone, key=places.__getitem__)
                alone.remove(name)
                build_alone(con, models[name])
                sorter.done(name)
                continue
            for done in wait(running, return_when=FIRST_COMPLETED).done:
                name = running.pop(done)
                error = done.exception()
                if error is not None and isinstance(error.__cause__, duckdb.OutOfMemoryException):
                    alone.append(name)
                    continue
                done.result()
                sorter.done(name)


def _cursors(con: duckdb.DuckDBPyConnection, count: int) -> SimpleQueue[duckdb.DuckDBPyConnection]:
    path = con.execute("select current_setting('search_path')").fetchall()[0][0]
    cursors: SimpleQueue[duckdb.DuckDBPyConnection] = SimpleQueue()
    for _ in range(count):
        cursor = prepare_connection(con.cursor())
        cursor.execute(f"set search_path = {quote_literal(path)}")
        cursors.put(cursor)
    return cursors
