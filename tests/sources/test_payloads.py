"""A payload's two steps: stored as it came, then parsed; a parser that dies takes nothing with it."""

from __future__ import annotations

import fnmatch
import shlex
import zipfile
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pytest

from flows.cli import main
from flows.console.context import Reporter
from flows.ingest.files import import_planned_files
from flows.ingest.import_plan import Import, plan_imports
from sources import payloads
from sources.base import Parsed, Request, table_from_rows
from sources.providers import files, yahoo_bars
from tests.sources.seeds import FOLDER
from tests.unit.fetching import FakeSource
from tests.unit.test_fetching import fetch, full
from warehouse.errors import ChangedShape, MalformedAnswer, NoData, ParserFailed
from warehouse.lake.lake import Lake
from warehouse.payloads.packing import pack_files, packable_files
from warehouse.payloads.store import PayloadStore
from warehouse.runs.journal import Journal
from warehouse.settings import Settings

AT = datetime(2026, 1, 23, 23, tzinfo=UTC)
REQUEST = Request("vendor", "index_bars", AT, symbol="SPX")
DIGEST = "3608bca1e44ea6c4d268eb6db02260269892c0b42b86bbf1e77a6fa16c3c9282"  # of b"xyz"
MENDED = "please report it; the payload is stored, and `breadthwise replay` reads it when the parser is mended"


def one_bar(_body: bytes, request: Request) -> Parsed:
    row = {"symbol": "SPX", "session_date": date(2026, 1, 23), "basis": "raw", "close": 6915.61, "is_final": True}
    return Parsed({"index_bars": table_from_rows("index_bars", [row], request.source)})


def dying(_body: bytes, _request: Request) -> Parsed:
    raise KeyError("close")


def raw(home: Path) -> list[str]:
    return PayloadStore(home).payload_digests()


def test_an_answer_is_stored_and_its_rows_are_known_since_it_came(tmp_path: Path) -> None:
    payload = payloads.store_payload(PayloadStore(tmp_path), b"xyz", REQUEST)
    assert (payload.digest, raw(tmp_path), payload.body) == (DIGEST, [DIGEST], b"xyz")
    parsed = payloads.parse_payload(payload, one_bar)
    assert (parsed.digest, parsed.known_at, parsed.rows.tables["index_bars"]["close"].to_pylist()) == (
        DIGEST,
        AT,
        [6915.61],
    )
    later = AT + timedelta(days=1)
    assert payloads.parse_payload(payload, one_bar, known_at=later).known_at == later


def test_a_parser_that_dies_is_named_with_its_payload(tmp_path: Path) -> None:
    payload = payloads.store_payload(PayloadStore(tmp_path), b"xyz", REQUEST)
    with pytest.raises(ParserFailed) as died:
        payloads.parse_payload(payload, dying)
    assert str(died.value) == f"the parser of vendor failed on payload 3608bca1e44e (KeyError: 'close'): {MENDED}"
    with pytest.raises(ParserFailed, match=r"\(index_bars has the columns symbol\)"):
        payloads.parse_payload(payload, lambda body, request: Parsed({"index_bars": pa.table({"symbol": ["A"]})}))


def test_nothing_is_said_to_be_stored_that_lies_with_the_user() -> None:
    with pytest.raises(ParserFailed) as died:
        payloads.parse_payload(payloads.payload_on_disk(b"xyz", REQUEST), dying)
    assert (
        str(died.value) == "the parser of vendor failed on payload 3608bca1e44e (KeyError: 'close'): please report it"
    )


def refusing(_body: bytes, _request: Request) -> Parsed:
    raise ChangedShape("the column close is gone")


def test_what_a_parser_says_of_an_answer_stands_and_names_the_payload(tmp_path: Path) -> None:
    payload = payloads.store_payload(PayloadStore(tmp_path), b"xyz", REQUEST)
    with pytest.raises(ChangedShape) as refused:
        payloads.parse_payload(payload, refusing)
    assert str(refused.value) == (
        "the column close is gone; kept in the home as payload raw/36/3608bca1e44e*.gz, which `breadthwise parse vendor"
        f" {DIGEST[:12]} --dataset index_bars --symbol SPX` reads"
    )
    # asked a second time, the bytes have two requests and one file still
    payloads.store_payload(PayloadStore(tmp_path), b"xyz", replace(REQUEST, fetched_at=AT + timedelta(days=1)))
    assert [path.stem for path in tmp_path.glob("raw/36/3608bca1e44e*.gz")] == [DIGEST]
    # a user's own file is named already
    with pytest.raises(ChangedShape, match="^the column close is gone$"):
        payloads.parse_payload(
            payloads.payload_on_disk(b"xyz", replace(REQUEST, options={"file": "a/b.csv"})), refusing
        )


def reason_kept(store: PayloadStore, body: bytes) -> str:
    """Where the refusal says that `body` lies."""
    payload = payloads.kept_payload(store, sha256(body).hexdigest(), REQUEST)
    with pytest.raises(ChangedShape) as refused:
        payloads.parse_payload(payload, refusing)
    return str(refused.value).partition("as payload ")[2].partition(", which")[0]


@pytest.mark.parametrize("body", [b"xyz", b"PK\x03\x04 packed"])
def test_a_refused_payload_is_named_where_it_lies_packed_or_not(tmp_path: Path, body: bytes) -> None:
    payloads.store_payload(PayloadStore(tmp_path), body, REQUEST)
    (loose,) = tmp_path.glob(reason_kept(PayloadStore(tmp_path), body))
    assert loose.stem == sha256(body).hexdigest()
    pack_files(tmp_path, packable_files(tmp_path, datetime.max.replace(tzinfo=UTC)), AT)
    assert not loose.exists()
    member, _, archive = reason_kept(PayloadStore(tmp_path), body).partition(" in ")
    with zipfile.ZipFile(tmp_path / archive) as packed:
        assert fnmatch.filter(packed.namelist(), member) == [str(loose.relative_to(tmp_path / "raw"))]


