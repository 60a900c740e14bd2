"""Which files an import takes: one, a folder, a pattern, a zip; and the plan that comes of it."""

from __future__ import annotations

import gzip
import os
import struct
import zipfile
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from flows.ingest.import_plan import Import, WorkItem, plan_imports
from sources.formats import _input, find_format
from sources.formats._input import find_files
from warehouse.errors import FormatError, UsageError

NOW = datetime(2026, 1, 26, 12, 0, tzinfo=UTC)
BARS = find_format("bars")
CLOSES = "date,close\n2026-01-22,1\n"


def _zip(path: Path, members: dict[str, str], compression: int = zipfile.ZIP_STORED) -> Path:
    with zipfile.ZipFile(path, "w", compression) as archive:
        for name, text in members.items():
            archive.writestr(name, text)
    return path


def _closes(items: tuple[WorkItem, ...]) -> list[tuple[str, str]]:
    messages = []
    for item in items:
        table = item.parse_payload(item.read_payload().body, item.request).tables["index_bars"]
        messages.append((table["symbol"][0].as_py(), item.request.source))
    return messages


def test_a_file_a_folder_and_a_pattern(tmp_path: Path) -> None:
    folder = tmp_path / "indices"
    (folder / "old").mkdir(parents=True)
    for name in ("SPX.csv", "COMP.CSV", "old/RUT.txt", "notes.md", ".hidden.csv"):
        (folder / name).write_text(CLOSES)
    single = plan_imports(Import(folder / "SPX.csv", "bars", "index_bars"), NOW)
    assert _closes(single.items) == [("SPX", "indices/SPX")]
    whole = plan_imports(Import(folder, "bars", "index_bars"), NOW)
    assert _closes(whole.items) == [("COMP", "indices/COMP"), ("SPX", "indices/SPX"), ("RUT", "old/RUT")]
    assert [Path(text.split(" (")[0]).name for text in whole.skipped] == [".hidden.csv", "notes.md"]
    some = plan_imports(Import(f"{folder}/S*.csv", "bars", "index_bars", source="mine"), NOW)
    assert _closes(some.items) == [("SPX", "mine")]


@pytest.mark.parametrize(
    ("name", "messages"),
    [
        ("gone.csv", "there is nothing at .*gone.csv; give a file, a folder, a zip, or a pattern"),
        ("*.csv", "there is nothing at|no file of format bars at"),
        ("empty", "no file of format bars at .*empty: looked for \\* with .csv, .txt, .tsv, .parquet, .pq"),
        ("other", "no file of format bars at .*other: .*skipped: .*README.md"),
    ],
)
def test_nothing_to_import_is_wrong_use(tmp_path: Path, name: str, messages: str) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "other").mkdir()
    (tmp_path / "other/README.md").write_text("text")
    with pytest.raises(UsageError, match=messages):
        find_files(tmp_path / name, BARS)


def test_links_out_of_the_folder_are_not_followed(tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "DJI.csv").write_text(CLOSES)
    folder = tmp_path / "folder"
    folder.mkdir()
    (folder / "SPX.csv").write_text(CLOSES)
    (folder / "DJI.csv").symlink_to(outside / "DJI.csv")
    (folder / "SPX2.csv").symlink_to(folder / "SPX.csv")
    (folder / "deep").symlink_to(outside)
    (folder / "broken.csv").symlink_to(folder / "nowhere.csv")
    for where in (folder, f"{folder}/*.csv"):
        result = find_files(where, BARS)
        assert [file.name for file in result.files] == ["folder/SPX.csv", "folder/SPX2.csv"]
        assert any("DJI.csv (a link that leads out of the folder)" in text for text in result.skipped)


def test_a_zip_gives_the_members_that_fit(tmp_path: Path) -> None:
    members = {"us/SPX.csv": CLOSES, "COMP.csv": CLOSES, "read me.md": "text", "__MACOSX/us/._SPX.csv": "x"}
    path = _zip(tmp_path / "indices.zip", members, zipfile.ZIP_DEFLATED)
    plan = plan_imports(Import(path, "bars", "index_bars"), NOW)
    assert _closes(plan.items) == [("COMP", "indices/COMP"), ("SPX", "us/SPX")]
    assert plan.items[0].read_payload().body == CLOSES.encode()
    assert plan.skipped == (f"{path}/read me.md (not * with .csv, .txt, .tsv, .parquet, .pq, .xlsx)",)


