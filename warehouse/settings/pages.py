"""docs/settings.md, from the declarations alone."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from warehouse.settings.describe import default_value_text, setting_fields, setting_words
from warehouse.settings.model import SECTIONS, Settings

_HEAD = """# Settings

<!-- Written by `breadthwise docs` from the declarations in warehouse/settings. Do not edit: change those and run it again. -->

`breadthwise.toml` in the home. A file need not be there, and has only what differs from the defaults. A wrong name or value is
refused, all of a file's in one go, with the line and what was expected; `breadthwise config` prints every setting with its value
and where that comes from.
"""
_LONG = 60


def settings_page(environment: Iterable[tuple[str, str]]) -> str:
    """The page. `environment`: names of variables with what they are for; their values are never shown anywhere."""
    lines = [_HEAD]
    for section in SECTIONS:
        lines += [f"## {section.title}", "", "| setting | default | it may be | meaning |", "| --- | --- | --- | --- |"]
        for one, name in setting_fields():
            if one is section:
                lines.append(_setting_row(name, Settings.model_fields[name].description or ""))
        lines.append("")
    long = [name for _, name in setting_fields() if len(default_value_text(name)) > _LONG]
    for name in long:
        rows = Settings.model_fields[name].get_default(call_default_factory=True)
        lines += [f"## Default of {name}", "", "```toml", f"{name} = [", *_table_rows(rows), "]", "```", ""]
    lines += [
        "## Environment",
        "",
        "Keys of vendors stand in no file. An address of `alerts` may name further variables.",
        "",
        "| variable | what it is for |",
        "| --- | --- |",
    ]
    lines += [f"| `{name}` | {meaning} |" for name, meaning in environment]
    return "\n".join(lines) + "\n"


def _setting_row(name: str, description: str) -> str:
    default = default_value_text(name)
    shown = f"`{default}`" if len(default) <= _LONG else "see below"
    return (
        "| " + " | ".join(_escape_cell(text) for text in (f"`{name}`", shown, setting_words(name), description)) + " |"
    )


def _table_rows(rows: Sequence[Sequence[str]]) -> list[str]:
    return ["    [" + ", ".join(f'"{text}"' for text in row) + "]," for row in rows]


def _escape_cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")
