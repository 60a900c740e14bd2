"""What must hold of models beside the form of their headers: it is asked whenever they are loaded, so that all of it is quick."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

import duckdb

from transforms.engine.graph import parameter_names, strip_comments_and_strings, unseen_tables
from transforms.engine.model import LAYERS, Evidence, Model
from transforms.engine.texts import Texts, fill_in_texts
from warehouse.contracts.datasets import CONTRACTS
from warehouse.duck import error_line
from warehouse.errors import ModelError
from warehouse.settings.kinds import suggest_name

_SCHEMAS = ("lake", *LAYERS)
# what the SQL of evidence may name beside the columns of its table
_ASKED = ("column", "benchmark")
_IMPURE = ("current_date", "current_time", "now(", "now (", "today", "random", "uuid")
_CALLED = re.compile(
    r"(?<![\w.])(?:current_(?:date|time|timestamp)\b|(?:now|today|random|gen_random_uuid|uuid) *\()", re.IGNORECASE
)


def check_models(models: Mapping[str, Model]) -> None:
    """Raises ModelError for the first model that breaks a rule of this module, with its name and what to do."""
    _check_methods(models)
    for model in models.values():
        for sql in (model.sql, *(invariant.sql for invariant in model.invariants)):
            _check_tables(model, sql, models)
            _check_is_pure(model, sql)
        if model.evidence is not None:
            _check_evidence(model, model.evidence, models)


def check_before_build(con: duckdb.DuckDBPyConnection, models: Iterable[Model], texts: Texts) -> None:
    """What takes a twentieth of a second for all models, or needs the texts of reports, and would be found late or never.

    Raises ModelError where the SQL of an evidence is none, and where a report prints a text that there is not.
    """
    for model in models:
        fill_in_texts(model, texts)
        if model.evidence is None:
            continue
        for dataset, sql in (*model.evidence.rows, ("applied", model.evidence.applied)):
            try:
                con.extract_statements(sql)
            except duckdb.Error as error:
                raise ModelError(f"{model.name}: evidence: {dataset}: {error_line(error)}") from error


def _check_methods(models: Mapping[str, Model]) -> None:
    """In the register an id speaks of one formula."""
    known: dict[str, tuple[str, str]] = {}
    for model in models.values():
        for method in model.methods:
            name, formula = known.setdefault(method.id, (model.name, method.formula))
            if formula != method.formula:
                raise ModelError(
                    f"{name} and {model.name} have two formulas of one method id, {method.id!r}; give each its own"
                )


def _check_evidence(model: Model, evidence: Evidence, models: Mapping[str, Model]) -> None:
    """`why` finds the model, the datasets and the cells that an evidence speaks of."""
    where = f"{model.name}: evidence"
    if evidence.of:
        named = models.get(evidence.of)
        if named is None:
            raise ModelError(f"{where} of {evidence.of}, which is no model{suggest_name(evidence.of, models)}")
        if named.evidence is None or named.evidence.of or not named.is_published:
            raise ModelError(f"{where} of {evidence.of}, which has no rows of evidence itself; name one that has")
    for dataset, sql in (*evidence.rows, ("", evidence.applied)):
        if dataset and dataset not in CONTRACTS:
            raise ModelError(f"{where}: {dataset} is no dataset{suggest_name(dataset, CONTRACTS)}")
        known = {*model.column_types, *_ASKED}
        for name in sorted(parameter_names(sql) - known):
            raise ModelError(f"{where}: ${name} is no column of the table{suggest_name(name, known)}")


def _check_is_pure(model: Model, sql: str) -> None:
    # to look for one of these words is quick, and it is seldom there
    if not any(name in sql.lower() for name in _IMPURE):
        return
    found = _CALLED.search(strip_comments_and_strings(sql))
    if found is not None:
        raise ModelError(f"{model.name} calls {found[0]}: the same facts give the same rows, whenever they are made")


def _check_tables(model: Model, sql: str, models: Mapping[str, Model]) -> None:
    """Each table is named so that the order of models sees it."""
    for name in unseen_tables(sql, _SCHEMAS):
        if name == "''":
            raise ModelError(f"{model.name} reads a file; a model reads tables alone, each as schema.table")
        plain = "".join(name.split('"'))
        meant = [plain] if plain in models else [one for one in models if one.endswith(f".{plain}")]
        hint = f", did you mean {' or '.join(meant)}?" if meant else suggest_name(plain, models)
        raise ModelError(f"{model.name} reads {name}: write each table as schema.table, without quotes{hint}")
