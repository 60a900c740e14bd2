"""Verdicts as one HTML page, and as ClaimReview for those who publish it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from importlib.resources import files
from typing import Any

from jinja2 import Environment

from reports.factcheck.output import count_verdicts, verdict_rows
from reports.factcheck.verdicts import CONFIRMED, CONTRADICTED, NOT_CHECKABLE, SELF_CONTRADICTORY, Verdict
from reports.factcheck.words import figure_words, unit_words, value_words
from reports.figures.resolver import Build
from reports.texts import text_for_key

_KEYS = {
    CONFIRMED: "confirmed",
    CONTRADICTED: "contradicted",
    SELF_CONTRADICTORY: "self_contradictory",
    NOT_CHECKABLE: "not_checkable",
}
# schema.org's Rating: 5 is true, 1 is false, 3 is neither
_RATING = {CONFIRMED: 5, CONTRADICTED: 1, SELF_CONTRADICTORY: 1, NOT_CHECKABLE: 3}
_HTML_LANG = {"en": "en", "zh": "zh-Hans"}


def verdicts_to_html(verdicts: Sequence[Verdict], build: Build, language: str) -> str:
    """One page that needs nothing else: no script, no request."""
    rows = verdict_rows(verdicts, build, language)
    numbers = {key: str(count_verdicts(rows)[verdict]) for verdict, key in _KEYS.items()}
    known = (build.as_of or build.built_at).strftime("%Y-%m-%d %H:%M UTC")
    words = ("title", "claim", "claimed", "warehouse", "verdict", "why", "nearest")
    template = Environment(autoescape=True, trim_blocks=True, lstrip_blocks=True).from_string(
        _read_page_file("verdicts.html.j2")
    )
    return template.render(
        html_lang=_HTML_LANG[language],
        style=_trusted_markup(_read_page_file("verdicts.css")),
        jsonld=_trusted_markup(_escape_for_script(verdicts_to_jsonld(verdicts, build, language))),
        texts={word: text_for_key(language, f"factcheck.{word}") for word in words},
        summary=text_for_key(language, "factcheck.subtitle", count=str(len(rows)), **numbers),
        build=text_for_key(language, "factcheck.build", build=build.id, known=known),
        rows=[_printed_row(row, one, language) for row, one in zip(rows, verdicts, strict=True)],
    )


def _printed_row(row: dict[str, Any], one: Verdict, language: str) -> dict[str, Any]:
    claimed = f"{row['value']} {unit_words(row['unit'], language)}".strip() if row["value"] else "\u2013"
    found = one.found
    is_number = found is not None and isinstance(found.value, int | float)
    ours = value_words(found, language) if found is not None and is_number else "\u2013"
    shown = "; ".join(figure_words(figure, language) for figure in one.nearest)
    label = text_for_key(language, f"factcheck.{_KEYS[one.verdict]}")
    return {
        **row,
        "nearest": shown,
        "claimed": claimed,
        "ours": ours,
        "label": label,
        "style": one.verdict.replace(" ", "-"),
    }


def verdicts_to_jsonld(verdicts: Sequence[Verdict], build: Build, language: str) -> str:
    """A ClaimReview (schema.org) for each claim that could be decided."""
    rows = verdict_rows(verdicts, build, language)
    reviews = [
        _claim_review(row, one, build, language)
        for row, one in zip(rows, verdicts, strict=True)
        if one.verdict != NOT_CHECKABLE
    ]
    return json.dumps(
        {"@context": "https://schema.org", "@graph": reviews}, ensure_ascii=False, indent=2, sort_keys=True
    )


def _claim_review(row: dict[str, Any], one: Verdict, build: Build, language: str) -> dict[str, Any]:
    return {
        "@type": "ClaimReview",
        "claimReviewed": row["statement"] + (f": {row['value']} {row['unit']}" if row["value"] else ""),
        "datePublished": build.built_at.date().isoformat(),
        "inLanguage": _HTML_LANG[language],
        "reviewBody": row["reason"],
        "itemReviewed": {"@type": "Claim", "appearance": [], "datePublished": row["session_date"]},
        "reviewRating": {
            "@type": "Rating",
            "ratingValue": _RATING[one.verdict],
            "bestRating": 5,
            "worstRating": 1,
            "alternateName": text_for_key(language, f"factcheck.{_KEYS[one.verdict]}"),
        },
        "url": f"#{row['claim_id']}",
    }


def _escape_for_script(document: str) -> str:
    """JSON that cannot end the script element that it stands in."""
    return document.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")


def _read_page_file(name: str) -> str:
    return files("reports.factcheck").joinpath(name).read_text(encoding="utf-8")


def _trusted_markup(trusted: str) -> Any:
    from markupsafe import Markup

    return Markup(trusted)
