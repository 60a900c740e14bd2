"""A model is one SQL file: a YAML header in a block comment that declares the table, then a SELECT that makes it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import yaml

from transforms.engine.parts import Blocks, Shards, parse_blocks, parse_sessions, parse_shards
from warehouse.duck import has_end_mark, without_end_mark
from warehouse.errors import ModelError

LAYERS = ("staging", "intermediate", "marts", "reports")
PUBLISHED = ("marts", "reports")
_HEADER = re.compile(r"\A\s*/\*(.*?)\*/(.*)\Z", re.DOTALL)
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_KNOWN = frozenset(
    {
        "description",
        "grain",
        "materialized",
        "publish",
        "shards",
        "in_order",
        "blocks",
        "sessions",
        "columns",
        "invariants",
        "method",
        "evidence",
    }
)
_METHOD_FIELDS = ("id", "version", "formula", "parameters", "citation", "oracle", "deviations")


@dataclass(frozen=True)
class ModelColumn:
    """A declared column: `type` as DuckDB prints it, `unit` '' where the value has none."""

    name: str
    type: str
    unit: str
    description: str

    @property
    def comment(self) -> str:
        """What stands in DuckDB: 'unit: description'."""
        return f"{self.unit}: {self.description}" if self.unit else self.description


@dataclass(frozen=True)
class Invariant:
    """`sql` selects the rows that break what `description` says; there must be none."""

    description: str
    sql: str


@dataclass(frozen=True)
class Method:
    """How a metric is computed and what it was checked against; one row of `ops.methods`."""

    id: str
    version: int
    formula: str
    parameters: str
    citation: str
    oracle: str
    deviations: str


@dataclass(frozen=True)
class Evidence:
    """Which facts a row is made from: for `breadthwise why`, never for a build.

    `rows` are (dataset, SQL) pairs: the SQL reads lake.*, the published tables and `asked.base`, takes the
    row's cells and the name of the `column` as $parameters, and gives a role and the dataset's columns. `applied` reads what
    they gave as evidence.<dataset> and gives the formula with its numbers, '' where there is none. `of` names the table whose
    evidence holds for this one, '' where it has its own.
    """

    rows: tuple[tuple[str, str], ...] = ()
    applied: str = ""
    of: str = ""


@dataclass(frozen=True)
class Model:
    """One table or view, named `schema.stem` after its folder and file."""

    schema: str
    stem: str
    description: str
    grain: str
    is_view: bool
    is_published: bool
    columns: tuple[ModelColumn, ...]
    invariants: tuple[Invariant, ...]
    methods: tuple[Method, ...]
    sql: str
    shards: Shards | None = None
    evidence: Evidence | None = None
    blocks: Blocks | None = None
    # joins run as written, each table beside the first read as a whole, so that the rows stay in the first one's order
    is_in_order: bool = False
    # which sessions a row concerns, for the block models that read it: one column, or those of an interval without its end; an
    # interval that ends with FOREVER has none
    sessions: tuple[str, ...] = ()
    # where its SELECT begins in the file
    first_line: int = 1

    @property
    def name(self) -> str:
        return f"{self.schema}.{self.stem}"

    @property
    def column_types(self) -> dict[str, str]:
        """The type of each column, by name."""
        return {column.name: column.type for column in self.columns}

    @property
    def session_columns(self) -> tuple[str, ...]:
        """Which sessions a row concerns: one column, or two of an interval; () where that is not known."""
        return (self.blocks.by,) if self.blocks is not None and self.blocks.is_kept else self.sessions

    @property
    def is_taken_over(self) -> bool:
        """A build may begin with the table as the one before left it."""
        return self.blocks is not None and (self.blocks.is_kept or (self.blocks.is_newest and self.is_published))

    @property
    def key(self) -> tuple[str, ...]:
        """The columns that name a row: those of the grain, or all where the grain speaks of one that is not in the table."""
        names = [column.name for column in self.columns]
        grain = tuple(name.strip() for name in self.grain.split(" x "))
        return grain if set(grain) <= set(names) else tuple(names)


def parse_model(schema: str, stem: str, text: str) -> Model:
    """The model of the file `schema/stem.sql`. Raises ModelError that names the file and what is wrong."""
    where = f"{schema}/{stem}.sql"
    match = _HEADER.match(text)
    if match is None:
        raise ModelError(f"{where}: no header; begin the file with /* YAML */")
    try:
        header = yaml.load(match[1], Loader=_LOADER)
    except yaml.YAMLError as error:
        raise ModelError(f"{where}: the header is not valid YAML: {' '.join(str(error).split())}") from error
    if not isinstance(header, dict):
        raise ModelError(f"{where}: the header should be a mapping, not {type(header).__name__}")
    unknown = sorted(map(str, set(header) - _KNOWN))
    if unknown:
        raise ModelError(f"{where}: unknown header field {unknown[0]!r}; known are {', '.join(sorted(_KNOWN))}")
    sql = _one_statement(where, match[2])
    if not sql:
        raise ModelError(f"{where}: no SELECT after the header")
    model = Model(
        schema=schema,
        stem=stem,
        description=_required_text(where, header, "description"),
        grain=_required_text(where, header, "grain"),
        is_view=_parse_materialized(where, header) == "view",
        is_published=header.get("publish", True) is not False,
        columns=_parse_columns(where, header.get("columns")),
        invariants=_parse_invariants(where, header.get("invariants") or []),
        methods=_parse_methods(where, header.get("method") or []),
        sql=sql,
        shards=parse_shards(where, header.get("shards")),
        evidence=_parse_evidence(where, header.get("evidence")),
        blocks=parse_blocks(where, header.get("blocks")),
        is_in_order=_parse_flag(where, header, "in_order"),
        sessions=parse_sessions(where, header.get("sessions")),
        first_line=text[: len(text) - len(match[2].lstrip())].count("\n") + 1,
    )
    if model.is_published is not (schema in PUBLISHED):
        raise ModelError(f"{where}: models of {' and '.join(PUBLISHED)} are published, all others say `publish: false`")
    if model.is_view and model.is_published:
        raise ModelError(f"{where}: a view would read tables that are not published; write `materialized: table`")
    return model


def _one_statement(where: str, text: str) -> str:
    """`text` without a semicolon at its end. Raises ModelError where more follows it."""
    sql = without_end_mark(text).strip() if ";" in text else text.strip()
    if ";" in sql and has_end_mark(sql):
        raise ModelError(
            f"{where}: more than one statement; write one SELECT, what follows its semicolon would be dropped"
        )
    return sql


def _required_text(where: str, given: Mapping[str, Any], field: str) -> str:
    value = given.get(field)
    if not isinstance(value, str) or not value.strip():
        raise ModelError(f"{where}: `{field}` is missing or no text: {value!r}")
    return " ".join(value.split())


def _required_sql(where: str, given: Mapping[str, Any], field: str) -> str:
    return _one_statement(f"{where}: {field}", _required_text(where, given, field))


def _parse_materialized(where: str, header: Mapping[str, Any]) -> str:
    value = header.get("materialized")
    if value not in ("table", "view"):
        raise ModelError(f"{where}: materialized is {value!r}; write table or view")
    return str(value)


def _parse_flag(where: str, header: Mapping[str, Any], field: str) -> bool:
    value = header.get(field, False)
    if not isinstance(value, bool):
        raise ModelError(f"{where}: {field} is {value!r}; write true or false")
    return value


def _parse_evidence(where: str, given: Any) -> Evidence | None:
    if given is None:
        return None
    if (
        not isinstance(given, dict)
        or not set(given) <= {"rows", "applied", "of"}
        or ("of" in given) is ("rows" in given)
    ):
        raise ModelError(f"{where}: evidence should be {{rows, applied}} or {{of}}, and is {given!r}")
    if "of" in given:
        return Evidence(of=_required_text(where, given, "of"))
    rows = given["rows"]
    if not isinstance(rows, list) or not all(isinstance(row, dict) and set(row) == {"dataset", "sql"} for row in rows):
        raise ModelError(f"{where}: the rows of evidence should be a list of {{dataset, sql}}")
    queries = tuple((_required_text(where, row, "dataset"), _required_sql(where, row, "sql")) for row in rows)
    return Evidence(queries, _required_sql(where, given, "applied") if "applied" in given else "")


def _parse_columns(where: str, given: Any) -> tuple[ModelColumn, ...]:
    if not isinstance(given, list) or not given:
        raise ModelError(f"{where}: no columns; list each as {{name, type, unit, description}}")
    columns = []
    for entry in given:
        if not isinstance(entry, dict) or set(entry) != {"name", "type", "unit", "description"}:
            raise ModelError(f"{where}: column {entry!r} should have name, type, unit and description")
        unit = entry["unit"]
        if not isinstance(unit, str):
            raise ModelError(f"{where}: column {entry['name']}: unit is {unit!r}; write '' where there is none")
        name, kind, description = (_required_text(where, entry, key) for key in ("name", "type", "description"))
        columns.append(ModelColumn(name, kind, unit, description))
    names = [column.name for column in columns]
    doubled = sorted({name for name in names if names.count(name) > 1})
    if doubled:
        raise ModelError(f"{where}: column {doubled[0]} is declared twice")
    return tuple(columns)


def _parse_invariants(where: str, given: Any) -> tuple[Invariant, ...]:
    if not isinstance(given, list) or not all(isinstance(entry, dict) for entry in given):
        raise ModelError(f"{where}: invariants should be a list of {{description, sql}}")
    return tuple(Invariant(_required_text(where, e, "description"), _required_sql(where, e, "sql")) for e in given)


def _parse_methods(where: str, given: Any) -> tuple[Method, ...]:
    entries = given if isinstance(given, list) else [given]
    methods = []
    for entry in entries:
        if not isinstance(entry, dict) or set(entry) != set(_METHOD_FIELDS):
            raise ModelError(f"{where}: a method has exactly the fields {', '.join(_METHOD_FIELDS)}")
        if not isinstance(entry["version"], int):
            raise ModelError(f"{where}: method {entry['id']}: version is {entry['version']!r}; write a whole number")
        texts = {name: " ".join(str(entry[name] or "").split()) for name in _METHOD_FIELDS if name != "version"}
        methods.append(Method(version=entry["version"], **texts))
    return tuple(methods)
