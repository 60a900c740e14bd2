"""Faults put into real bars, and what the rules make of them: `python -m benchmarks.faults --home HOME SEED [SEED ...]`.

Places are drawn uniformly from all (series, session) pairs with a bar on both adjacent sessions, before any rule has run; up and
down alike, volumes and stated previous closes as they were. A spike is one close times a factor, a shift all closes from the
session on (a split that nobody gave). Faults of one run lie so far apart that none is the neighbour of another. Printed are,
for each row of the table in docs/data-quality.md, the worst of the seeds: injected, set aside on their session, rightly
explained by the next bar; and what is set aside where nothing was injected, per 1,000 years of series.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from transforms.engine import run
from transforms.engine.databases import open_databases
from transforms.engine.graph import build_order, model_inputs
from transforms.engine.load import load_models
from transforms.engine.model import LAYERS, Model
from transforms.engine.values import model_values
from transforms.facts import LAKE_TABLES, attach_lake
from warehouse.lake.lake import Lake
from warehouse.settings import load_home_settings

STOCKS, FUNDS, INDICES = "equity_bars", "sector_bars", "index_bars"
PLACES = {STOCKS: 6362, FUNDS: 2201, INDICES: 1164}
# sessions between two faults of one run: of a stock in its own series, else in any, as funds and indices are compared
APART = 13
_BARS_OF_STOCKS, _BARS_OF_OTHERS = "intermediate.series_bars", "intermediate.reference_bars"
_VERDICTS = "intermediate.price_steps"
LEAST = {
    ("index", "x1.06"): 0.78,
    ("index", "x1.2"): 1.0,
    ("index", "x1.5"): 1.0,
    ("index", "x2"): 1.0,
    ("index", "x10"): 1.0,
    ("index", "x100"): 1.0,
    ("fund", "x1.2"): 0.99,
    ("fund", "x1.1"): 0.97,
    ("stock_10b", "x1.5"): 0.98,
    ("stock_10b", "x2"): 0.995,
    ("stock_2b", "x2"): 0.99,
    ("stock_500m", "x2"): 0.98,
    ("stock", "x3"): 0.92,
    ("stock", "4:1"): 1.0,
    ("stock_below_1_usd", "x10"): 0.98,
    ("stock (any)", "x10"): 0.996,
    ("stock (any)", "x100"): 0.996,
    ("stock (any)", "1:20"): 0.996,
}
# these are counted as found where they are listed for review, and shown
OF_LISTED = {("fund", "x1.1")}
MOST_FALSE = {
    "index": 0.0,
    "volatility": 0.0,
    "fund": 0.0,
    "volatile_fund": 0.0,
    "stock_10b": 7.9,
    "stock_2b": 6.6,
    "stock_500m": 10.3,
    "stock": 32.9,
    "stock_below_1_usd": 37.6,
}


@dataclass(frozen=True)
class Fault:
    """`factor` times the close (or its inverse, where `both_ways`), of one session or of `sessions` in a row."""

    dataset: str
    name: str
    factor: float
    sessions: int = 1
    both_ways: bool = True


@dataclass(frozen=True)
class Count:
    """Of one kind of series and one fault: `right` are explained rightly by the next bar, `listed` also those that are shown."""

    kind: str
    fault: str
    injected: int
    found: int
    right: int
    listed: int


FAULTS = (
    *(Fault(INDICES, f"x{factor:g}", factor) for factor in (1.06, 1.2, 1.5, 2, 10, 100)),
    *(Fault(FUNDS, f"x{factor:g}", factor) for factor in (1.1, 1.2, 1.5, 2, 10)),
    *(Fault(STOCKS, f"x{factor:g}", factor) for factor in (1.5, 2, 3, 10, 100)),
    Fault(STOCKS, "4:1", 1 / 4, sessions=12, both_ways=False),
    Fault(STOCKS, "1:20", 20, sessions=12, both_ways=False),
)


class Market:
    """The bars of a home with the rules' tables; `con` has the models' schemas in its search path."""

    def __init__(self, con: duckdb.DuckDBPyConnection, values: Mapping[str, Any]) -> None:
        self.con, self.values, self.models = con, values, load_models()
        self.order = build_order(_closure(self.models, {_VERDICTS}), LAKE_TABLES)
        for model in self.order:
            run.make_table(con, model, values)
        for statement in _PREPARED:
            con.execute(statement)

    def false_alarms(self) -> list[tuple[str, int, float]]:
        """Kind, bars set aside and years of series; nothing has been injected yet."""
        return self.con.execute(_ALARMS).fetchall()

    def inject(self, fault: Fault, seed: int) -> list[Count]:
        """Put the fault into as many bars as PLACES says, and count by kind of series what was found."""
        table = _BARS_OF_STOCKS if fault.dataset == STOCKS else _BARS_OF_OTHERS
        hanging_on_bars = self._readers_of(table)
        self.con.execute("create or replace table results (kind varchar, is_found bool, is_right bool, is_listed bool)")
        for batch in self._batches(fault, seed):
            self.con.execute("create or replace table hits (series_no bigint, seq integer, is_up bool)")
            self.con.executemany("insert into hits values (?, ?, ?)", batch)
            up = f"if(h.is_up, {fault.factor!r}, {1 / fault.factor!r})" if fault.both_ways else repr(fault.factor)
            self.con.execute(_TOUCHED[table].format(factor=up, sessions=fault.sessions))
            self.con.execute(_CHANGE[table])
            for model in hanging_on_bars:
                self.con.execute(f"drop table {run.database_of_model(model)}.{model.name}")
                run.make_table(self.con, model, self.values)
            right = "bad_tick" if fault.sessions == 1 else "break"
            self.con.execute(_RESULTS, {"dataset": fault.dataset, "right": right})
            self.con.execute(_RESTORE[table])
        rows = self.con.execute(_COUNTS, {"is_stock": fault.dataset == STOCKS}).fetchall()
        return [Count(kind, fault.name, *numbers) for kind, *numbers in rows]

    def _readers_of(self, table: str) -> list[Model]:
        """The models that hang on the table, in the order in which they are made."""
        names, readers = {table}, []
        for model in self.order:
            if not model_inputs(model, LAYERS).isdisjoint(names):
                names.add(model.name)
                readers.append(model)
        return readers

    def _batches(self, fault: Fault, seed: int) -> list[list[tuple[int, int, bool]]]:
        """The places drawn (series, session, up), in runs within which they lie APART sessions from each other."""
        drawn = self.con.execute(
            """select series_no, seq, hash($seed, series_no, seq, 'up') % 2 = 0 from places where dataset = $dataset
            order by hash($seed, series_no, seq), series_no, seq limit $number""",
            {"seed": f"{seed} {fault.name}", "dataset": fault.dataset, "number": PLACES[fault.dataset]},
        ).fetchall()
        batches: list[list[tuple[int, int, bool]]] = []
        last: list[dict[int, int]] = []
        for series_no, seq, up in sorted(drawn, key=lambda place: place[1]):
            group = series_no if fault.dataset == STOCKS else 0
            number = next((i for i, seen in enumerate(last) if seen.get(group, -APART) <= seq - APART), len(batches))
            if number == len(batches):
                batches.append([])
                last.append({})
            batches[number].append((series_no, seq, up))
            last[number][group] = seq
        return batches


def _closure(models: dict[str, Model], wanted: set[str]) -> dict[str, Model]:
    found: dict[str, Model] = {}
    left = list(wanted)
    while left:
        name = left.pop()
        if name in models and name not in found:
            found[name] = models[name]
            left += model_inputs(models[name], {"lake", *LAYERS})
    return found


# Series are numbered through; a place is a bar with one of its series on both adjacent sessions. Kinds are those of the rules.
_PREPARED = (
    """create table series as
    select 'equity_bars' as dataset, series_no, instrument_id as symbol, source, basis from intermediate.equity_series
    where is_stock
    union all select dataset, cast(1000000 + row_number() over (order by dataset, symbol, source, basis) as integer),
        symbol, source, basis
    from (select distinct dataset, symbol, source, basis from intermediate.reference_bars)""",
    # the others of a session, which take two indices or three funds beside the one
    """create table compared as
    select b.dataset, b.seq, count(distinct b.symbol) as symbols from intermediate.reference_bars as b
    left join intermediate.fund_kinds as f using (symbol)
    where b.symbol <> 'VIX' and (b.dataset = 'index_bars' or f.symbol is not null) group by b.dataset, b.seq""",
    """create table kinds as
    with bars as (
        select b.series_no, b.seq, b.seq - min(b.seq) over (partition by b.instrument_no) as age,
            last_value(b.market_cap ignore nulls) over recent as cap, lag(b.close_e6) over line / 1e6 as last_close
        from intermediate.series_bars as b semi join series as s using (series_no)
        window line as (partition by b.series_no order by b.seq),
            recent as (partition by b.series_no order by b.seq range between 5 preceding and 1 preceding)
    )
    select series_no, seq, case when last_close < 0.10 then 'stock_below_10_cents' when age < 10 then 'stock_new'
        when last_close < 1 then 'stock_below_1_usd' when cap >= 10e9 then 'stock_10b' when cap >= 2e9 then 'stock_2b'
        when cap >= 0.5e9 then 'stock_500m' else 'stock' end as kind
    from bars
    union all
    select s.series_no, b.seq, case when b.dataset = 'sector_bars' and f.symbol is null then 'volatile_fund'
        when b.symbol = 'VIX' then 'volatility' when b.dataset = 'sector_bars' then if(n.symbols > 3, 'fund', 'fund_alone')
        else if(n.symbols > 2, 'index', 'index_alone') end
    from intermediate.reference_bars as b inner join series as s using (dataset, symbol, source, basis)
    left join intermediate.fund_kinds as f on b.symbol = f.symbol
    left join compared as n on b.dataset = n.dataset and b.seq = n.seq""",
    """create table places as
    select s.dataset, k.series_no, k.seq from kinds as k inner join series as s using (series_no)
    semi join kinds as b on k.series_no = b.series_no and k.seq - 1 = b.seq
    semi join kinds as a on k.series_no = a.series_no and k.seq + 1 = a.seq""",
    """create table alarms as
    select s.series_no, p.seq, p.verdict from intermediate.price_steps as p
    inner join series as s using (dataset, symbol, source, basis)""",
)
_ALARMS = """select k.kind, count(a.seq), count(*) / 252 from kinds as k left join alarms as a using (series_no, seq)
    group by k.kind order by k.kind"""
# the bars as they were, and by what they are multiplied; what a vendor states of the session before a shift is not shifted
_TOUCHED = {
    _BARS_OF_STOCKS: """create or replace table touched as
        select b.series_no, b.seq, b.close_e6, b.previous_close_e6, {factor} as factor,
            if(b.seq > h.seq, {factor}, 1) as of_previous
        from hits as h inner join intermediate.series_bars as b
        on h.series_no = b.series_no and b.seq between h.seq and h.seq + {sessions} - 1""",
    _BARS_OF_OTHERS: """create or replace table touched as
        select b.dataset, b.symbol, b.source, b.basis, b.seq, b.close, b.forward_close, {factor} as factor
        from hits as h inner join series as s using (series_no) inner join intermediate.reference_bars as b
        on (s.dataset, s.symbol, s.source, s.basis) = (b.dataset, b.symbol, b.source, b.basis)
        and b.seq between h.seq and h.seq + {sessions} - 1""",
}
# if a session lies before a shift, its stated previous close is what the vendor gave: a spike alone leaves the next one as it was
_CHANGE = {
    _BARS_OF_STOCKS: """update intermediate.series_bars as b set close_e6 = cast(round(b.close_e6 * t.factor) as bigint),
        previous_close_e6 = cast(round(b.previous_close_e6 * t.of_previous) as bigint)
        from touched as t where b.series_no = t.series_no and b.seq = t.seq""",
    _BARS_OF_OTHERS: """update intermediate.reference_bars as b set close = b.close * t.factor,
        forward_close = b.forward_close * t.factor
        from touched as t where b.dataset = t.dataset and b.symbol = t.symbol and b.source = t.source and b.basis = t.basis
        and b.seq = t.seq""",
}
_RESTORE = {
    _BARS_OF_STOCKS: """update intermediate.series_bars as b set close_e6 = t.close_e6, previous_close_e6 = t.previous_close_e6
        from touched as t where b.series_no = t.series_no and b.seq = t.seq""",
    _BARS_OF_OTHERS: """update intermediate.reference_bars as b set close = t.close, forward_close = t.forward_close
        from touched as t where b.dataset = t.dataset and b.symbol = t.symbol and b.source = t.source and b.basis = t.basis
        and b.seq = t.seq""",
}
_RESULTS = """insert into results
    select k.kind, p.seq is not null, coalesce(p.verdict = $right, false),
        p.seq is not null or coalesce(abs(r.apart_pp) > 5, false)
    from hits as h inner join series as s using (series_no) inner join kinds as k using (series_no, seq)
    left join intermediate.price_steps as p
    on s.dataset = p.dataset and s.symbol = p.symbol and s.source = p.source and s.basis = p.basis and h.seq = p.seq
    left join intermediate.reference_steps as r
    on s.dataset = r.dataset and s.symbol = r.symbol and s.source = r.source and s.basis = r.basis and h.seq = r.seq
    where s.dataset = $dataset"""
_COUNTS = """select kind, count(*), count_if(is_found), count_if(is_right), count_if(is_listed) from results group by kind
    union all select 'stock (any)', count(*), count_if(is_found), count_if(is_right), count_if(is_listed) from results
    where kind <> 'stock_below_10_cents' and $is_stock having count(*) > 0 order by all"""


def report(home: Path, seeds: Sequence[int]) -> Iterator[str]:
    """The lines of the tables in Markdown, and a last one for each figure that is worse than the table of the rules."""
    settings, lake = load_home_settings(home), Lake(home)
    worst: dict[tuple[str, str], Count] = {}
    with tempfile.TemporaryDirectory() as folder, open_databases(Path(folder) / "faults.duckdb", settings) as con:
        attach_lake(con, lake, lake.manifest(), None, settings)
        market = Market(con, model_values(settings))
        alarms = market.false_alarms()
        for seed in seeds:
            for fault in FAULTS:
                for count in market.inject(fault, seed):
                    key = (count.kind, count.fault)
                    if key not in worst or count.found / count.injected < worst[key].found / worst[key].injected:
                        worst[key] = count
    poor = []
    yield f"Seeds {', '.join(map(str, seeds))}; of each row the worst.\n"
    yield "| kind | fault | injected | set aside at t | share | at least | right at t+1 | set aside or listed |"
    yield "| --- | --- | --- | --- | --- | --- | --- | --- |"
    for key, count in sorted(worst.items()):
        share = (count.listed if key in OF_LISTED else count.found) / count.injected
        if share < LEAST.get(key, 0):
            poor.append(f"WORSE: {key[0]} {key[1]}: {share:.4f} found, {LEAST[key]:.4f} expected")
        numbers = f"{count.injected} | {count.found} | {count.found / count.injected:.2%} | {_percent(LEAST.get(key))}"
        yield f"| {count.kind} | {count.fault} | {numbers} | {count.right} | {count.listed} |"
    yield "\n| kind | set aside, nothing injected | years of series | in 1,000 years | at most |\n| --- | --- | --- | --- | --- |"
    for kind, rows, years in alarms:
        most = None if kind not in MOST_FALSE else 1.25 * MOST_FALSE[kind]
        yield f"| {kind} | {rows} | {years:.0f} | {1000 * rows / years:.1f} | {'' if most is None else f'{most:.1f}'} |"
    yield from ["", *poor]


def _percent(share: float | None) -> str:
    return "" if share is None else f"{share:.1%}"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--home", type=Path, required=True, help="a home with bars of stocks, funds and indices")
    parser.add_argument("seeds", type=int, nargs="*", default=[1, 2, 3])
    arguments = parser.parse_args()
    is_worse = False
    for line in report(arguments.home, arguments.seeds):
        print(line, flush=True)
        is_worse = is_worse or line.startswith("WORSE")
    return 1 if is_worse else 0


if __name__ == "__main__":
    sys.exit(main())
