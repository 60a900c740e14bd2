"""Numbers, dates and instants as a reader sees them: Babel's formats, with a typographic minus and no -0."""

from __future__ import annotations

from datetime import date, datetime, time
from functools import lru_cache
from typing import Any

from babel.core import Locale
from babel.dates import format_date, format_datetime
from babel.numbers import format_decimal, parse_pattern

from reports.texts import LANGUAGES

MINUS = "\u2212"
NOTHING = "\u2013"


@lru_cache(maxsize=8)
def babel_locale(language: str) -> Locale:
    return Locale.parse(LANGUAGES[language])


@lru_cache(maxsize=64)
def _number_pattern(decimals: int) -> Any:
    return parse_pattern("#,##0" + ("." + "0" * decimals if decimals else ""))


def format_number(value: float | int | None, language: str, decimals: int = 2, *, is_signed: bool = False) -> str:
    """`value` with so many decimals; a signed one has + or a minus, zero has neither. None is a dash."""
    if value is None or value != value:
        return NOTHING
    rounded = round(value, decimals) + 0.0
    text = str(format_decimal(abs(rounded), format=_number_pattern(decimals), locale=babel_locale(language)))
    if rounded < 0:
        return MINUS + text
    return f"+{text}" if is_signed and rounded > 0 else text


def percent_sign(language: str) -> str:
    """The sign as it stands after a figure: ' %', and '%' in Chinese."""
    return " %" if language == "en" else "%"


def format_day(value: date, language: str, form: str = "long") -> str:
    return str(format_date(value, format=form, locale=babel_locale(language)))


def format_short_day(value: date, language: str) -> str:
    """Jan 5; 1月5日."""
    return format_day(value, language, "MMM d" if language == "en" else "M月d日")


def format_month(value: date, language: str) -> str:
    """Jan; 1月."""
    return format_day(value, language, "MMM" if language == "en" else "M月")


def format_month_of_year(value: date, language: str) -> str:
    """January 2026; 2026年1月."""
    return format_day(value, language, "MMMM y" if language == "en" else "y年M月")


def format_weekday(value: date, language: str) -> str:
    return format_day(value, language, "EEEE")


def format_instant(value: datetime, language: str) -> str:
    """To the minute, in UTC."""
    form = "MMM d, y, HH:mm 'UTC'" if language == "en" else "y年M月d日 HH:mm 'UTC'"
    return str(format_datetime(value, format=form, locale=babel_locale(language)))


def to_json_value(value: Any) -> Any:
    """`value` as JSON has it: ISO dates, no -0.0, no NaN."""
    if isinstance(value, datetime | date | time):
        return value.isoformat()
    if isinstance(value, float):
        return None if value != value else value + 0.0
    return value
