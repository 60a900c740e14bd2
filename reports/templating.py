"""Templates and their texts: read from reports/templates, filled by Jinja2 with everything escaped."""

from __future__ import annotations

from functools import lru_cache
from importlib.resources import files
from typing import Any

import jinja2
from markupsafe import Markup

from reports.markup import sentence_markup


class Texts:
    """`t('key')` in a template: the text page.key; other subjects by their whole key."""

    def __init__(self, language: str) -> None:
        self.language = language

    def __call__(self, key: str, **values: Any) -> Markup:
        whole = key if "." in key else f"page.{key}"
        return sentence_markup(self.language, whole, **values)


def texts_in_language(language: str) -> Texts:
    return Texts(language)


def keep_percents_unbroken(text: str) -> str:
    """`text` whose percent signs stay on the line of their figure."""
    return text.replace(" %", "\u00a0%")


@lru_cache(maxsize=8)
def load_template(name: str) -> jinja2.Template:
    environment = jinja2.Environment(
        loader=jinja2.FunctionLoader(read_template),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["unbroken"] = keep_percents_unbroken
    return environment.get_template(name)


@lru_cache(maxsize=32)
def read_template(name: str) -> str:
    return files("reports").joinpath("templates").joinpath(name).read_text(encoding="utf-8")
