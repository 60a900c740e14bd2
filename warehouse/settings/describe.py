"""The settings in words: what each may be, for errors, for `breadthwise config` and for docs/settings.md."""

from __future__ import annotations

import json
import types
from collections.abc import Iterator
from typing import Annotated, Any, Literal, Union, get_args, get_origin

import annotated_types as bounds

from warehouse.settings.kinds import Kind
from warehouse.settings.model import SECTIONS, Settings
from warehouse.settings.section import Section


def setting_fields() -> Iterator[tuple[type[Section], str]]:
    """Every setting with its section, in the order of the documentation."""
    for section in SECTIONS:
        for name in section.model_fields:
            yield section, name


def describe_expected_value(path: tuple[str | int, ...], is_key: bool = False) -> str:
    """What the value at `path` may be; with `is_key` what the last key of the path may be called."""
    kind = _annotation_of_setting(str(path[0]))
    steps = path[1:]
    for number, _ in enumerate(steps, 1):
        kind = _without_annotation(kind)
        arguments = get_args(kind)
        if get_origin(kind) is dict:
            kind = arguments[0] if is_key and number == len(steps) else arguments[1]
        elif get_origin(kind) in (list, tuple):
            kind = arguments[0]
    return describe_type(kind)


def setting_words(name: str) -> str:
    """What the setting may be, such as 'a whole number from 1 to 64'."""
    return describe_type(_annotation_of_setting(name))


def describe_type(kind: Any) -> str:
    """A type in words."""
    marks = _annotation_marks(kind)
    expectation = next((mark.expects for mark in marks if isinstance(mark, Kind)), None)
    if expectation is not None:
        return expectation
    plain, origin, arguments = (
        _without_annotation(kind),
        get_origin(_without_annotation(kind)),
        get_args(_without_annotation(kind)),
    )
    if origin is Literal:
        return "one of " + ", ".join(map(str, arguments))
    if origin in (Union, types.UnionType):
        return " or ".join(describe_type(one) for one in arguments if one is not type(None))
    if origin is dict:
        return f"a table from {describe_type(arguments[0])} to {describe_type(arguments[1])}"
    if origin in (list, tuple):
        return f"a list, each item {describe_type(arguments[0])}"
    if plain is bool:
        return "true or false"
    if plain in (int, float):
        return f"{'a whole number' if plain is int else 'a number'}{_describe_range(marks)}"
    return "a text"


def to_toml_text(value: Any) -> str:
    """A value as TOML would have it on one line."""
    if isinstance(value, dict):
        inner = ", ".join(f"{quote_key(key)} = {to_toml_text(one)}" for key, one in value.items())
        return f"{{ {inner} }}" if inner else "{}"
    if isinstance(value, list | tuple):
        return f"[{', '.join(map(to_toml_text, value))}]"
    return json.dumps(value, ensure_ascii=False)


def default_value_text(name: str) -> str:
    return to_toml_text(Settings.model_fields[name].get_default(call_default_factory=True))


def _annotation_of_setting(name: str) -> Any:
    field = Settings.model_fields[name]
    kind: Any = field.annotation
    for mark in field.metadata:
        kind = Annotated[kind, mark]
    return kind


def _annotation_marks(kind: Any) -> tuple[Any, ...]:
    if get_origin(kind) is not Annotated:
        return ()
    found: list[Any] = []
    for mark in kind.__metadata__:
        # pydantic's Field in an Annotated holds its bounds in a list of its own
        found += getattr(mark, "metadata", None) or [mark]
    return tuple(found)


def _without_annotation(kind: Any) -> Any:
    return get_args(kind)[0] if get_origin(kind) is Annotated else kind


def _describe_range(marks: tuple[Any, ...]) -> str:
    low = next((f"{m.ge:,.12g}" for m in marks if isinstance(m, bounds.Ge)), None)
    above = next((f"{m.gt:,.12g}" for m in marks if isinstance(m, bounds.Gt)), None)
    high = next((f"{m.le:,.12g}" for m in marks if isinstance(m, bounds.Le)), None)
    below = next((f"{m.lt:,.12g}" for m in marks if isinstance(m, bounds.Lt)), None)
    if low is not None and high is not None:
        return f" from {low} to {high}"
    parts = [f"above {above}" if above else "", f"at least {low}" if low else ""]
    parts += [f"at most {high}" if high else "", f"below {below}" if below else ""]
    shown = " and ".join(part for part in parts if part)
    return f" {shown}" if shown else ""


def quote_key(text: str) -> str:
    return text if text.replace("_", "").replace("-", "").isalnum() and text.isascii() else json.dumps(text)
