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
# Measures that can be asked of a batch by themselves, each with a model for what comes of it, too; of queries it keeps its own.
_METRICS = "great_expectations.metrics"
_MEASURED = ("batch", "column", "column_pair", "multi_column")
# For batches in databases. Great Expectations does without where it is not installed.
_DATABASES = "sqlalchemy"


def import_great_expectations() -> None:
    """Import Great Expectations, where that has not been done."""
    with _ONE_AT_A_TIME:
        if "great_expectations" not in sys.modules:
            _defer("scipy.stats")
            sys.modules.update(
                (name, _stand_in(name)) for name in (*_LEFT_OUT, *_unused_expectations(), *_unused_metrics())
            )
            with _absent(_DATABASES):
                import great_expectations.expectations
        import great_expectations.expectations  # noqa: F401


def _unused_expectations() -> list[str]:
    """The modules of the expectations that no contract has."""
    return [
        f"{_EXPECTATIONS}.{stem}"
        for stem in _stems_of_modules("expectations", "core")
        if stem.startswith("expect_") and stem not in _USED
    ]


def _unused_metrics() -> list[str]:
    """The modules of the measures, which no contract has at all."""
    return [f"{_METRICS}.{kind}.{stem}" for kind in _MEASURED for stem in _stems_of_modules("metrics", kind)]


def _stems_of_modules(*folder: str) -> list[str]:
    """The names of the modules in a folder of Great Expectations, which is not imported for it."""
    package = importlib.util.find_spec("great_expectations")
    folders = package.submodule_search_locations if package else None
    files = [file for one in folders or () for file in Path(one, *folder).glob("*.py")]
    return sorted(file.stem for file in files if file.stem != "__init__")


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
