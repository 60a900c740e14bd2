"""The models of the house: the SQL files of the layers, each read, parsed and checked."""

from __future__ import annotations

import re
from collections.abc import Iterator
from importlib.abc import Traversable
from importlib.resources import files

from transforms.engine.checks import check_models
from transforms.engine.model import LAYERS, Model, parse_model
from warehouse.errors import ModelError

_FILE = re.compile(r"[a-z][a-z0-9_]*\.sql")


def load_models(root: Traversable | None = None) -> dict[str, Model]:
    """All models under `root` (by default this package's), by name. Raises ModelError for the first wrong file."""
    models: dict[str, Model] = {}
    root = root or files("transforms").joinpath("sql")
    for schema in LAYERS:
        if not root.joinpath(schema).is_dir():
            continue
        for file in sorted(_sql_files(root.joinpath(schema)), key=lambda entry: entry.name):
            model = parse_model(schema, file.name.removesuffix(".sql"), _read_text(schema, file))
            if model.name in models:
                raise ModelError(f"{model.name}: two files of this name in {schema}/; a model's name is layer and file")
            models[model.name] = model
    check_models(models)
    return models


def _read_text(schema: str, file: Traversable) -> str:
    content = file.read_bytes()
    try:
        # with or without the mark that some editors put before UTF-8
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        raise ModelError(f"{schema}/{file.name}: line {line} is not UTF-8; save the file as UTF-8") from error


def _sql_files(folder: Traversable) -> Iterator[Traversable]:
    """The SQL files of a layer: in its folders by subject, or in the layer itself."""
    for entry in folder.iterdir():
        if entry.is_dir():
            yield from _sql_files(entry)
        elif entry.name.lower().endswith(".sql"):
            if _FILE.fullmatch(entry.name) is None:
                raise ModelError(
                    f"{entry.name}: a model's file is named in lower-case letters, digits and _, with .sql behind"
                )
            yield entry