def test_the_command_of_a_refusal_shows_it(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Without what was asked the answer is about nothing else."""
    body = FOLDER / "yahoo_bars.json"
    asked = Request(
        "yahoo_bars", "equity_bars", AT, symbol="BRK/B", options={"close_margin_minutes": "5", "note": "a b"}
    )
    with pytest.raises(MalformedAnswer) as refused:
        payloads.parse_payload(
            payloads.store_payload(PayloadStore(tmp_path), body.read_bytes(), asked), yahoo_bars.parse
        )
    reason, _, command = str(refused.value).removesuffix("` reads").partition("; kept in the home as payload ")
    program, *words = shlex.split(command.partition("`")[2])
    assert words[3:] == (
        ["--dataset", "equity_bars", "--symbol", "BRK/B", "--option", "close_margin_minutes=5", "--option", "note=a b"]
    )
    assert (program, main(["--home", str(tmp_path), *words])) == ("breadthwise", 1)
    assert capsys.readouterr().err == f"breadthwise parse: MalformedAnswer: {reason}\n"


def test_all_that_was_asked_stands_in_the_command(tmp_path: Path) -> None:
    asked = replace(REQUEST, symbol=None, series="DGS10", session=date(2026, 1, 23))
    with pytest.raises(
        ChangedShape, match=f"{DIGEST[:12]} --dataset index_bars --series DGS10 --session 2026-01-23` reads$"
    ):
        payloads.parse_payload(payloads.store_payload(PayloadStore(tmp_path), b"xyz", asked), refusing)


def test_what_is_no_answer_has_no_payload_worth_a_look() -> None:
    def empty(_body: bytes, _request: Request) -> Parsed:
        raise NoData("no bars in this range")

    with pytest.raises(NoData, match="^no bars in this range$"):
        payloads.parse_payload(payloads.payload_on_disk(b"xyz", REQUEST), empty)


def test_an_answer_on_which_the_parser_dies_is_a_gap_and_the_rest_comes(tmp_path: Path) -> None:
    """Of two stocks the parser dies on one: the other is taken, both are stored, and the next source is asked."""

    class Dying(FakeSource):
        def parse(self, payload: bytes, request: Any) -> Parsed:
            return dying(payload, request) if request.symbol == "RUT" else super().parse(payload, request)

    bars = full("first", "SPX", "RUT").bars
    fetched, taken = fetch(tmp_path, ["SPX", "RUT"], Dying("first", bars))
    assert [payload.request.symbol for payload in taken] == ["SPX"]
    assert len(raw(tmp_path)) == 2
    (gap,) = fetched.gaps
    (lost,) = set(raw(tmp_path)) - {taken[0].digest}
    assert (gap.subject, len(gap.sessions), gap.error) == ("RUT", 5, "ParserFailed")
    assert gap.message == f"the parser of first failed on payload {lost[:12]} (KeyError: 'close'): {MENDED}"
    fetched, taken = fetch(tmp_path, ["RUT"], Dying("first", bars), full("second", "RUT"))
    assert ([payload.rows.tables["index_bars"].num_rows for payload in taken], fetched.gaps) == ([5], ())


@pytest.fixture
def without_gx(monkeypatch: pytest.MonkeyPatch) -> None:
    from expectations.suite import Validated

    monkeypatch.setattr(
        "expectations.suite.validate_batch", lambda contract, table, checked: Validated(contract.name, 0, 0, {})
    )


def brought(home: Path, path: Path) -> Any:
    plan = plan_imports(Import(path, "bars", "index_bars"), AT)
    with Journal(home).record_run("import", {}, AT) as run:
        return import_planned_files(home, Settings(), run, plan, AT, Reporter(quiet=True))


@pytest.mark.usefixtures("without_gx")
def test_a_file_is_kept_where_it_is_of_its_format_or_the_parser_dies(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home, folder = tmp_path / "home", tmp_path / "folder"
    folder.mkdir()
    (folder / "SPX.csv").write_text("date,close\n2026-01-23,6915.61\n")
    (folder / "page.csv").write_text("<html>no bars</html>\n")
    report = brought(home, folder)
    assert (report.exit_code, len(report.failures), len(raw(home))) == (3, 1, 1)
    (folder / "RUT.csv").write_text("date,close\n2026-01-23,2700.5\n")
    monkeypatch.setattr(files, "parse_with_reading", dying)
    died = brought(home, folder / "RUT.csv")
    assert (died.exit_code, len(raw(home))) == (1, 2)
    assert died.gaps[0].startswith("folder/RUT.csv: the parser of folder/RUT failed on payload ")
    lake = Lake(home)
    with duckdb.connect() as con:
        assert con.sql(lake.current_sql("index_bars", lake.manifest())).aggregate("count(*)").fetchall() == [(1,)]


def test_a_file_that_cannot_be_read_is_a_gap(tmp_path: Path) -> None:
    (tmp_path / "SPX.csv").write_text("date,close\n2026-01-23,6915.61\n")
    plan = plan_imports(Import(tmp_path / "SPX.csv", "bars", "index_bars"), AT)
    (tmp_path / "SPX.csv").unlink()
    with Journal(tmp_path / "home").record_run("import", {}, AT) as run:
        report = import_planned_files(tmp_path / "home", Settings(), run, plan, AT, Reporter(quiet=True))
    assert report.gaps == [f"{tmp_path.name}/SPX.csv: cannot be read: No such file or directory"]
