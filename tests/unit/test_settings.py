"""Settings: nonsense is refused with its key, its line and what was expected; `config` shows what holds."""

from __future__ import annotations

import json
import os
import re
from datetime import UTC, datetime
from pathlib import Path

import pytest

from flows import cli
from flows.inspect.config import setting_entries
from sources import catalog
from sources.environment import environment_variables
from sources.settings import load_settings
from tests.support.lake_support import at, bar, table
from transforms.build_diff import settings_changes
from warehouse.builds.records import BuildRecord
from warehouse.errors import SettingsError, UsageError
from warehouse.lake.lake import Lake
from warehouse.settings import BuildSettings, Settings
from warehouse.settings.describe import default_value_text, setting_fields, setting_words
from warehouse.settings.faults import FaultSettings
from warehouse.settings.kinds import _check_cron
from warehouse.settings.load import lines_of_keys

ROOT = Path(__file__).resolve().parents[2]


def refusal(home: Path, text: str) -> str:
    (home / "breadthwise.toml").write_text(text, encoding="utf-8")
    with pytest.raises(SettingsError) as caught:
        load_settings(home)
    return str(caught.value).removeprefix(f"{home / 'breadthwise.toml'}: ")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("coverage_gate = 7.0", "line 1: coverage_gate = 7.0; expected a number from 0 to 1"),
        ("coverage_gate = nan", "line 1: coverage_gate = NaN; expected a number from 0 to 1"),
        ("cmf_window = -3", "line 1: cmf_window = -3; expected a whole number from 2 to 252"),
        ("cmf_window = 21.0", "line 1: cmf_window = 21.0; expected a whole number from 2 to 252"),
        ("fetch_threads = true", "line 1: fetch_threads = true; expected a whole number from 1 to 64"),
        ("close_margin_minutes = -90", "line 1: close_margin_minutes = -90; expected a whole number from 0 to 600"),
        ("frozen_rows = 0", "line 1: frozen_rows = 0; expected a whole number from 1 to 1,000,000"),
        ("keep_builds_days = -1", "line 1: keep_builds_days = -1; expected a whole number from 0 to 36,500"),
        ("fill_tolerance_pct = 0", "line 1: fill_tolerance_pct = 0; expected a number above 0 and at most 5"),
        (
            'memory_limit = "lots"',
            'line 1: memory_limit = "lots"; expected a size such as 1200MB or 2GB, from 100MB to 100TB',
        ),
        (
            'memory_limit = "5MB"',
            'line 1: memory_limit = "5MB"; expected a size such as 1200MB or 2GB, from 100MB to 100TB',
        ),
        ('benchmark = ""', 'line 1: benchmark = ""; expected a symbol such as AAPL or BRK/B'),
        ('benchmark = "SPYY"', "did you mean SPY?"),
        (
            'refused_share_limit = {equity_bars = "x"}',
            'line 1: refused_share_limit.equity_bars = "x"; expected a number from 0 to 1',
        ),
        (
            "refused_share_limit = 5",
            "line 1: refused_share_limit = 5; expected a table from the name of a dataset to a number from 0 to 1",
        ),
        (
            "sources = {equitybars = ['yahoo_bars']}",
            "line 1: sources.equitybars is no dataset; did you mean equity_bars?",
        ),
        (
            "[sources]\n\n# the whole market\nequity_bars = ['yahoo_bars', 'bloomberg']",
            "line 4: sources.equity_bars[1] = \"bloomberg\": 'bloomberg' is no live source; choose from alfred, ",
        ),
        (
            "sources = {equity_bars = ['fred']}",
            'line 1: sources.equity_bars[0] = "fred": fred does not serve equity_bars; these do: nasdaq_screener, ',
        ),
        ("sources.index_bars = 'fred'", 'line 1: sources.index_bars = "fred"; expected a list, each item a name'),
        ('universe = ["AAPL", "foo bar"]', 'line 1: universe[1] = "foo bar"; expected a symbol such as AAPL or BRK/B'),
        ("universe = [1]", "line 1: universe[0] = 1; expected a symbol such as AAPL or BRK/B"),
        (
            "series_rank = [[1,2,3]]",
            "line 1: series_rank = [[1, 2, 3]] has the row [1, 2, 3]; expected [dataset, source, basis]",
        ),
        (
            "series_rank = [['sector_bars', 'mine', 'adjusted']]",
            "'adjusted' is no basis; choose from raw, split, total_return",
        ),
        (
            "series_rank = [['index_bars', 'mine', 'raw'], ['index_bars', 'mine', 'total_return']]",
            "has the row ['index_bars', 'mine', 'total_return']: an index is taken as it is published, and index_bars are raw",
        ),
        (
            "series_rank = 5",
            "line 1: series_rank = 5; expected a list of rows [dataset, source, basis], the preferred first",
        ),
        (
            '[pace]\n"query1.finance.yahooo.com" = 1',
            'line 2: pace."query1.finance.yahooo.com" is no host of a source; did you mean query1.finance.yahoo.com?',
        ),
        ('[pace]\n"www.sec.gov" = 0', 'line 2: pace."www.sec.gov" = 0; expected a number above 0 and at most 10,000'),
        (
            '[base_urls]\n"*" = "file:///etc"',
            'line 2: base_urls."*" = "file:///etc"; expected an address that begins with http:// or https://',
        ),
        (
            'memory_limit = "99999999999999GB"',
            'line 1: memory_limit = "99999999999999GB"; expected a size such as 1200MB or 2GB, from 100MB to 100TB',
        ),
        *(
            (f'[base_urls]\n"*" = "{address}"', "expected an address that begins with http:// or https://")
            for address in ("http://[::1", "http://host:port", "http://host:99999", "http://:80/x", "http://@/x")
        ),
        (
            '[base_urls]\n"*" = "htp://user:hidden@host/x?apikey=hidden"',
            'base_urls."*" = "htp://***@host/x?apikey=***"; expected an address',
        ),
        (
            "storage_version = 'v3'",
            'line 1: storage_version = "v3"; expected one of v1.2.0, v1.3.0, v1.4.0, v1.5.0, v2.0.0',
        ),
        ("\nkeep_build_days = 3", "line 2: keep_build_days is no setting; did you mean keep_builds_days?"),
    ],
)
def test_nonsense_is_refused(tmp_path: Path, text: str, message: str) -> None:
    refused = refusal(tmp_path, text)
    assert message in refused
    assert "\n" not in refused


