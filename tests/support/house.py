"""The house rules that a machine can check, each as a function from files to the list of what breaks it."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from fnmatch import fnmatch
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
BELOW_FLOWS = ("warehouse", "sources", "expectations", "transforms", "reports")
PACKAGES = (*BELOW_FLOWS, "flows")
MAY_IMPORT = {
    "warehouse": {"warehouse"},
    "sources": {"sources", "warehouse"},
    "expectations": {"expectations", "warehouse"},
    "transforms": {"transforms", "warehouse"},
    "reports": set(BELOW_FLOWS),
    "flows": set(PACKAGES),
}
# a library and the files that alone may import it
ONLY_IN = {
    "prefect": ("flows/*/flow.py", "flows/orchestration/*.py"),
    "great_expectations": ("expectations/*.py",),
    "requests": ("sources/http/*.py",),
    "apprise": ("warehouse/settings/addresses.py", "flows/alerts/sending.py"),
}
# durations (perf_counter, monotonic) say nothing of the day and are free
CLOCKS = {
    "datetime": {"now", "today", "utcnow"},
    "date": {"today"},
    "time": {"time", "time_ns", "localtime", "gmtime", "ctime", "strftime"},
}
MOST_LINES = {"py": 320, "tests": 400, "sql": 400}
MOST_LINES_OF_A_FUNCTION = 60
MOST_ROOMS = 15

# text by path from the repository's root
Files = Mapping[str, str]


def python_files(*packages: str) -> dict[str, str]:
    return _texts(packages, "*.py")


def sql_files() -> dict[str, str]:
    return _texts(("transforms",), "*.sql")


def _texts(packages: tuple[str, ...], pattern: str) -> dict[str, str]:
    paths = sorted(path for package in packages for path in (ROOT / package).rglob(pattern))
    return {path.relative_to(ROOT).as_posix(): path.read_text(encoding="utf-8") for path in paths}


def upward_imports(files: Files) -> list[str]:
    """Imports of a package that stands no lower than the importing one."""
    return [
        f"{path} imports {package}"
        for path, text in files.items()
        for package in sorted({name.split(".")[0] for name in _imports(path, text)} & set(PACKAGES))
        if package not in MAY_IMPORT[path.split("/")[0]]
    ]


def libraries_out_of_place(files: Files) -> list[str]:
    """Imports of a library of ONLY_IN outside the files that may."""
    return [
        f"{path} imports {library}"
        for path, text in files.items()
        for library, homes in ONLY_IN.items()
        if library in {name.split(".")[0] for name in _imports(path, text)}
        and not any(fnmatch(path, home) for home in homes)
    ]


def clock_readings(files: Files) -> list[str]:
    """Places where the clock is read, also through another name of the module or class."""
    found = []
    for path, text in files.items():
        tree = ast.parse(text)
        names = _clock_names(tree)
        for node in ast.walk(tree):
            if isinstance(node, ast.Attribute):
                owner = node.value.attr if isinstance(node.value, ast.Attribute) else getattr(node.value, "id", "")
                if node.attr in CLOCKS.get(names.get(owner, owner), ()):
                    found.append(f"{path}:{node.lineno} {owner}.{node.attr}")
            elif isinstance(node, ast.ImportFrom) and node.module == "time":
                read = sorted({alias.name for alias in node.names} & CLOCKS["time"])
                found += [f"{path}:{node.lineno} time.{name}" for name in read]
    return found


def _clock_names(tree: ast.Module) -> dict[str, str]:
    """What `datetime`, `date` and `time` are called in a file that renames them."""
    aliases = [a for n in ast.walk(tree) if isinstance(n, ast.Import | ast.ImportFrom) for a in n.names if a.asname]
    return {str(alias.asname): alias.name for alias in aliases if alias.name in CLOCKS}


def import_circle(files: Files) -> list[str]:
    """Modules that import each other in a circle, lazily or not; [] where there is none. Imports for types alone are free."""
    modules = {_module(path): _imports(path, text, for_types=False) for path, text in files.items()}
    sorter: TopologicalSorter[str] = TopologicalSorter()
    for module, imported in modules.items():
        sorter.add(module, *sorted((imported & modules.keys()) - {module}))
    try:
        sorter.prepare()
    except CycleError as error:
        return list(error.args[1])
    return []


def rooms(paths: list[str], package: str) -> list[str]:
    """What lies at the top of a package: folders and modules, without its own `__init__`."""
    inside = {path.split("/")[1] for path in paths if path.startswith(f"{package}/")}
    return sorted(inside - {"__init__.py"})


def long_files(files: Files) -> list[str]:
    found = []
    for path, text in files.items():
        kind = "tests" if path.startswith("tests/") else path.rpartition(".")[2]
        lines = text.count("\n")
        if lines > MOST_LINES[kind]:
            found.append(f"{path} has {lines} lines, at most {MOST_LINES[kind]}")
    return found


def long_functions(files: Files) -> list[str]:
    found = []
    for path, text in files.items():
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                lines = (node.end_lineno or node.lineno) - node.lineno + 1
                if lines > MOST_LINES_OF_A_FUNCTION:
                    found.append(f"{path}: {node.name} has {lines} lines, at most {MOST_LINES_OF_A_FUNCTION}")
    return found


def undescribed_modules(files: Files) -> list[str]:
    """Modules and packages without a docstring: its first line says what the file is."""
    return [path for path, text in files.items() if not (ast.get_docstring(ast.parse(text)) or "").strip()]


def _module(path: str) -> str:
    return path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")


def _imports(path: str, text: str, for_types: bool = True) -> set[str]:
    """The modules that a file imports; of `from a import b` both a and a.b, and without a where a.b is what is meant."""
    found = set()
    for node in _nodes(ast.parse(text), for_types):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            if node.level:
                folder = _module(path).split(".")
                keep = len(folder) - node.level + (1 if path.endswith("__init__.py") else 0)
                base = ".".join([*folder[:keep], *([node.module] if node.module else [])])
            parts = {f"{base}.{alias.name}" for alias in node.names}
            modules = {name for name in parts if (ROOT / f"{name.replace('.', '/')}.py").exists()}
            found |= modules | ({base} if len(modules) < len(parts) else set())
    return found


def _nodes(tree: ast.AST, for_types: bool) -> Iterator[ast.AST]:
    for node in ast.iter_child_nodes(tree):
        if not for_types and isinstance(node, ast.If) and "TYPE_CHECKING" in ast.dump(node.test):
            continue
        yield node
        yield from _nodes(node, for_types)
