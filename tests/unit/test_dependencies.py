"""What pyproject.toml declares is what the code imports: nothing idle, nothing that only another package brings along."""

from __future__ import annotations

import ast
import re
import sys
import tomllib
from functools import cache
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
OWN = ("warehouse", "sources", "expectations", "transforms", "reports", "flows")
# read by another package, so that no file of ours imports it
BEHIND = {"vl-convert-python": "altair draws SVG and PNG with it"}
# what a declared one cannot be without: it comes with it, whatever its version
PARTS = {
    "annotated-types": "pydantic",
    "jsonschema": "altair",
    "markupsafe": "jinja2",
    "pydantic-core": "pydantic",
    "urllib3": "requests",
}
# commands, plugins and types: run by make and mypy, imported by nobody
TOOLS = {"mypy", "ruff", "sqlfluff", "pytest-timeout", "pytest-xdist", "pandas-stubs"}


def declared() -> dict[str, set[str]]:
    """The names of the distributions by group: '' for those of everybody."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    groups = {"": project["dependencies"], **project["optional-dependencies"]}
    names = {group: {_name(text) for text in texts} - {"breadthwise"} for group, texts in groups.items()}
    return names


def _name(requirement: str) -> str:
    found = re.match(r"[A-Za-z0-9._-]+", requirement)
    assert found is not None
    return re.sub(r"[-_.]+", "-", found[0]).lower()


def imports(text: str) -> set[str]:
    """The modules that a file imports, by their first part; also those inside functions."""
    found = set()
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Import):
            found |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found.add(node.module.split(".")[0])
    return found


@cache
def distributions_of(folders: tuple[str, ...]) -> dict[str, set[str]]:
    """The distributions that the files in `folders` import, each with the modules; those of Python and ours left out."""
    by_module = packages_distributions()
    found: dict[str, set[str]] = {}
    for folder in folders:
        for path in sorted((ROOT / folder).rglob("*.py")):
            for module in (
                imports(path.read_text(encoding="utf-8")) - sys.stdlib_module_names - {*OWN, "tests", "benchmarks"}
            ):
                for name in by_module.get(module, [f"{module}-is-not-installed"]):
                    found.setdefault(_name(name), set()).add(module)
    return found


def test_everything_declared_for_everybody_is_imported() -> None:
    groups = declared()
    used = distributions_of(OWN)
    idle = (groups[""] | groups["assistants"] | groups["excel"]) - set(used) - set(BEHIND)
    assert idle == set(), f"nothing imports {sorted(idle)}: take it out of pyproject.toml and run `make lock`"


def test_everything_declared_for_developers_is_used() -> None:
    used = distributions_of((*OWN, "tests", "benchmarks"))
    stubs = {name for name in declared()["dev"] if name.startswith("types-")}
    assert declared()["dev"] - set(used) - TOOLS - stubs == set()


def test_everything_imported_is_declared() -> None:
    groups = declared()
    for_all = groups[""] | groups["assistants"] | groups["excel"]
    assert set(PARTS.values()) <= for_all
    assert set(distributions_of(OWN)) - for_all - set(PARTS) == set()
    assert set(distributions_of(("tests", "benchmarks"))) - for_all - groups["dev"] - set(PARTS) == set()


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("import a.b, c", {"a", "c"}),
        ("from d.e import f\n\ndef g():\n    import h", {"d", "h"}),
        ("from . import i", set()),
    ],
)
def test_imports_are_seen_wherever_they_stand(text: str, found: set[str]) -> None:
    assert imports(text) == found
