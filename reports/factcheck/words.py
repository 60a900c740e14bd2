"""Figures in the words of a language: '能源 板块评分 58.8 分' for what the resolver calls sector:Energy sector_score."""

from __future__ import annotations

import re

from reports.figures.entities import MARKET, SECTOR, UNIVERSE, Entity
from reports.figures.measure import Measure
from reports.figures.resolver import Figure, format_number
from reports.texts import catalogue_in_language, text_for_key

_CHINESE = re.compile(r"[\u4e00-\u9fff]")


def figure_words(found: Figure, language: str) -> str:
    """The figure with the names of its entity and its measure."""
    whose = [] if found.entity.kind == MARKET else [entity_words(found.entity, language)]
    return " ".join((*whose, measure_words(found.measure, language), value_words(found, language)))


def value_words(found: Figure, language: str) -> str:
    """The value with its unit; 'not defined' in English where it is not, for then a reason is given instead."""
    if language == "en" or not isinstance(found.value, int | float):
        return found.value_text
    unit = catalogue_in_language(language).get(f"factcheck.unit_{found.measure.unit}", found.measure.unit)
    return f"{format_number(found.value, found.measure)} {unit}".strip()


def entity_words(entity: Entity, language: str) -> str:
    """The name that the report's tables have for it; a symbol as it is."""
    subject = {SECTOR: "sector", UNIVERSE: "universe"}.get(entity.kind, "index")
    key = f"names.{subject}.{entity.name}"
    if entity.name.startswith("cap:"):
        key = f"names.band.{entity.name.removeprefix('cap:')}"
    return catalogue_in_language(language).get(key, entity.name)


def measure_words(measure: Measure, language: str) -> str:
    """Its first name in Chinese, else its id in words."""
    chinese = next((name for name in measure.names if _CHINESE.search(name)), None)
    return chinese if language == "zh" and chinese else measure.id.replace("_", " ")


def unit_words(unit: str, language: str) -> str:
    """The unit after a figure, '' where it has none."""
    return text_for_key(language, f"factcheck.unit_{unit}") if unit else ""
