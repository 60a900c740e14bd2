"""The Great Expectations suite of a batch, built from the same rules as the SQL and held against its verdict.

A disagreement is a fault of this project, never of the data: a rule then means two things. The rows in dispute are named,
so that they can be set aside while the rest goes on.
Great Expectations works on pandas in chunks of at most 500,000 rows or a few more; rows of one key stay in one chunk.
"""

from __future__ import annotations

import gc
import logging
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from threading import Lock
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from expectations.check import Checked
from expectations.disputes import Dispute
from expectations.frames import BOUND, CHUNK_ROWS, MEASURE, batch_frame, chunks_of_rows, day_frame
from expectations.gx_import import import_great_expectations
from expectations.rules import Rule, rules_of_contract
from warehouse.contracts.contract import Contract

if TYPE_CHECKING:
    import pandas as pd

_ONE_AT_A_TIME = Lock()  # the context of Great Expectations is global to the process, and flows use threads
_SMALL_ROWS = 20_000
_LARGEST = float(np.finfo(np.float64).max)


@dataclass(frozen=True)
class Validated:
    """What Great Expectations found in a batch: bad rows (days, payloads) by rule, with 0 where none is bad; `disputes` are
    the rules of which the SQL says something else."""

    dataset: str
    rows: int
    chunks: int
    found: Mapping[str, int]
    disputes: Sequence[Dispute] = ()

    @property
    def is_success(self) -> bool:
        return not any(self.found.values())


def validate_batch(contract: Contract, table: pa.Table, checked: Checked) -> Validated:
    """Run the suite on the batch that `checked` was made of, rows of stopped payloads and repetitions left out."""
    import_great_expectations()
    halted = pa.array([item.payload_sha256 for item in checked.stopped], pa.string())
    is_in = ~pc.is_in(table["payload_sha256"], value_set=halted).to_numpy()
    is_in[checked.repeated] = False
    rows = np.flatnonzero(is_in)
    found: dict[str, set[int]] = {
        rule.name: set() for rule in rules_of_contract(contract) if rule.scope in ("row", "key")
    }
    unrun: dict[str, str] = {}
    pieces = 0
    for piece in chunks_of_rows(contract, table, rows, CHUNK_ROWS):
        pieces += 1
        frame = batch_frame(contract, table, piece)
        for name, outcome in _run_suite(_make_suite(contract, frame), frame).items():
            if isinstance(outcome, str):
                unrun[name] = outcome
            else:
                found[name] |= outcome
    disputes = [Dispute(contract.name, name, note=why) for name, why in unrun.items()]
    for name in found.keys() - unrun.keys():
        expected = checked.broken[name]
        bad, other = found[name], set(expected[is_in[expected]].tolist())
        if bad != other:
            disputes.append(Dispute(contract.name, name, _row_numbers(bad - other), _row_numbers(other - bad)))
    counts, more = _batch_counts(contract, checked)
    disputes.sort(key=lambda one: one.rule)
    return Validated(
        contract.name, len(rows), pieces, {name: len(bad) for name, bad in found.items()} | counts, [*disputes, *more]
    )


def _row_numbers(rows: set[int]) -> np.ndarray:
    return np.array(sorted(rows), np.int64)


def _batch_counts(contract: Contract, checked: Checked) -> tuple[dict[str, int], list[Dispute]]:
    warned = {finding.rule: finding.count for finding in checked.warnings}
    counts, disputes = {}, []
    for rule in rules_of_contract(contract):
        if rule.scope in ("row", "key"):
            continue
        frame = day_frame(rule, checked.days if rule.scope == "day" else checked.freshness)
        bad = _run_suite([_make_expectation(rule, contract)], frame)[rule.name] if len(frame) else set()
        expected = warned.get(rule.name, 0)
        if isinstance(bad, str):
            disputes.append(Dispute(contract.name, rule.name, note=bad))
        elif len(bad) != expected:
            disputes.append(Dispute(contract.name, rule.name, note=f"{len(bad)} lines against {expected}"))
        counts[rule.name] = expected if isinstance(bad, str) else len(bad)
    return counts, disputes


def _make_suite(contract: Contract, frame: pd.DataFrame) -> list[Any]:
    """The expectations of rows and keys that can fail: of a column without any value only its absence can."""
    given = {name for name in contract.lake_schema.names if frame[name].notna().any()}
    return [
        _make_expectation(rule, contract)
        for rule in rules_of_contract(contract)
        if rule.scope in ("row", "key") and (rule.kind == "required" or given.issuperset(rule.columns))
    ]


