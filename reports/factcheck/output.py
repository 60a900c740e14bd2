"""Verdicts as rows: for a terminal, CSV and JSON, and as the sentences of a language."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Sequence
from typing import Any

from reports.factcheck.verdicts import NOT_CHECKABLE, Reason, Verdict, session_of_verdict
from reports.factcheck.words import value_words
from reports.figures.resolver import Build
from reports.texts import catalogue_in_language, text_for_key

COLUMNS = (
    *("claim_id", "verdict", "statement", "entity", "metric", "session_date", "value", "unit", "warehouse_value"),
    *("difference", "tolerance", "reason", "nearest", "source", "build_id", "proof"),
)
_DECIMALS = {"follows": 1, "implied": 2, "target": 2}


def verdict_rows(verdicts: Sequence[Verdict], build: Build, language: str = "en") -> list[dict[str, Any]]:
    """A row a verdict under COLUMNS; `warehouse_value`, `difference` and `tolerance` are in the claim's unit."""
    return [_verdict_row(one, build, language) for one in verdicts]


def _verdict_row(one: Verdict, build: Build, language: str) -> dict[str, Any]:
    claim = one.claim
    return {
        "claim_id": claim.claim_id,
        "verdict": one.verdict,
        "statement": claim.statement,
        "entity": claim.entity,
        "metric": claim.metric,
        "session_date": session_of_verdict(one).isoformat(),
        "value": claim.value,
        "unit": claim.unit,
        "warehouse_value": _unrounded_value(one),
        "difference": None if one.difference is None else float(f"{one.difference:.12g}"),
        "tolerance": None if one.tolerance is None else float(f"{one.tolerance:.12g}"),
        "reason": " ".join(reason_sentences(one, language)),
        "nearest": "; ".join(f"{f.entity.id} {f.measure.id} {f.value_text}" for f in one.nearest),
        "source": one.found.source if one.found else None,
        "build_id": build.id,
        "proof": proof_command(one),
    }


def proof_command(one: Verdict) -> str:
    """The `why` command of the figure that the verdict stands on, else of the nearest one; '' where there is neither."""
    if one.found is not None and one.found.proof_command:
        return one.found.proof_command
    return next((f.proof_command for f in one.nearest if f.proof_command), "")


def reason_sentences(one: Verdict, language: str) -> list[str]:
    """The reasons of a verdict in a language."""
    return [_reason_sentence(one, reason, language) for reason in one.reasons]


def _reason_sentence(one: Verdict, reason: Reason, language: str) -> str:
    values = {name: _format_reason_value(name, value) for name, value in reason.values.items()}
    if "value" in values and one.found is not None:
        values["value"] = value_words(one.found, language)
    if reason.code == "before_history":
        values["entity"] = catalogue_in_language(language).get(f"names.index.{values['entity']}", values["entity"])
    if "action" in values:
        values["action"] = text_for_key(language, f"names.action.{values['action']}")
    if "counts" in reason.values:
        values["counts"] = "; ".join(
            text_for_key(language, "factcheck.grid_count", pp=str(over), session=str(session), matches=str(matches))
            for over, session, matches in reason.values["counts"]
        )
    code = reason.code
    if code in ("differs", "beyond"):
        difference, tolerance = one.difference or 0.0, one.tolerance or 0.0
        values["difference"] = _format_distance(abs(difference), tolerance)
        values["tolerance"] = f"{tolerance:,.12g}"
        code = f"{code}_{'above' if difference > 0 else 'below'}"
    sentence = text_for_key(language, f"factcheck.{code}", **{n: v for n, v in values.items() if n != "others"})
    if values.get("others"):
        sentence += " " + text_for_key(language, "factcheck.legs_others", others=values["others"])
    return sentence


def _unrounded_value(one: Verdict) -> float | int | None:
    """The warehouse's value with all its digits: a whole number stays one, binary noise behind the 15th digit goes."""
    if one.value is None:
        return None
    if one.found is not None and isinstance(one.found.value, int) and abs(one.found.value) == abs(one.value):
        return int(one.value)
    return float(f"{one.value:.15g}")


def _format_distance(size: float, tolerance: float) -> str:
    """How far apart two numbers are, to a digit behind the tolerance's, two decimals at least, without zeros at its end."""
    finest = tolerance or size
    digits = 2 if finest >= 1 or not finest else max(2, -int(f"{finest:e}".partition("e")[2]))
    written = f"{size:,.{min(digits, 6)}f}"
    return written.rstrip("0").rstrip(".")


def _format_reason_value(name: str, value: Any) -> str:
    if isinstance(value, float):
        signed = "+" if name == "implied" else ""
        return f"{value:{signed}.{_DECIMALS.get(name, 2)}f}"
    return str(value)


def rows_to_csv(rows: Sequence[dict[str, Any]]) -> str:
    """The rows as CSV under COLUMNS; a text that a spreadsheet would take for a formula gets a quote before it."""
    out = io.StringIO()
    writer = csv.DictWriter(out, COLUMNS, lineterminator="\n")
    writer.writeheader()
    for row in rows:
        writer.writerow({name: _quote_formula(value) for name, value in row.items()})
    return out.getvalue()


def _quote_formula(value: Any) -> Any:
    return (
        f"'{value}"
        if isinstance(value, str) and value[:1] in ("=", "+", "-", "@", "\t", "\r") and not _is_number(value)
        else value
    )


def _is_number(value: str) -> bool:
    try:
        float(value)
    except ValueError:
        return False
    return True


def rows_to_json(rows: Sequence[dict[str, Any]], build: Build) -> str:
    """The rows with the build that they were made from."""
    known = build.as_of or build.built_at
    head = {"build_id": build.id, "facts_known_by": known.isoformat(), "counts": count_verdicts(rows)}
    return json.dumps({**head, "claims": list(rows)}, ensure_ascii=False, indent=2) + "\n"


def count_verdicts(rows: Sequence[dict[str, Any]]) -> dict[str, int]:
    """How many claims got each verdict."""
    names = ("confirmed", "contradicted", "self-contradictory", NOT_CHECKABLE)
    return {name: sum(row["verdict"] == name for row in rows) for name in names}
