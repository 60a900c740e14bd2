"""From a contract the rules of its rows: each a name, a sentence, and a DuckDB predicate that is TRUE for a bad row.

The Great Expectations suite is built from the same list, so the two can be held against each other.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Literal

from warehouse.contracts.contract import (
    Column,
    Contract,
    LargeMove,
    NotAfter,
    NotBefore,
    NotInFuture,
    OnSession,
    Ordered,
    PaidAtMost,
    RatioWithin,
    SeriesWithin,
    Severity,
)
from warehouse.duck import quote_identifier, quote_identifiers, quote_literals

SLACK = 1e-9
Kind = Literal[
    "required",
    "finite",
    "minimum",
    "maximum",
    "vocabulary",
    "ordered",
    "session",
    "future",
    "unique",
    "move",
    "paid",
    "within",
    "ratio",
    "earliest",
    "latest",
    "count",
    "fresh",
]
Scope = Literal["row", "key", "day", "batch"]


@dataclass(frozen=True)
class Rule:
    """One rule. `predicate` is TRUE for what is bad: for a row of the batch (scope `row`), for a row of
    the batch without exact repetitions (`key`), for a line of the count of rows by day (`day`: columns rows,
    rows_before), or for the whole (`batch`: newest_date, oldest_fresh_date).

    Row predicates may use the tables `sessions(session_date)` and the column `learnt_date`.
    """

    name: str
    kind: Kind
    severity: Severity
    columns: tuple[str, ...]
    description: str
    predicate: str
    scope: Scope = "row"
    limit: float | None = None
    vocabulary: tuple[str, ...] = ()
    day: date | None = None


# each batch and each line of a page of results asks for them again
@cache
def rules_of_contract(contract: Contract) -> tuple[Rule, ...]:
    """All rules of `contract`, in the order in which a bad row is named after them."""
    rules = [rule for column in contract.all_columns for rule in _column_rules(column)]
    for declared in contract.rules:
        match declared:
            case Ordered():
                rules.append(_ordered_rule(contract, declared))
            case OnSession():
                rules.append(_on_session_rule(declared))
            case NotInFuture():
                rules.append(_not_in_future_rule(declared))
            case LargeMove():
                rules.append(_large_move_rule(declared))
            case PaidAtMost():
                rules.append(_paid_at_most_rule(declared))
            case SeriesWithin():
                rules.append(_series_within_rule(declared))
            case RatioWithin():
                rules.append(_ratio_within_rule(declared))
            case NotBefore() | NotAfter():
                rules.append(_day_bound_rule(declared))
    rules.append(_unique_key_rule(contract))
    rules.extend(_batch_rules(contract))
    return tuple(rules)


def row_rules(contract: Contract) -> list[Rule]:
    """The rules that look at one row alone."""
    return [rule for rule in rules_of_contract(contract) if rule.scope == "row"]


def _column_rules(column: Column) -> Iterator[Rule]:
    name, sql = column.name, quote_identifier(column.name)
    if column.required:
        yield Rule(f"{name}_required", "required", "refuse", (name,), f"{name} is given.", f"{sql} is null")
    if column.type == "float":
        yield Rule(f"{name}_finite", "finite", "refuse", (name,), f"{name} is a finite number.", f"not isfinite({sql})")
    if column.minimum is not None:
        sign, word = ("<=", "above") if column.exclusive_minimum else ("<", "at least")
        yield Rule(
            f"{name}_minimum",
            "minimum",
            "refuse",
            (name,),
            f"{name} is {word} {column.minimum:g}.",
            f"{sql} {sign} {column.minimum:g}",
            limit=column.minimum,
        )
    if column.maximum is not None:
        yield Rule(
            f"{name}_maximum",
            "maximum",
            "refuse",
            (name,),
            f"{name} is at most {column.maximum:g}.",
            f"{sql} > {column.maximum:g}",
            limit=column.maximum,
        )
    if column.vocabulary:
        known = quote_literals(column.vocabulary)
        shown = ", ".join(column.vocabulary) if len(column.vocabulary) <= 8 else f"{len(column.vocabulary)} known words"
        yield Rule(
            f"{name}_known",
            "vocabulary",
            "refuse",
            (name,),
            f"{name} is one of: {shown}.",
            f"{sql} not in ({known})",
            vocabulary=column.vocabulary,
        )


def _ordered_rule(contract: Contract, rule: Ordered) -> Rule:
    lesser, greater = quote_identifier(rule.lesser), quote_identifier(rule.greater)
    predicate = f"{lesser} > {greater}"
    if contract.find_column(rule.lesser).type == "float":
        # a vendor's rounding differs between columns of one row; an infinite number has a rule of its own
        predicate = f"isfinite({lesser}) and isfinite({greater}) and {lesser} > {greater} + {SLACK!r} * abs({greater})"
    return Rule(
        f"{rule.lesser}_not_above_{rule.greater}",
        "ordered",
        rule.severity,
        (rule.lesser, rule.greater),
        f"{rule.lesser} does not exceed {rule.greater}.",
        predicate,
    )


def _on_session_rule(rule: OnSession) -> Rule:
    return Rule(
        f"{rule.column}_on_session",
        "session",
        "refuse",
        (rule.column,),
        f"{rule.column} is a session of the exchange calendar.",
        f"{quote_identifier(rule.column)} not in (select session_date from sessions)",
    )


def _not_in_future_rule(rule: NotInFuture) -> Rule:
    return Rule(
        f"{rule.column}_not_in_future",
        "future",
        "refuse",
        (rule.column,),
        f"{rule.column} does not lie after the day on which the row was learnt.",
        f"{quote_identifier(rule.column)} > learnt_date",
    )


def _large_move_rule(rule: LargeMove) -> Rule:
    column, reference = quote_identifier(rule.column), quote_identifier(rule.reference)
    return Rule(
        f"{rule.column}_large_move",
        "move",
        "warn",
        (rule.column, rule.reference),
        f"{rule.column} lies within {rule.limit_pct:g} % of {rule.reference}.",
        f"{reference} > 0 and isfinite({column}) and isfinite({reference})"
        f" and abs({column} - {reference}) > {rule.limit_pct / 100!r} * {reference}",
        limit=rule.limit_pct,
    )


def _paid_at_most_rule(rule: PaidAtMost) -> Rule:
    return Rule(
        "raw_price_maximum",
        "paid",
        "refuse",
        ("close", "basis"),
        f"An unadjusted price is at most {rule.limit:g}.",
        f"close is not null and basis = 'raw' and greatest({quote_identifiers(rule.columns)}) > {rule.limit:g}",
        limit=rule.limit,
    )


def _series_within_rule(rule: SeriesWithin) -> Rule:
    value, series = quote_identifier(rule.value), quote_identifier(rule.series)
    return Rule(
        f"{rule.kind}_within",
        "within",
        "refuse",
        (rule.value, rule.series),
        f"The value of a known series in {rule.kind} is at most {rule.limit:g} from 0.",
        f"{value} is not null and {series} in ({quote_literals(rule.names)}) and abs({value}) > {rule.limit:g}",
        limit=rule.limit,
        vocabulary=rule.names,
    )


def _ratio_within_rule(rule: RatioWithin) -> Rule:
    one, other = quote_identifier(rule.column), quote_identifier(rule.other)
    return Rule(
        f"{rule.column}_per_{rule.other}",
        "ratio",
        "refuse",
        (rule.column, rule.other),
        f"{rule.column} and {rule.other} are at most {rule.limit:,} to 1.",
        f"greatest({one}, {other}) > {rule.limit} * least({one}, {other})::double and {one} is not null and {other} is not null",
        limit=rule.limit,
    )


def _day_bound_rule(rule: NotBefore | NotAfter) -> Rule:
    is_first = isinstance(rule, NotBefore)
    day = rule.first if isinstance(rule, NotBefore) else rule.last
    return Rule(
        f"{rule.column}_{'earliest' if is_first else 'latest'}",
        "earliest" if is_first else "latest",
        "refuse",
        (rule.column,),
        f"{rule.column} lies on {day} or {'later' if is_first else 'before'}.",
        f"{quote_identifier(rule.column)} {'<' if is_first else '>'} date '{day}'",
        day=day,
    )


def _unique_key_rule(contract: Contract) -> Rule:
    key = ", ".join(quote_identifier(name) for name in contract.key)
    given = " and ".join(f"{quote_identifier(name)} is not null" for name in contract.key)
    return Rule(
        "duplicate_key",
        "unique",
        "refuse",
        contract.key,
        f"One payload gives one row for a key ({', '.join(contract.key)}), or the same row again.",
        f"{given} and count(*) over (partition by {key}, payload_sha256) > 1",
        scope="key",
    )


def _batch_rules(contract: Contract) -> Iterator[Rule]:
    date = contract.year_column
    if contract.count_change_limit is not None:
        yield Rule(
            "row_count_changed",
            "count",
            "warn",
            (date,),
            f"The number of rows of a day lies within {contract.count_change_limit:.0%} of the session before.",
            f"abs(rows - rows_before) > {contract.count_change_limit!r} * rows_before",
            scope="day",
            limit=contract.count_change_limit,
        )
    if contract.fresh_within_sessions is not None:
        yield Rule(
            "not_fresh",
            "fresh",
            "warn",
            (date,),
            f"The newest {date} lies at most {contract.fresh_within_sessions} sessions before the day asked for.",
            "newest_date < oldest_fresh_date",
            scope="batch",
            limit=float(contract.fresh_within_sessions),
        )
