"""Reads the .po files of a language, and refuses a catalogue whose languages do not have the same texts."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from types import MappingProxyType

from babel.messages.pofile import PoFileError, read_po

from warehouse.errors import TextError

# the folder's name is the language's; Babel's locale for its numbers and dates
LANGUAGES: Mapping[str, str] = MappingProxyType({"en": "en", "zh": "zh_Hans"})
_PLACE = re.compile(r"\{(\w+)\}")

Catalogue = Mapping[str, str]


@lru_cache(maxsize=1)
def read_all_catalogues() -> Mapping[str, Catalogue]:
    """The texts of each language by key. Raises TextError where a text or a {place} of it is missing in a language."""
    found = read_catalogues(files("reports.texts"))
    return MappingProxyType({language: MappingProxyType(texts) for language, texts in found.items()})


def catalogue_in_language(language: str) -> Catalogue:
    """The texts of `language` ('en' or 'zh') by key. Raises TextError for another."""
    if language not in LANGUAGES:
        raise TextError(f"there are no texts in {language!r}; choose from {', '.join(LANGUAGES)}")
    return read_all_catalogues()[language]


def text_for_key(language: str, key: str, **values: str) -> str:
    """The text `key` with its {places} filled from `values`. Raises TextError for an unknown key or a missing value."""
    found = catalogue_in_language(language).get(key)
    if found is None:
        raise TextError(f"there is no text {key!r}; add it to reports/texts/*/{key.partition('.')[0]}.po")
    missing = sorted(set(_PLACE.findall(found)) - values.keys())
    if missing:
        raise TextError(f"text {key!r} has a place {{{missing[0]}}}, and no value is given for it: {found!r}")
    return _PLACE.sub(lambda place: values[place[1]], found)


def texts_for_sql() -> Mapping[str, Mapping[str, str]]:
    """The texts of each language by key, as a build takes them: `$en['key']` and `text_of('en', key)` of the models."""
    return read_all_catalogues()


def read_catalogues(root: Traversable) -> dict[str, dict[str, str]]:
    """The texts under `root`, a folder with one folder of .po files a language. Raises TextError as `catalogues` does."""
    found = {language: _read_folder(root.joinpath(language)) for language in LANGUAGES}
    first, *others = found
    for other in others:
        _check_same_keys(first, found[first], other, found[other])
    return found


def _read_folder(folder: Traversable) -> dict[str, str]:
    texts: dict[str, str] = {}
    for file in sorted(folder.iterdir(), key=lambda entry: entry.name):
        if not file.name.endswith(".po"):
            continue
        subject = file.name.removesuffix(".po")
        where = f"{folder.name}/{file.name}"
        for key, value in _read_messages(file, where).items():
            texts[f"{subject}.{key}"] = value
    return texts


def _read_messages(file: Traversable, where: str) -> dict[str, str]:
    content = file.read_text(encoding="utf-8")
    keys = re.findall(r'^msgid "(.+)"$', content, re.MULTILINE)
    doubled = sorted({key for key in keys if keys.count(key) > 1})
    if doubled:
        raise TextError(f"reports/texts/{where}: {doubled[0]!r} is there twice")
    try:
        messages = read_po(content.splitlines(keepends=True), abort_invalid=True)
    except (PoFileError, ValueError) as error:
        raise TextError(f"reports/texts/{where} is no .po file: {error}") from error
    found = {}
    for message in messages:
        if not message.id:
            continue
        if not isinstance(message.id, str) or not isinstance(message.string, str) or not message.string:
            raise TextError(f"reports/texts/{where}: {message.id!r} has no text; write one msgstr, no plural forms")
        found[message.id] = message.string
    return found


def _check_same_keys(first: str, texts: Mapping[str, str], other: str, others: Mapping[str, str]) -> None:
    for key in sorted(texts.keys() ^ others.keys()):
        lacking = other if key in texts else first
        raise TextError(f"text {key!r} is missing in {lacking}; each text stands in every language")
    for key, value in texts.items():
        places, other_places = set(_PLACE.findall(value)), set(_PLACE.findall(others[key]))
        if places != other_places:
            only = sorted(places ^ other_places)[0]
            raise TextError(f"text {key!r}: {{{only}}} stands in one language and not in the other")
