"""The data dictionary and the register of methods as Markdown, from the contracts and the models' headers alone."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from transforms.engine.load import load_models
from transforms.engine.model import PUBLISHED, Model
from transforms.ops import TABLES
from warehouse.calendar import FIRST_DAY, LAST_DAY, calendar_exceptions
from warehouse.contracts.contract import PROVENANCE, Contract
from warehouse.contracts.datasets import CONTRACTS

_GENERATED = (
    "<!-- Written by `breadthwise docs` from contracts and SQL headers. Do not edit: change those and run it again. -->"
)

_DICTIONARY_HEAD = f"""# Data dictionary

{_GENERATED}

Prices and money are in US dollars, instants in UTC, days are those of New York. NULL means not known or not defined; a
column `reason` or `note` beside it says why.

## Datasets of the lake

Every row also carries:
"""
_CLOSED_BEFORE_1970 = [day for day in calendar_exceptions()[0] if day < "1970"]
_CLOSED_IN_1968 = sum(day.startswith("1968") for day in _CLOSED_BEFORE_1970)
_METHODS_HEAD = f"""# Methods

{_GENERATED}

How each metric is computed, what it was checked against, and where it differs from what was published. The same
stands in `ops.methods`. A version is raised when the same facts give other values.

## Calendar

Sessions are those of the New York Stock Exchange (XNYS), {FIRST_DAY} to {LAST_DAY}, in `staging.sessions`. All holidays are known
from 1970 on. Before that {len(_CLOSED_BEFORE_1970)} closed weekdays are, {_CLOSED_IN_1968} of them in 1968;
every other one counts as a session, holidays too, on which a series has no close, so that what needs that close is null. Before
June 1952 the exchange traded on Saturdays as well, which the calendar does not hold: rows of such days are quarantined, and a
return into the Monday after one spans two sessions of that time.
"""


def generated_pages(models: Mapping[str, Model] | None = None) -> dict[str, str]:
    """The text of each generated page by file name: dictionary.md and metrics.md."""
    found = load_models() if models is None else models
    return {"dictionary.md": dictionary_page(found, CONTRACTS), "metrics.md": method_register_page(found)}


def dictionary_page(models: Mapping[str, Model], contracts: Mapping[str, Contract]) -> str:
    """The data dictionary: datasets of the lake, then published tables, then what exists only inside a build."""
    published = [model for model in models.values() if model.is_published]
    provenance = _column_table((c.name, c.duckdb_type, c.unit, c.description) for c in PROVENANCE)
    lines = [_DICTIONARY_HEAD, *provenance, ""]
    for contract in contracts.values():
        lines += _dataset_section(contract)
    for schema in PUBLISHED:
        lines += [f"## Schema {schema}", ""]
        for model in sorted((m for m in published if m.schema == schema), key=lambda m: m.stem):
            lines += _table_section(model)
    lines += ["## Schema ops", ""]
    for name, (description, grain, columns) in TABLES.items():
        rows = ((column, kind, *_split_unit(meaning)) for column, kind, meaning in columns)
        lines += [f"### ops.{name}", "", f"{description} Grain: {grain}.", "", *_column_table(rows), ""]
    lines += [
        "## Inside a build",
        "",
        "Steps on the way, not in the published file.",
        "",
        "| table | what it is | grain |",
    ]
    lines += ["| --- | --- | --- |"]
    inner = sorted((m for m in models.values() if not m.is_published), key=lambda m: m.name)
    lines += [f"| `{m.name}` | {_escape_cell(m.description)} | {_escape_cell(m.grain)} |" for m in inner]
    return "\n".join(lines) + "\n"


def method_register_page(models: Mapping[str, Model]) -> str:
    """The method register, in the order of the methods' names."""
    found = sorted(((method, model) for model in models.values() for method in model.methods), key=lambda p: p[0].id)
    lines = [_METHODS_HEAD]
    for method, model in found:
        lines += [f"## {method.id}, version {method.version}", "", f"In `{model.name}`: {model.description}", ""]
        fields = ("formula", "parameters", "citation", "oracle", "deviations")
        lines += [f"- {name}: {getattr(method, name)}" for name in fields if getattr(method, name)]
        lines += [""]
    return "\n".join(lines).rstrip() + "\n"


def _dataset_section(contract: Contract) -> list[str]:
    rows = ((c.name, c.duckdb_type, c.unit, c.description) for c in contract.columns)
    key = ", ".join(f"`{name}`" for name in contract.key)
    head = f"{contract.description} Grain: {contract.grain}. Key: {key}. Licence: {contract.licence}"
    return [f"### {contract.name}", "", head, "", *_column_table(rows), ""]


def _table_section(model: Model) -> list[str]:
    rows = ((c.name, c.type, c.unit, c.description) for c in model.columns)
    lines = [f"### {model.name}", "", f"{model.description} Grain: {model.grain}.", "", *_column_table(rows), ""]
    if model.invariants:
        lines += ["Checked in every build:", "", *(f"- {invariant.description}" for invariant in model.invariants), ""]
    return lines


def _column_table(rows: Iterable[tuple[str, ...]]) -> list[str]:
    lines = ["| column | type | unit | meaning |", "| --- | --- | --- | --- |"]
    return lines + [
        f"| `{name}` | {kind} | {_escape_cell(unit)} | {_escape_cell(text)} |" for name, kind, unit, text in rows
    ]


def _split_unit(meaning: str) -> tuple[str, str]:
    """Unit and text of an ops column: the unit stands before a colon."""
    unit, colon, text = meaning.partition(": ")
    return (unit, text) if colon else ("", meaning)


def _escape_cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")
