"""The house rules that a machine can check hold, and each guard finds a file that breaks its rule."""

from __future__ import annotations

import importlib
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support import house
from tests.support.house import BELOW_FLOWS, PACKAGES, ROOT

EVERYTHING = (*PACKAGES, "tests", "benchmarks")


@pytest.mark.parametrize("package", PACKAGES)
def test_each_package_is_imported_from_this_repository(package: str) -> None:
    module = importlib.import_module(package)
    assert module.__file__ is not None
    assert Path(module.__file__).resolve().is_relative_to(ROOT)


def test_layers_import_downwards_only() -> None:
    assert house.upward_imports(house.python_files(*PACKAGES)) == []


@pytest.mark.parametrize(
    ("path", "line", "package"),
    [
        ("warehouse/x.py", "from sources.base import Request", "sources"),
        ("sources/x.py", "import transforms.engine", "transforms"),
        ("expectations/x.py", "from sources import base", "sources"),
        ("transforms/x.py", "def f():\n    import expectations", "expectations"),
        ("transforms/x.py", "import reports", "reports"),
        ("reports/x.py", "from flows.console.context import Reporter", "flows"),
    ],
)
def test_an_import_upwards_or_sideways_is_found(path: str, line: str, package: str) -> None:
    assert house.upward_imports({path: line}) == [f"{path} imports {package}"]


def test_reports_may_import_all_below() -> None:
    assert house.upward_imports({"reports/x.py": "import warehouse, sources, expectations, transforms"}) == []


def test_libraries_stay_where_they_belong() -> None:
    assert house.libraries_out_of_place(house.python_files(*PACKAGES)) == []


@pytest.mark.parametrize(
    ("path", "line", "library"),
    [
        ("flows/daily/steps.py", "from prefect import task", "prefect"),
        ("flows/flow.py", "import prefect", "prefect"),
        ("flows/x.py", "import great_expectations as gx", "great_expectations"),
        ("sources/providers/x.py", "import requests", "requests"),
        ("flows/alerts/x.py", "def f():\n    from apprise import Apprise", "apprise"),
    ],
)
def test_a_library_out_of_place_is_found(path: str, line: str, library: str) -> None:
    assert house.libraries_out_of_place({path: line}) == [f"{path} imports {library}"]


def test_a_library_in_its_place_is_none() -> None:
    places = ("flows/daily/flow.py", "flows/orchestration/serve.py")
    assert house.libraries_out_of_place(dict.fromkeys(places, "import prefect")) == []


def test_nothing_below_flows_reads_the_clock() -> None:
    assert house.clock_readings(house.python_files(*BELOW_FLOWS)) == []


@pytest.mark.parametrize(
    ("text", "reading"),
    [
        ("from datetime import datetime, UTC\nx = datetime.now(UTC)", "2 datetime.now"),
        ("import datetime\nx = datetime.datetime.now()", "2 datetime.now"),
        ("import datetime as dt\nx = dt.date.today()", "2 date.today"),
        ("from datetime import datetime as clock\nx = clock.utcnow", "2 clock.utcnow"),
        ("from datetime import date\nx = date.today()", "2 date.today"),
        ("import time\nx = time.time()", "2 time.time"),
        ("import time as t\nx = t.time_ns()", "2 t.time_ns"),
        ("from time import time\nx = time()", "1 time.time"),
    ],
)
def test_a_reading_of_the_clock_is_found(text: str, reading: str) -> None:
    assert house.clock_readings({"sources/x.py": text}) == [f"sources/x.py:{reading}"]


def test_a_duration_is_no_reading_of_the_clock() -> None:
    assert house.clock_readings({"sources/x.py": "import time\nx = time.perf_counter() - time.monotonic()"}) == []


def test_no_module_imports_itself_through_others() -> None:
    assert house.import_circle(house.python_files(*PACKAGES)) == []


def test_an_import_circle_is_found_also_a_lazy_one() -> None:
    circle = {
        "flows/a.py": "import flows.b",
        "flows/b.py": "def f():\n    import flows.c",
        "flows/c.py": "import flows.a",
    }
    assert set(house.import_circle(circle)) == {"flows.a", "flows.b", "flows.c"}
    typed = "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    import flows.a"
    assert house.import_circle({"flows/a.py": "import flows.b", "flows/b.py": typed}) == []


def test_flows_has_at_most_fifteen_rooms() -> None:
    assert len(house.rooms(list(house.python_files("flows")), "flows")) <= house.MOST_ROOMS


def test_rooms_are_folders_and_modules_counted_once() -> None:
    paths = ["flows/__init__.py", "flows/cli.py", "flows/daily/__init__.py", "flows/daily/flow.py", "sources/base.py"]
    assert house.rooms(paths, "flows") == ["cli.py", "daily"]


def test_files_are_short() -> None:
    assert house.long_files({**house.python_files(*EVERYTHING), **house.sql_files()}) == []


@pytest.mark.parametrize(
    ("path", "most"), [("flows/x.py", 320), ("tests/unit/x.py", 400), ("transforms/sql/x.sql", 400)]
)
def test_a_long_file_is_found(path: str, most: int) -> None:
    assert house.long_files({path: "\n" * most}) == []
    assert house.long_files({path: "\n" * (most + 1)}) == [f"{path} has {most + 1} lines, at most {most}"]


def test_functions_are_short() -> None:
    assert house.long_functions(house.python_files(*EVERYTHING)) == []


def test_a_long_function_is_found() -> None:
    fits = "class A:\n    def f(self):\n" + "        x = 1\n" * 59
    assert house.long_functions({"flows/x.py": fits}) == []
    assert house.long_functions({"flows/x.py": f"{fits}        x = 2\n"}) == ["flows/x.py: f has 61 lines, at most 60"]


def test_each_file_and_package_says_what_it_is() -> None:
    assert house.undescribed_modules(house.python_files(*EVERYTHING)) == []


def test_a_file_that_says_nothing_is_found() -> None:
    files = {"flows/a.py": '"""What it is."""', "flows/b.py": "x = 1", "flows/c.py": '""" """'}
    assert house.undescribed_modules(files) == ["flows/b.py", "flows/c.py"]


def test_commands_load_neither_prefect_nor_great_expectations_before_they_run() -> None:
    code = (
        "import sys; from flows.cli import make_parser; make_parser();"
        "print([m for m in ('prefect', 'great_expectations', 'pandas', 'duckdb') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
