"""Figures as they stand in HTML: each carries its value and its cell, which hover, sorting and tests use."""

from __future__ import annotations

from typing import Any

from markupsafe import Markup, escape

from reports import numerals
from reports.texts import catalogue_in_language


def direction_of_value(value: float | int | None) -> str:
    """up, down or flat, of a signed figure; '' for none."""
    if value is None:
        return ""
    return "up" if value > 0 else "down" if value < 0 else "flat"


def figure_markup(
    value: float | int | None, language: str, decimals: int, ref: str, *, is_signed: bool = False, unit: str = ""
) -> Markup:
    """`value` as printed, in an element that names its value and its cell: `ref` is 'table|row|column'. A dash has no unit."""
    shown = numerals.format_number(value, language, decimals, is_signed=is_signed)
    way = f" {direction_of_value(value)}" if is_signed else ""
    raw = "" if value is None else repr(numerals.to_json_value(value))
    after = unit if value is not None else ""
    return Markup('<data class="fig{}" value="{}" data-ref="{}">{}</data>{}').format(way, raw, ref, shown, after)


def sentence_markup(language: str, key: str, **values: Any) -> Markup:
    """The text `key` as HTML, its {places} filled: Markup as it is, all else escaped."""
    template = str(catalogue_in_language(language)[key])
    filled = escape(template)
    for name, value in values.items():
        filled = Markup(str(filled).replace("{" + name + "}", str(escape(value))))
    return filled


def strip_tags(text: Markup) -> str:
    """The words of a sentence, for JSON and titles."""
    return text.striptags()