def test_members_of_a_zip_that_are_not_read_are_named_as_files_of_a_folder_are(tmp_path: Path) -> None:
    members = dict.fromkeys(("us/SPX.csv", "us/RUT.json", "us/DJI.xls", "us/.notes.csv", "VIX.dat"), CLOSES)
    for name, text in members.items():
        (tmp_path / "all" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "all" / name).write_text(text)
    path = _zip(tmp_path / "all.zip", members)
    folder, packed, pattern = (find_files(place, BARS) for place in (tmp_path / "all", path, f"{tmp_path}/*.zip"))
    assert [file.member for file in packed.files] == ["us/SPX.csv"]
    assert sorted(text.replace("/all/", "/all.zip/") for text in folder.skipped) == sorted(packed.skipped)
    assert [Path(text.split(" (")[0]).name for text in packed.skipped] == [
        "VIX.dat",
        ".notes.csv",
        "DJI.xls",
        "RUT.json",
    ]
    assert pattern == packed
    _zip(path, {"RUT.json": "[]"})
    with pytest.raises(UsageError, match="no file of format bars at .*all.zip: .*skipped: .*all.zip/RUT.json"):
        find_files(path, BARS)


@pytest.mark.parametrize(
    ("member", "messages"),
    [
        ("../x.csv", "'../x.csv': its path leads out of the zip"),
        ("a/../../x.md", "'a/../../x.md': its path leads out of the zip"),
        ("/etc/x.csv", "'/etc/x.csv': its path leads out of the zip"),
        ("C:\\x.csv", "its path leads out of the zip"),
        ("..\\x.csv", "its path leads out of the zip"),
        ("more.zip", "'more.zip': it is an archive itself"),
    ],
)
def test_a_zip_with_a_bad_member_is_refused_whole(tmp_path: Path, member: str, messages: str) -> None:
    path = _zip(tmp_path / "bars.zip", {"SPX.csv": CLOSES, member: CLOSES})
    with pytest.raises(FormatError) as caught:
        find_files(path, BARS)
    assert f"{path} is refused for its member" in str(caught.value)
    assert messages in str(caught.value)


def test_a_zip_with_a_link_or_a_zip_under_another_name_is_refused(tmp_path: Path) -> None:
    link = zipfile.ZipInfo("SPX.csv")
    link.external_attr = 0o120777 << 16
    with zipfile.ZipFile(tmp_path / "link.zip", "w") as archive:
        archive.writestr(link, "/etc/passwd")
    with pytest.raises(FormatError, match="'SPX.csv': it is a symbolic link"):
        find_files(tmp_path / "link.zip", BARS)
    inner = _zip(tmp_path / "inner.zip", {"SPX.csv": CLOSES})
    with zipfile.ZipFile(tmp_path / "outer.zip", "w") as archive:
        archive.write(inner, "SPX.csv")
    (file,) = find_files(tmp_path / "outer.zip", BARS).files
    with pytest.raises(FormatError, match="'SPX.csv': it is an archive itself"):
        file.read_payload()


