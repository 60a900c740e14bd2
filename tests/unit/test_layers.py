"""The house rules that a machine can check: who imports whom, and what only-reading commands load."""

from __future__ import annotations

import ast
import importlib
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("warehouse", "sources", "expectations", "transforms", "reports", "flows")
ALLOWED = {
    "warehouse": {"warehouse"},
    "sources": {"sources", "warehouse"},
    "expectations": {"expectations", "warehouse"},
    "transforms": {"transforms", "warehouse"},
    "reports": {"reports", "transforms", "warehouse"},
    "flows": set(PACKAGES),
}
ONLY_IN = {"prefect": "flows", "great_expectations": "expectations"}


def _imports(path: Path) -> set[str]:
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module.split(".")[0])
    return found


def _files() -> list[tuple[str, Path]]:
    return [(package, path) for package in PACKAGES for path in sorted((ROOT / package).rglob("*.py"))]


@pytest.mark.parametrize("package", PACKAGES)
def test_each_package_is_imported_from_this_repository(package: str) -> None:
    module = importlib.import_module(package)
    assert module.__file__ is not None
    assert Path(module.__file__).resolve().is_relative_to(ROOT)


def test_layers_import_downwards_only() -> None:
    wrong = [
        f"{path.relative_to(ROOT)} imports {name}"
        for package, path in _files()
        for name in sorted(_imports(path) & set(PACKAGES) - ALLOWED[package])
    ]
    assert wrong == []


def test_heavy_libraries_stay_in_their_layer() -> None:
    wrong = [
        f"{path.relative_to(ROOT)} imports {name}"
        for package, path in _files()
        for name, home in ONLY_IN.items()
        if name in _imports(path) and package != home
    ]
    assert wrong == []


def test_requests_is_used_by_one_file_only() -> None:
    users = [str(path.relative_to(ROOT)) for _, path in _files() if "requests" in _imports(path)]
    assert users == ["sources/http/client.py"]


def test_nothing_below_flows_reads_the_clock() -> None:
    wrong = []
    for package, path in _files():
        if package == "flows":
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Attribute) and node.attr in ("today", "utcnow"):
                wrong.append(f"{path.relative_to(ROOT)}:{node.lineno} {node.attr}")
    assert wrong == []


def test_commands_load_neither_prefect_nor_great_expectations_before_they_run() -> None:
    code = (
        "import sys; from flows.cli import make_parser; make_parser();"
        "print([m for m in ('prefect', 'great_expectations', 'pandas', 'duckdb', 'pydantic') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