def test_all_mistakes_of_a_file_come_in_one_go(tmp_path: Path) -> None:
    text = 'coverage_gate = 7.0\nbenchmarck = "SPY"\n[sources]\nequity_bars = ["bloomberg"]\nevents = [3]\n'
    refused = refusal(tmp_path, text).splitlines()
    assert refused[0] == f"{tmp_path / 'breadthwise.toml'} has 4 mistakes:"
    assert [line.split()[:3] for line in refused[1:]] == [
        ["line", "1:", "coverage_gate"],
        ["line", "2:", "benchmarck"],
        ["line", "4:", "sources.equity_bars[0]"],
        ["line", "5:", "sources.events[0]"],
    ]


def test_a_file_that_is_no_toml_and_a_home_that_is_a_file(tmp_path: Path) -> None:
    assert "is not valid TOML: " in refusal(tmp_path, "cmf_window = \n")
    assert "is not valid TOML: its lists or tables are nested too deeply" in refusal(tmp_path, "a = " + "[" * 5_000)
    with pytest.raises(SettingsError, match="is a file, not a folder; choose another --home"):
        load_settings(tmp_path / "breadthwise.toml")


def test_a_mark_before_utf_8_is_no_part_of_the_file(tmp_path: Path) -> None:
    (tmp_path / "breadthwise.toml").write_text("cmf_window = 20\n", encoding="utf-8-sig")
    assert load_settings(tmp_path).cmf_window == 20
    (entry,) = setting_entries(tmp_path, load_settings(tmp_path), ["cmf_window"])
    assert entry["origin"] == "breadthwise.toml line 1"


def test_what_is_no_file_is_not_read(tmp_path: Path) -> None:
    path = tmp_path / "breadthwise.toml"
    path.mkdir()
    with pytest.raises(SettingsError, match="is a folder, not a file of settings; move it away"):
        load_settings(tmp_path)
    path.rmdir()
    os.mkfifo(path)
    with pytest.raises(SettingsError, match="is a pipe or a device, not a file of settings"):
        load_settings(tmp_path)


