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
from great_expectations.expectations.core import expect_column_kl_divergence_to_be_less_than as module
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
print([name for name in ("sqlalchemy", "pyspark", "great_expectations.datasource.fluent.file_path_data_asset")
       if name in sys.modules])
import sqlalchemy, great_expectations
print(great_expectations.get_context(mode="ephemeral").data_sources.add_pandas("batch").name)
names = list(gx_import._LEFT_OUT)
for name in names:
    del sys.modules[name]
print([name for name in names if importlib.util.find_spec(name) is None])
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert (done.stdout.splitlines(), done.stderr) == (["[]", "batch", "[]"], "")