def _make_expectation(rule: Rule, contract: Contract) -> Any:
    common = {
        "severity": "critical" if rule.severity == "refuse" else "warning",
        "description": rule.description,
        "meta": {"rule": rule.name},
    }
    column = rule.columns[0]
    match rule.kind:
        case "required":
            return _expectation_class("ExpectColumnValuesToNotBeNull")(column=column, **common)
        case "finite":
            return _expectation_class("ExpectColumnValuesToBeBetween")(
                column=column, min_value=-_LARGEST, max_value=_LARGEST, **common
            )
        case "minimum":
            strict = contract.find_column(column).exclusive_minimum
            return _expectation_class("ExpectColumnValuesToBeBetween")(
                column=column, min_value=rule.limit, strict_min=strict, **common
            )
        case "maximum":
            return _expectation_class("ExpectColumnValuesToBeBetween")(column=column, max_value=rule.limit, **common)
        case "vocabulary":
            return _expectation_class("ExpectColumnValuesToBeInSet")(
                column=column, value_set=list(rule.vocabulary), **common
            )
        case "unique":
            return _expectation_class("ExpectCompoundColumnsToBeUnique")(
                column_list=[*rule.columns, "payload_sha256"], ignore_row_if="any_value_is_missing", **common
            )
        case (
            "count"
            | "fresh"
            | "ordered"
            | "session"
            | "future"
            | "move"
            | "paid"
            | "within"
            | "ratio"
            | "earliest"
            | "latest"
        ):
            return _expectation_class("ExpectColumnPairValuesAToBeGreaterThanB")(
                column_A=BOUND + rule.name, column_B=MEASURE + rule.name, or_equal=True,
                ignore_row_if="either_value_is_missing", **common,
            )  # fmt: skip


@lru_cache(maxsize=16)
def _expectation_class(name: str) -> Any:
    """The expectation `name` that makes its configuration once: Great Expectations asks an expectation eighty times for it,
    and makes it anew each time, which is a third of a small batch's validation."""
    import great_expectations.expectations
    from great_expectations.compatibility import pydantic

    parent: Any = getattr(great_expectations.expectations, name)  # its types know not what it exports

    def configuration(one: Any) -> Any:
        if one._made is None:
            one._made = parent.configuration.fget(one)
        return one._made

    # it goes by its name
    body = {"_made": pydantic.PrivateAttr(None), "configuration": property(configuration), "__module__": __name__}
    return type(parent)(f"{name}Once", (parent,), body)


def _run_suite(suite: Sequence[Any], frame: pd.DataFrame) -> dict[str, set[int] | str]:
    """The bad rows (labels of the frame's index) of each rule of the suite, or why it could not be run.

    First only whether all rules hold, which takes a third of the time; then the rows of those that may not. Asked for key
    columns, Great Expectations looks every cell up by itself (0.2 ms a bad row and rule): the row's number names the key too.
    """
    import great_expectations

    gx: Any = great_expectations
    with _ONE_AT_A_TIME:
        batch = _rows(gx).get_batch({"dataframe": frame})
        found: dict[str, set[int] | str] = {one.meta["rule"]: set() for one in suite}
        screens = {one.meta["rule"]: (one, rules) for one, rules in _screens(suite)}
        failing: list[str] = []
        for result in _validate_expectations(gx, batch, [one for one, _ in screens.values()], "BOOLEAN_ONLY"):
            if not result.success:
                failing += screens[_rule_name(result)][1]
        if failing:
            again = [one for one in suite if one.meta["rule"] in failing]
            found |= dict(_bad_rows(_validate_expectations(gx, batch, again, "COMPLETE")))
        del batch
        if len(frame) > _SMALL_ROWS:
            _rows.cache_clear()
            gc.collect()  # they hold one another, and with them a copy of the frame; 0.15 s
    return found


def _screens(suite: Sequence[Any]) -> Iterator[tuple[Any, list[str]]]:
    """Fewer expectations that hold where those of the suite do, with the rules that each stands for: the bounds of a column
    are one. What an expectation costs is mostly its making, however few the rows."""
    bounds: dict[str, list[Any]] = {}
    for one in suite:
        if isinstance(one, _expectation_class("ExpectColumnValuesToBeBetween")):
            bounds.setdefault(one.column, []).append(one)
        else:
            yield one, [one.meta["rule"]]
    for column, ones in bounds.items():
        lows = [(one.min_value, bool(one.strict_min)) for one in ones if one.min_value is not None]
        low, is_strict = max(lows, default=(None, False))
        high = min((one.max_value for one in ones if one.max_value is not None), default=None)
        both = {"column": column, "min_value": low, "strict_min": is_strict, "max_value": high, "meta": ones[0].meta}
        yield _expectation_class("ExpectColumnValuesToBeBetween")(**both), [one.meta["rule"] for one in ones]


@lru_cache(maxsize=1)
def _rows(gx: Any) -> Any:
    """What turns a frame into a batch, in a context that only this process has. It holds the frame until the next one."""
    # it tells of each temporary folder that it makes
    logging.getLogger("great_expectations.data_context.types.base").setLevel(logging.WARNING)
    context = gx.get_context(mode="ephemeral")
    context.variables.progress_bars = {"globally": False}
    asset = context.data_sources.add_pandas("batch").add_dataframe_asset("rows")
    return asset.add_batch_definition_whole_dataframe("whole")


def _validate_expectations(gx: Any, batch: Any, expectations: Sequence[Any], result_format: str) -> Any:
    rules = gx.ExpectationSuite(name="rules", expectations=list(expectations))
    return batch.validate(rules, result_format={"result_format": result_format}).results


def _rule_name(result: Any) -> str:
    return str(result.expectation_config.meta["rule"])


def _bad_rows(results: Iterable[Any]) -> Iterator[tuple[str, set[int] | str]]:
    for result in results:
        if "unexpected_index_list" not in result.result and not result.success:
            reason = " ".join(str(result.exception_info).split())[:300]
            yield _rule_name(result), f"Great Expectations could not run it: {reason}"
        else:
            yield _rule_name(result), {int(row) for row in result.result.get("unexpected_index_list") or ()}