def test_the_line_of_a_key() -> None:
    text = '"a" = 1\nb.c = """\nd = 2\n"""\n[t] # x\ne = 3\n[u."v.w"]\n\'f\' = 1\n'
    assert lines_of_keys(text) == {
        ("a",): 1,
        ("b", "c"): 2,
        ("t",): 5,
        ("t", "e"): 6,
        ("u", "v.w"): 7,
        ("u", "v.w", "f"): 8,
    }


@pytest.mark.parametrize("line", ["30 18 * * 1-5", "*/15 9-16 * * mon-fri", "0 0 1,15 JAN *"])
def test_a_cron_line_parses(line: str) -> None:
    assert _check_cron(line) == line


@pytest.mark.parametrize(
    "line", ["30 18 * *", "61 18 * * 1-5", "0 25 * * *", "x * * * *", "* * * * 1-", "*/0 * * * *", ""]
)
def test_a_bad_cron_line_does_not(line: str) -> None:
    with pytest.raises(ValueError, match="^$"):
        _check_cron(line)


def test_a_list_of_members_has_the_name_of_a_universe(tmp_path: Path) -> None:
    (tmp_path / "breadthwise.toml").write_text('symbols = {memberships = ["IWM", "sp500"]}\n')
    assert load_settings(tmp_path).symbols["memberships"] == ["IWM", "sp500"]
    (tmp_path / "breadthwise.toml").write_text('symbols = {memberships = ["sp500", "cap:mega"]}\n')
    with pytest.raises(SettingsError, match=r"memberships.* 'cap:mega' is a universe that the build makes itself"):
        load_settings(tmp_path)


def test_a_benchmark_of_the_lake_or_of_the_symbols_asked_for(tmp_path: Path) -> None:
    (tmp_path / "breadthwise.toml").write_text('benchmark = "VTI"\n')
    with pytest.raises(SettingsError, match='benchmark = "VTI" is no fund of the lake or of symbols.sector_bars'):
        load_settings(tmp_path)
    Lake(tmp_path).commit("r1", {"sector_bars": table([bar(330.0, at(24), "p", symbol="VTI")], "sector_bars")})
    assert load_settings(tmp_path).benchmark == "VTI"
    (tmp_path / "breadthwise.toml").write_text('benchmark = "VOO"\nsymbols = {sector_bars = ["VOO", "XLK"]}\n')
    assert load_settings(tmp_path).benchmark == "VOO"


def test_settings_are_frozen_and_every_one_is_explained() -> None:
    with pytest.raises(ValueError, match="frozen"):
        Settings().cmf_window = 5
    assert [name for _, name in setting_fields()] == list(Settings.model_fields)
    for _, name in setting_fields():
        description = Settings.model_fields[name].description or ""
        assert re.fullmatch(r"[A-Z`].*\.( .*\))?\)?\.?", description), f"{name}: a sentence that says what it is"
        assert setting_words(name)
        assert default_value_text(name)


def test_a_number_without_bounds_is_no_setting() -> None:
    for _, name in setting_fields():
        words = setting_words(name)
        assert words not in ("a number", "a whole number", "a text"), (
            f"{name} takes any value: give it bounds or a kind"
        )


def test_only_settings_of_the_build_are_in_the_digest_and_its_parameters() -> None:
    moved = Settings(keep_builds_days=3, memory_limit="2GB", universe=["AAPL"], close_margin_minutes=0)
    assert moved.build_digest == Settings().build_digest
    assert Settings(cmf_window=20).build_digest != Settings().build_digest
    assert Settings(stock_step_limit=3.0).build_digest != Settings().build_digest
    assert set(Settings().sql_parameters()) == {*BuildSettings.model_fields, *FaultSettings.model_fields} - {
        "series_rank"
    }


def test_a_setting_that_is_newer_than_a_build_is_no_change() -> None:
    then = {"benchmark": "SPY", "coverage_gate": 0.8, "memory_limit": "2GB"}
    assert settings_changes(then, Settings()) == ["coverage_gate 0.8 -> 0.9"]


