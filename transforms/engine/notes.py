"""The SQL functions of reports that find texts by a key that is put together: text_of, note, reason_of_windows, universe_label.

They work on texts alone and are in Python: as macros of SQL each use of `note` became an expression of a thousand parts, and
planning the reports took longer than running them.

The reason of a mart is a code with its numbers: 'names: words', 'words: names' or 'words', several of them joined by '; '.
What is printed for the words stands in the texts as reasons.WORDS, with # for each number and {1}, {2} ... for them in the
text; names are printed as columns.NAME. A piece about names that no report prints is left out.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import duckdb
from duckdb.func import SPECIAL

from transforms.engine.texts import Texts

_NUMBER = re.compile(r"[0-9]+(?:\.[0-9]+)*")
_UNIT = re.compile(r"[,，] ?(?:%|% a year|pp|points|USD m|USD|百分点|百万美元|美元)\Z")
_KINDS = (
    # prefix of a universe's key, the group of texts that names what follows it, the text around that name
    ("cap:", "names.band.", None),
    ("sector:", "names.sector.", "names.universe.of_sector"),
    ("nasdaq_sector:", "names.nasdaq_sector.", "names.universe.of_nasdaq_sector"),
)


def create_text_functions(con: duckdb.DuckDBPyConnection, texts: Texts) -> None:
    """The SQL functions of this module, in the catalog in use. They give NULL for NULL and where there is no text."""

    def create(name: str, function: Callable[..., str | None], *types: str) -> None:
        con.create_function(name, function, list(types), "VARCHAR", null_handling=SPECIAL)

    def text_of(language: str | None, key: str | None) -> str | None:
        return None if language is None or key is None else texts.get(language, {}).get(key)

    def note(language: str | None, reason: str | None) -> str | None:
        return None if language is None or reason is None else Words(texts, language).note(reason)

    def universe_label(language: str | None, universe: str | None) -> str | None:
        return universe if language is None or universe is None else Words(texts, language).universe_label(universe)

    create("text_of", text_of, "VARCHAR", "VARCHAR")
    create("note", note, "VARCHAR", "VARCHAR")
    create("universe_label", universe_label, "VARCHAR", "VARCHAR")
    create("reason_of_windows", reason_of_windows, "VARCHAR", "VARCHAR[]")


def reason_of_windows(reason: str | None, printed: Sequence[str] | None) -> str | None:
    """Of 'words: windows' what is about the windows that a report prints, None for nothing: 'no close: 5d, ytd' with
    ['5d'] is 'no close: 5d'."""
    if reason is None or printed is None:
        return None
    kept = []
    for piece in reason.split("; "):
        words, *listed = piece.split(": ")
        names = [name for name in listed[0].split(", ") if name in printed] if listed else []
        if names or not listed:
            kept.append(f"{words}: {', '.join(names)}" if listed else piece)
    return "; ".join(kept) or None


@dataclass(frozen=True)
class Words:
    """What codes are in one language."""

    texts: Texts
    language: str

    def note(self, reason: str) -> str | None:
        """The reason in words; None where nothing of it is about a printed column."""
        return self._strung("notes.next", [self._piece(piece) for piece in reason.split("; ")])

    def universe_label(self, universe: str) -> str:
        """What is printed for the key of a universe, such as cap:mega or sector:Energy; the key where there is no text."""
        for prefix, group, around in _KINDS:
            if universe.startswith(prefix):
                name = universe.removeprefix(prefix)
                label = self._text(group + name)
                if around is not None:
                    template = self._text(around)
                    label = None if template is None else template.replace("{sector}", label or name)
                return universe if label is None else label
        return self._text(f"names.universe.{universe}") or universe

    def _text(self, key: str) -> str | None:
        return self.texts.get(self.language, {}).get(key)

    def _strung(self, between: str, pieces: Sequence[str | None]) -> str | None:
        text = self._text(between)
        return None if text is None else text.join(piece for piece in pieces if piece is not None) or None

    def _piece(self, piece: str) -> str | None:
        first, *others = piece.split(": ")
        if not others:
            return self._reason(piece)
        if self._text(_reason_key(first)) is not None:
            names = self._strung("notes.and", [self._name(name) or name for name in others[0].split(", ")])
            reason = self._reason(first)
        else:
            names = self._strung("notes.and", [self._name(name) for name in first.split(", ")])
            reason = self._reason(others[0])
        of = self._text("notes.of")
        return None if names is None or of is None else names + of + reason

    def _reason(self, words: str) -> str:
        # words without a text stay as they are, so that nothing is lost
        text = self._text(_reason_key(words))
        if text is None:
            return words
        for i, number in enumerate(_NUMBER.findall(words), 1):
            text = text.replace(f"{{{i}}}", number)
        return text

    def _name(self, name: str) -> str | None:
        """The head of a column without its unit."""
        head = self._text(f"columns.{name}")
        return None if head is None else _UNIT.sub("", head)


def _reason_key(words: str) -> str:
    return "reasons." + _NUMBER.sub("#", words)