def test_a_zip_bomb_is_refused_by_its_stated_size(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = _zip(tmp_path / "bomb.zip", {"SPX.csv": "0" * (17 << 20)}, zipfile.ZIP_DEFLATED)
    monkeypatch.setattr(_input, "MAX_RATIO", 500)
    with pytest.raises(FormatError, match="'SPX.csv': it unpacks to 17,825,792 bytes from .*: a zip bomb"):
        find_files(path, BARS)
    monkeypatch.setattr(_input, "MAX_MEMBER_BYTES", 1 << 20)
    with pytest.raises(FormatError, match="more than 1,048,576"):
        find_files(path, BARS)


def test_a_zip_that_lies_about_a_size_is_refused(tmp_path: Path) -> None:
    path = _zip(tmp_path / "liar.zip", {"SPX.csv": "0" * 5000}, zipfile.ZIP_DEFLATED)
    body = bytearray(path.read_bytes())
    directory = body.index(b"PK\x01\x02")
    body[directory + 24 : directory + 28] = struct.pack("<I", 10)
    path.write_bytes(body)
    (file,) = find_files(path, BARS).files
    with pytest.raises(FormatError, match="'SPX.csv'"):
        file.read_payload()


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_a_zip_with_two_members_of_one_name_is_refused(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "bars.zip", "w") as archive:
        for text in (CLOSES, CLOSES.replace(",1", ",2")):
            archive.writestr("us/SPX.csv", text)
    with pytest.raises(
        FormatError, match="bars.zip is refused: 2 of its members are called 'us/SPX.csv', and nothing says"
    ):
        find_files(tmp_path / "bars.zip", BARS)
    with zipfile.ZipFile(tmp_path / "bars.zip", "w") as archive:
        for name in ("SPX.csv", "notes.md", "notes.md"):
            archive.writestr(name, CLOSES)
    assert [file.member for file in find_files(tmp_path / "bars.zip", BARS).files] == ["SPX.csv"]


def test_a_gzip_is_unpacked_no_further_than_to_where_it_is_too_much(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "SPX.csv.gz"
    path.write_bytes(gzip.compress(CLOSES.encode() + b"2026-01-23,1\n" * 4_000_000))
    pieces: list[int] = []

    class Counted(gzip.GzipFile):
        def read(self, size: int | None = -1) -> bytes:
            pieces.append(size or 0)
            return super().read(size)

    monkeypatch.setattr(gzip, "open", Counted)
    (file,) = find_files(path, BARS).files
    with pytest.raises(
        FormatError, match="it unpacks to .* bytes or more from .*: a zip bomb; if it is none, unpack it"
    ):
        file.read_payload()
    assert max(pieces) * len(pieces) < 24 << 20, "of 52 MB"
    monkeypatch.setattr(_input, "MAX_RATIO", 10_000)
    whole = file.read_payload()
    assert isinstance(whole, bytes)
    assert len(whole) == len(CLOSES) + 13 * 4_000_000
    monkeypatch.setattr(_input, "MAX_MEMBER_BYTES", 5 << 20)
    with pytest.raises(
        FormatError, match=r"it unpacks to more than 5,242,880 bytes; split it \(by years, say\), or unpack it"
    ):
        file.read_payload()


@pytest.mark.parametrize(
    ("name", "fault"),
    [
        (b"lat\xe9.csv", "bars/lat\\udce9.csv: its name, or its folder's, is not UTF-8; rename it"),
        (b"a\x1b[31m\n.csv", "bars/a\\x1b[31m\\n.csv: its name, or its folder's, holds control characters; rename it"),
        (
            "a\u202evsc.csv".encode(),
            "bars/a\\u202evsc.csv: its name, or its folder's, holds control characters; rename it",
        ),
    ],
)
def test_a_file_whose_name_cannot_stand_beside_its_rows_is_refused_and_the_others_come(
    tmp_path: Path, name: bytes, fault: str
) -> None:
    (tmp_path / "bars").mkdir()
    for one in (name, b"SPX.csv"):
        Path(os.fsdecode(os.path.join(os.fsencode(tmp_path / "bars"), one))).write_text(CLOSES)
    plan = plan_imports(Import(tmp_path / "bars", "bars", "index_bars"), NOW)
    assert _closes(plan.items) == [("SPX", "bars/SPX")]
    assert [str(one) for one in plan.failures] == [fault]


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_a_zip_packed_in_another_way_is_refused(tmp_path: Path, method: int) -> None:
    path = _zip(tmp_path / "bars.zip", {"SPX.csv": CLOSES}, method)
    with pytest.raises(FormatError, match="'SPX.csv': it is packed by a method other than deflate; pack it again"):
        find_files(path, BARS)


def test_a_locked_or_nameless_member_is_refused(tmp_path: Path) -> None:
    body = bytearray(_zip(tmp_path / "bars.zip", {"SPX.csv": CLOSES}).read_bytes())
    directory = body.index(b"PK\x01\x02")
    body[directory + 8] |= 1
    (tmp_path / "bars.zip").write_bytes(body)
    with pytest.raises(FormatError, match="'SPX.csv': it is locked by a password"):
        find_files(tmp_path / "bars.zip", BARS)
    with zipfile.ZipFile(tmp_path / "bars.zip", "w") as archive:
        archive.writestr(zipfile.ZipInfo(""), CLOSES)
    with pytest.raises(FormatError, match="member '': it has no name"):
        find_files(tmp_path / "bars.zip", BARS)


@pytest.mark.parametrize("cut", [10, 60, -10])
def test_a_damaged_zip_is_refused(tmp_path: Path, cut: int) -> None:
    path = _zip(tmp_path / "bars.zip", {"SPX.csv": CLOSES * 50}, zipfile.ZIP_DEFLATED)
    path.write_bytes(path.read_bytes()[:cut])
    with pytest.raises(FormatError, match="bars.zip is no whole zip file .*; fetch it again"):
        find_files(path, BARS)


def test_a_zip_whose_member_is_damaged_is_refused_when_read(tmp_path: Path) -> None:
    path = _zip(tmp_path / "bars.zip", {"SPX.csv": CLOSES})
    path.write_bytes(path.read_bytes().replace(b"2026-01-22", b"2026-01-23"))
    (file,) = find_files(path, BARS).files
    with pytest.raises(FormatError, match="member 'SPX.csv' cannot be read .*Bad CRC-32"):
        file.read_payload()


def test_the_request_holds_all_that_the_parse_needs(tmp_path: Path) -> None:
    (tmp_path / "closes.csv").write_text("date,Adj\n2026-01-22,1\n")
    wanted = Import(
        tmp_path / "closes.csv", "bars", "sector_bars", known_at=datetime(2026, 1, 23, tzinfo=UTC), symbol="SPY",
        options={"basis": "total_return", "date_format": ""}, columns={"close": "Adj"},
    )  # fmt: skip
    (item,) = plan_imports(wanted, NOW, close_margin_minutes=30).items
    assert item.request.fetched_at == datetime(2026, 1, 23, tzinfo=UTC)
    assert (item.request.symbol, item.request.session, item.request.dataset) == ("SPY", None, "sector_bars")
    assert item.request.options == {
        "format": "bars", "basis": "total_return", "column.close": "Adj",
        "file": f"{tmp_path.name}/closes.csv", "close_margin_minutes": "30",
    }  # fmt: skip
    (row,) = item.parse_payload(item.read_payload().body, item.request).tables["sector_bars"].to_pylist()
    assert (row["symbol"], row["session_date"], row["close"], row["is_final"]) == ("SPY", date(2026, 1, 22), 1.0, True)


@pytest.mark.parametrize(
    ("wanted", "messages"),
    [
        (Import("x", "barz"), "no format 'barz'"),
        (Import("x", "bars"), "format bars gives index_bars or sector_bars or equity_bars: it needs --dataset"),
        (Import("x", "bars", "splits"), "format bars gives .*: 'splits' is no dataset of it"),
        (Import("x", "securities", options={"basis": "raw"}), "securities takes no --basis; it takes --taxonomy"),
        (Import("x", "bars", "index_bars", options={"basis": "clean"}), "--basis 'clean' is unknown; expected raw"),
        (Import("x", "bars", "index_bars", columns={"adj": "Adj"}), "format bars has no column 'adj'; --column takes"),
        (Import("x", "screener", symbol="A"), "format screener takes no --symbol; it takes --basis, --session"),
        (Import("x", "income", session=date(2026, 1, 22)), "format income takes no --session; it takes --symbol"),
        (Import("x", "bars", "index_bars", known_at=datetime(2026, 1, 27, tzinfo=UTC)), "lies in the future; now"),
    ],
)
def test_wrong_use_is_told_before_any_file_is_read(wanted: Import, messages: str) -> None:
    with pytest.raises(UsageError, match=messages):
        plan_imports(wanted, NOW)


def test_a_format_with_one_dataset_needs_no_other_word(tmp_path: Path) -> None:
    (tmp_path / "IWM_2026-01-22.csv").write_text(
        "Ticker,Name,Sector,Asset Class,Weight (%),Quantity,Price\nA,B,Energy,Equity,1,2,3\n"
    )
    (item,) = plan_imports(Import(tmp_path, "holdings"), NOW).items
    assert item.request.dataset == "memberships"
    (row,) = item.parse_payload(item.read_payload().body, item.request).tables["memberships"].to_pylist()
    assert (row["universe"], row["symbol"], row["effective_date"]) == ("russell2000", "A", date(2026, 1, 22))
