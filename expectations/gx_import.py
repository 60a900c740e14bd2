"""Great Expectations imported once a process, without the parts that no contract uses: half of what its import takes.

Its modules import one another in circles, which two threads must not do at once.
"""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Lock
from types import ModuleType

_ONE_AT_A_TIME = Lock()
# Where Great Expectations could read batches from, with models of pydantic for each kind of file: ours are frames in memory.
_SOURCES = (
    *("alloy", "aurora", "bigquery", "citus", "databricks_sql", "fabric", "neon", "postgres", "redshift", "snowflake"),
    *("sql", "sql_server", "sqlite"),
    *("pandas_file_path", "pandas_filesystem", "pandas_dbfs", "pandas_s3"),
    *("pandas_google_cloud_storage", "pandas_azure_blob_storage"),
    *("spark", "spark_file_path", "spark_filesystem", "spark_dbfs", "spark_s3"),
    *("spark_google_cloud_storage", "spark_azure_blob_storage"),
)
_FOLDER = "great_expectations.datasource.fluent"
_LEFT_OUT = (f"{_FOLDER}.fabric", *(f"{_FOLDER}.{name}_datasource" for name in _SOURCES))
# Each of its sixty expectations is a model of pydantic, too; suite.py makes these.
_EXPECTATIONS = "great_expectations.expectations.core"
_USED = (
    "expect_column_pair_values_a_to_be_greater_than_b",
    "expect_column_values_to_be_between",
    "expect_column_values_to_be_in_set",
    "expect_column_values_to_not_be_null",
    "expect_compound_columns_to_be_unique",
)
# For batches in databases. Great Expectations does without where it is not installed.
_DATABASES = "sqlalchemy"


def import_great_expectations() -> None:
    """Import Great Expectations, where that has not been done."""
    with _ONE_AT_A_TIME:
        if "great_expectations" not in sys.modules:
            _defer("scipy.stats")
            sys.modules.update((name, _stand_in(name)) for name in (*_LEFT_OUT, *_unused_expectations()))
            with _absent(_DATABASES):
                import great_expectations.expectations
        import great_expectations.expectations  # noqa: F401


def _unused_expectations() -> list[str]:
    """The modules of the expectations that no contract has."""
    package = importlib.util.find_spec("great_expectations")
    folders = package.submodule_search_locations if package else None
    files = [file for folder in folders or () for file in Path(folder, "expectations", "core").glob("expect_*.py")]
    return [f"{_EXPECTATIONS}.{file.stem}" for file in sorted(files) if file.stem not in _USED]


def _stand_in(name: str) -> ModuleType:
    """A module whose classes have names and nothing else: they are listed, and never used."""
    module = ModuleType(name, "Left out: see expectations/gx_import.py.")

    def find(member: str) -> type:
        if member.startswith("__"):
            raise AttributeError(member)
        return type(member, (), {"__module__": name})

    module.__getattr__ = find  # type: ignore[method-assign]
    return module


@contextmanager
def _absent(name: str) -> Iterator[None]:
    """While the block runs, importing `name` fails as if it were not installed, unless it is imported already."""
    if name in sys.modules:
        yield
        return
    sys.modules[name] = None  # type: ignore[assignment]
    try:
        yield
    finally:
        del sys.modules[name]


def _defer(name: str) -> None:
    """Have a module imported when something of it is used. Great Expectations imports scipy.stats for measures of
    distributions, which no contract has: a third of the time and of the memory that its own import takes."""
    if name in sys.modules or (spec := importlib.util.find_spec(name)) is None or spec.loader is None:
        return
    spec.loader = importlib.util.LazyLoader(spec.loader)
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    package, _, stem = name.rpartition(".")
    setattr(sys.modules[package], stem, module)
