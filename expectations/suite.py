"""The Great Expectations suite of a batch, built from the same rules as the SQL and held against its verdict.

A disagreement is a fault of this project, never of the data, so it raises: a rule then means two things.
Great Expectations works on pandas in chunks of at most 500,000 rows or a few more; rows of one key stay in one chunk.
"""

from __future__ import annotations

import gc
import logging
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from threading import Lock
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from expectations.check import Checked
from expectations.frames import BOUND, CHUNK_ROWS, MEASURE, batch_frame, chunks, day_frame
from expectations.rules import Rule, rules_of
from warehouse.contracts.contract import Contract
from warehouse.errors import ExpectationError

if TYPE_CHECKING:
    import pandas as pd

_ONE_AT_A_TIME = Lock()  # the context of Great Expectations is global to the process, and flows use threads
_SMALL_ROWS = 20_000
_LARGEST = float(np.finfo(np.float64).max)


@dataclass(frozen=True)
class Validated:
    """What Great Expectations found in a batch: bad rows (days, payloads) by rule, with 0 where none is bad."""

    dataset: str
    rows: int
    chunks: int
    found: Mapping[str, int]

    @property
    def is_success(self) -> bool:
        return not any(self.found.values())


def validate(contract: Contract, table: pa.Table, checked: Checked) -> Validated:
    """Run the suite on the batch that `checked` was made of, rows of stopped payloads and repetitions left out.

    Raises ExpectationError where its verdict on any rule is not that of the SQL.
    """
    halted = pa.array([item.payload_sha256 for item in checked.stopped], pa.string())
    is_in = ~pc.is_in(table["payload_sha256"], value_set=halted).to_numpy()
    is_in[checked.repeated] = False
    rows = np.flatnonzero(is_in)
    found: dict[str, set[int]] = {rule.name: set() for rule in rules_of(contract) if rule.scope in ("row", "key")}
    pieces = 0
    for piece in chunks(contract, table, rows, CHUNK_ROWS):
        pieces += 1
        frame = batch_frame(contract, table, piece)
        for name, bad in _run(_suite(contract, frame), frame).items():
            found[name] |= bad
    for name, bad in found.items():
        expected = checked.broken[name]
        _must_agree(contract, name, bad, set(expected[is_in[expected]].tolist()))
    counts = {name: len(bad) for name, bad in found.items()}
    return Validated(contract.name, len(rows), pieces, counts | _batch_counts(contract, checked))


def _batch_counts(contract: Contract, checked: Checked) -> dict[str, int]:
    warned = {finding.rule: finding.count for finding in checked.warnings}
    counts = {}
    for rule in rules_of(contract):
        if rule.scope in ("row", "key"):
            continue
        frame = day_frame(rule, checked.days if rule.scope == "day" else checked.freshness)
        bad = _run([_expectation(rule, contract)], frame)[rule.name] if len(frame) else set()
        if len(bad) != warned.get(rule.name, 0):
            raise _disagreement(contract, rule.name, f"{len(bad)} lines against {warned.get(rule.name, 0)}")
        counts[rule.name] = len(bad)
    return counts


def _must_agree(contract: Contract, rule: str, gx: set[int], sql: set[int]) -> None:
    if gx != sql:
        only_gx, only_sql = sorted(gx - sql)[:5], sorted(sql - gx)[:5]
        raise _disagreement(contract, rule, f"rows {only_gx} only by the suite, rows {only_sql} only by SQL")


def _disagreement(contract: Contract, rule: str, what: str) -> ExpectationError:
    return ExpectationError(
        f"{contract.name}: rule {rule}: Great Expectations and SQL disagree ({what}); nothing was committed: "
        "this is a fault of Breadthwise, please report it with the payload"
    )


def _suite(contract: Contract, frame: pd.DataFrame) -> list[Any]:
    """The expectations of rows and keys that can fail: of a column without any value only its absence can."""
    given = {name for name in contract.lake_schema.names if frame[name].notna().any()}
    return [
        _expectation(rule, contract)
        for rule in rules_of(contract)
        if rule.scope in ("row", "key") and (rule.kind == "required" or given.issuperset(rule.columns))
    ]


def _expectation(rule: Rule, contract: Contract) -> Any:
    import great_expectations.expectations

    gxe: Any = great_expectations.expectations  # its types know neither **common nor what it exports
    common = {
        "severity": "critical" if rule.severity == "refuse" else "warning",
        "description": rule.description,
        "meta": {"rule": rule.name},
    }
    column = rule.columns[0]
    match rule.kind:
        case "required":
            return gxe.ExpectColumnValuesToNotBeNull(column=column, **common)
        case "finite":
            return gxe.ExpectColumnValuesToBeBetween(column=column, min_value=-_LARGEST, max_value=_LARGEST, **common)
        case "minimum":
            strict = contract.column(column).exclusive_minimum
            return gxe.ExpectColumnValuesToBeBetween(column=column, min_value=rule.limit, strict_min=strict, **common)
        case "maximum":
            return gxe.ExpectColumnValuesToBeBetween(column=column, max_value=rule.limit, **common)
        case "vocabulary":
            return gxe.ExpectColumnValuesToBeInSet(column=column, value_set=list(rule.vocabulary), **common)
        case "unique":
            return gxe.ExpectCompoundColumnsToBeUnique(
                column_list=[*rule.columns, "payload_sha256"], ignore_row_if="any_value_is_missing", **common
            )
        case "ordered" | "session" | "future" | "move" | "count" | "fresh":
            return gxe.ExpectColumnPairValuesAToBeGreaterThanB(
                column_A=BOUND + rule.name, column_B=MEASURE + rule.name, or_equal=True,
                ignore_row_if="either_value_is_missing", **common,
            )  # fmt: skip


def _run(suite: Sequence[Any], frame: pd.DataFrame) -> dict[str, set[int]]:
    """The bad rows (labels of the frame's index) of each rule of the suite.

    Asked for key columns, Great Expectations looks every cell up by itself (0.2 ms a bad row and rule): the row's
    number names the key as well.
    """
    import great_expectations

    gx: Any = great_expectations
    # it tells of each temporary folder that it makes
    logging.getLogger("great_expectations.data_context.types.base").setLevel(logging.WARNING)
    with _ONE_AT_A_TIME:
        context = gx.get_context(mode="ephemeral")
        context.variables.progress_bars = {"globally": False}
        asset = context.data_sources.add_pandas("batch").add_dataframe_asset("rows")
        batch = asset.add_batch_definition_whole_dataframe("whole").get_batch({"dataframe": frame})
        rules = gx.ExpectationSuite(name="rules", expectations=list(suite))
        outcome = batch.validate(rules, result_format={"result_format": "COMPLETE"})
        found = dict(_bad_rows(outcome.results))
        del outcome, batch, asset, context
        if len(frame) > _SMALL_ROWS:
            gc.collect()  # they hold one another, and with them a copy of the frame; 0.15 s
    return found


def _bad_rows(results: Sequence[Any]) -> Iterator[tuple[str, set[int]]]:
    for result in results:
        rule = result.expectation_config.meta["rule"]
        if "unexpected_index_list" not in result.result and not result.success:
            raise ExpectationError(f"rule {rule}: Great Expectations could not run it: {result.exception_info}")
        yield rule, {int(row) for row in result.result.get("unexpected_index_list") or ()}