def test_settings_of_an_old_build_that_are_refused_today() -> None:
    def record(**settings: object) -> BuildRecord:
        return BuildRecord("b1", "", datetime(2026, 1, 1, tzinfo=UTC), None, "1", settings, "f", {}, {}, 1)

    assert record(series_rank=[["index_bars", "x", "raw"]]).settings_of_build().series_rank == (
        ("index_bars", "x", "raw"),
    )
    with pytest.raises(UsageError, match="b1 was made with settings .* refuses: coverage_gate = 7.0; expected"):
        record(coverage_gate=7.0).settings_of_build()
    with pytest.raises(UsageError, match="the setting 'left_handed', which this release has not"):
        record(left_handed=True).settings_of_build()


def test_config_shows_value_origin_bounds_and_meaning(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "breadthwise.toml").write_text('\ncmf_window = 20\n[pace]\n"www.sec.gov" = 2\n')
    assert cli.main(["--home", str(tmp_path), "config"]) == 0
    shown = capsys.readouterr().out
    assert (
        "\n  cmf_window = 20    (breadthwise.toml line 2)\n      default 21\n      a whole number from 2 to 252\n"
        in shown
    )
    assert '\n  pace = { "www.sec.gov" = 2.0 }    (breadthwise.toml line 3)\n' in shown
    assert "\n  coverage_gate = 0.9    (default)\n" in shown
    assert [name for name in Settings.model_fields if f"\n  {name} = " not in shown] == []
    assert cli.main(["--home", str(tmp_path), "config", "--changed", "--format", "json"]) == 0
    assert [entry["name"] for entry in json.loads(capsys.readouterr().out)] == ["cmf_window", "pace"]
    with pytest.raises(UsageError, match="'cmfwindow' is no setting; did you mean cmf_window?"):
        setting_entries(tmp_path, Settings(), ["cmfwindow"])


def test_config_never_shows_a_key(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name, adapter in catalog.adapters_by_name().items():
        if adapter.NEEDS_KEY:
            monkeypatch.setenv(adapter.NEEDS_KEY, f"hidden-{name}")
    assert cli.main(["--home", str(tmp_path), "config"]) == 0
    shown = capsys.readouterr().out
    assert "hidden" not in shown
    assert "  POLYGON_API_KEY            set      Needed by `polygon_grouped`.\n" in shown


def test_config_shows_no_login_and_no_key_of_an_address(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    address = "http://user:hidden@mirror.example/x?apikey=hidden&a=1"
    (tmp_path / "breadthwise.toml").write_text(f'base_urls = {{ "*" = "{address}" }}\n', encoding="utf-8")
    for form in ("text", "json"):
        assert cli.main(["--home", str(tmp_path), "config", "base_urls", "--format", form]) == 0
        shown = capsys.readouterr().out
        assert "hidden" not in shown
        assert "http://***@mirror.example/x?apikey=***&a=1" in shown
    assert load_settings(tmp_path).base_urls == {"*": address}


def test_every_variable_that_the_code_reads_is_explained() -> None:
    read = set()
    for package in ("warehouse", "sources", "expectations", "transforms", "flows"):
        for path in (ROOT / package).rglob("*.py"):
            read |= set(re.findall(r'environ(?:\.get\(|\[)"([A-Z_]+)"', path.read_text(encoding="utf-8")))
    # Prefect's own, which are set here, not read
    read -= {"PREFECT_HOME"}
    assert read - {name for name, _ in environment_variables()} == set()
    assert "TIINGO_API_KEY" in dict(environment_variables())


@pytest.mark.parametrize("command", ["status", "doctor", "config"])
def test_every_command_refuses_all_mistakes_at_once_where_a_value_is_of_no_use(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], command: str
) -> None:
    text = '[sources]\nindex_bars = ["nope"]\nnope = []\n\n[pace]\nx = 0\n'
    (tmp_path / "breadthwise.toml").write_text(text, encoding="utf-8")
    assert cli.main(["--home", str(tmp_path), command]) == 2
    first, *others = capsys.readouterr().err.splitlines()
    assert first.endswith("breadthwise.toml has 4 mistakes:")
    assert [line.split()[1] for line in others] == ["2:", "3:", "6:", "6:"]
