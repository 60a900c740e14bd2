"""Great Expectations is imported without what no contract needs."""

from __future__ import annotations

import subprocess
import sys


def test_what_no_contract_needs_is_not_imported_before_it_is_used() -> None:
    """scipy.stats takes a third of the time in which Great Expectations is imported."""
    code = """
import sys
from expectations.gx_import import import_great_expectations
import_great_expectations()
import_great_expectations()
print(sorted(name for name in ("great_expectations", "scipy.stats._continuous_distns") if name in sys.modules))
from great_expectations.expectations.metrics.column_aggregate_metrics import column_bootstrapped_ks_test_p_value as module
print(module.stats.norm.cdf(0.0), "scipy.stats._continuous_distns" in sys.modules)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines() == ["['great_expectations']", "0.5 True"]


def test_the_parts_of_great_expectations_that_are_left_out_are_there_and_unused() -> None:
    """Half of its import is models of databases and files; a name that it no longer has is to go from our list."""
    code = """
import importlib.util, sys
from expectations import gx_import
gx_import.import_great_expectations()
print([name for name in ("sqlalchemy", "pyspark", "altair", "great_expectations.datasource.fluent.file_path_data_asset")
       if name in sys.modules])
import sqlalchemy, great_expectations
print(great_expectations.get_context(mode="ephemeral").data_sources.add_pandas("batch").name)
names = list(gx_import._LEFT_OUT)
for name in names:
    del sys.modules[name]
print([name for name in names if importlib.util.find_spec(name) is None])
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert (done.stdout.splitlines(), done.stderr) == (
        ["[]", "batch", "[]"],
        "",
    )


def test_of_sixty_expectations_those_of_the_rules_are_imported() -> None:
    code = """
import importlib, pydantic.v1
from expectations import gx_import
gx_import.import_great_expectations()
from great_expectations import expectations
names = [name for name in vars(expectations) if name.startswith("Expect")]
models = {name for name in names if issubclass(getattr(expectations, name), pydantic.v1.BaseModel)}
print(len(names) > 50, sorted(models - {"Expectation"}))
print(all(importlib.import_module(f"great_expectations.expectations.core.{name}").__file__ for name in gx_import._USED))
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    used = ["ExpectColumnPairValuesAToBeGreaterThanB", "ExpectColumnValuesToBeBetween", "ExpectColumnValuesToBeInSet"]
    used += ["ExpectColumnValuesToNotBeNull", "ExpectCompoundColumnsToBeUnique"]
    assert done.stdout.splitlines() == [f"True {used}", "True"]


def test_of_the_measures_none_is_imported_but_those_of_queries() -> None:
    code = """
import sys
from expectations import gx_import
gx_import.import_great_expectations()
names = [name for name in sys.modules if name.startswith("great_expectations.metrics.")]
made = [name for name in names if getattr(sys.modules[name], "__file__", None) and name.count(".") > 2]
print(sorted(made), len(names) > 15)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    names = ("batch_table", "data_source_table", "query", "row_count")
    assert done.stdout.splitlines() == [f"{[f'great_expectations.metrics.query.{name}' for name in names]} True"]
