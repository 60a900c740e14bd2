"""Facts beyond the bounds of their contract: a lake may hold some from before there were bounds, but no figure uses them."""

from __future__ import annotations

from collections.abc import Iterator

from warehouse.contracts.contract import (
    Column,
    Contract,
    NotAfter,
    NotBefore,
    PaidAtMost,
    RatioWithin,
    Rule,
    SeriesWithin,
)
from warehouse.duck import quote_identifier, quote_identifiers, quote_literals


def within_bounds_sql(contract: Contract) -> str:
    """A WHERE that leaves out facts with a value beyond the contract's bounds; a null has none."""
    bounds = [bound for column in contract.columns for bound in _column_bounds(column)]
    bounds += [bound for rule in contract.rules for bound in _rule_bounds(rule)]
    return f" where {' and '.join(f'coalesce({bound}, true)' for bound in bounds)}" if bounds else ""


def _column_bounds(column: Column) -> Iterator[str]:
    name, whole = quote_identifier(column.name), column.type == "integer"
    if column.minimum is not None:
        sign = ">" if column.exclusive_minimum else ">="
        yield f"{name} {sign} {int(column.minimum) if whole else column.minimum}"
    if column.maximum is not None:
        yield f"{name} <= {int(column.maximum) if whole else column.maximum}"


def _rule_bounds(rule: Rule) -> Iterator[str]:
    match rule:
        case PaidAtMost():
            yield f"(basis <> 'raw' or greatest({quote_identifiers(rule.columns)}) <= {rule.limit:g})"
        case SeriesWithin():
            value, names = quote_identifier(rule.value), quote_literals(rule.names)
            yield f"(abs({value}) <= {rule.limit:g} or {quote_identifier(rule.series)} not in ({names}))"
        case RatioWithin():
            one, other = quote_identifier(rule.column), quote_identifier(rule.other)
            yield f"greatest({one}, {other}) <= {rule.limit} * least({one}, {other})::double"
        case NotBefore():
            yield f"{quote_identifier(rule.column)} >= date '{rule.first}'"
        case NotAfter():
            yield f"{quote_identifier(rule.column)} <= date '{rule.last}'"
