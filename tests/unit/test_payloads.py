"""The payload store: bytes come back as they came, loose or packed, and damage is seen."""

from __future__ import annotations

import gzip
import hashlib
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from warehouse.errors import LakeError
from warehouse.payloads.packing import pack_files, packable_files
from warehouse.payloads.store import PayloadStore

NOW = datetime(2026, 1, 23, tzinfo=UTC)
ALL = datetime.now(UTC) + timedelta(days=1)


def test_bytes_and_requests_come_back(tmp_path: Path) -> None:
    store = PayloadStore(tmp_path)
    digest = store.put_payload(b"date,close\n", {"url": "u1"})
    assert digest == hashlib.sha256(b"date,close\n").hexdigest()
    assert store.put_payload(b"date,close\n", {"url": "u2"}) == digest
    assert store.put_payload(b"date,close\n", {"url": "u2"}) == digest
    assert store.get_payload(digest) == b"date,close\n"
    assert sorted(r["url"] for r in store.requests_for_payload(digest)) == ["u1", "u2"]
    names = sorted(p.name.removeprefix(digest) for p in (tmp_path / "raw" / digest[:2]).iterdir())
    assert (len(names), names[-1]) == (2, ".gz")
    assert gzip.decompress((tmp_path / "raw" / digest[:2] / f"{digest}.gz").read_bytes()) == b"date,close\n"


def test_a_payload_and_its_request_are_one_file_and_homes_of_before_are_read(tmp_path: Path) -> None:
    """Nothing but the payload's own file is synced; a home of an older version has the request beside it."""
    store = PayloadStore(tmp_path)
    digest = store.put_payload(b"body", {"url": "u"})
    (whole,) = (tmp_path / "raw" / digest[:2]).iterdir()
    assert list(store.requests_for_payload(digest)) == [{"url": "u"}]
    whole.write_bytes(gzip.compress(b"body"))
    text = json.dumps({"url": "u"})
    beside = whole.with_name(f"{digest}.{hashlib.sha256(text.encode()).hexdigest()[:12]}.json")
    beside.write_text(text + "\n")
    assert store.put_payload(b"body", {"url": "u"}) == digest
    assert (store.get_payload(digest), list(store.requests_for_payload(digest))) == (b"body", [{"url": "u"}])
    assert sorted(whole.parent.iterdir()) == sorted([whole, beside])
    store.put_payload(b"body", {"url": "another"})
    assert sorted(one["url"] for one in store.requests_for_payload(digest)) == ["another", "u"]


def test_a_payload_that_many_requests_gave_costs_none_of_them_a_reading(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Hundreds of stocks without a rating are answered with the same bytes, every day."""
    store = PayloadStore(tmp_path)
    digest = store.put_payload(b"{}", {"url": "u0"})
    for i in range(1, 20):
        store.put_payload(b"{}", {"url": f"u{i}"})
    read: list[str] = []
    inner = Path.read_bytes

    def noted(path: Path) -> bytes:
        read.append(path.name)
        return inner(path)

    monkeypatch.setattr(Path, "read_bytes", noted)
    for url in ("u0", "u7", "new"):
        store.put_payload(b"{}", {"url": url})
    monkeypatch.undo()
    assert set(read) <= {digest, f"{digest}.gz"}
    assert len(list(store.requests_for_payload(digest))) == 21
    pack_files(tmp_path, packable_files(tmp_path, ALL), NOW)
    for url in ("u0", "u7", "new"):
        store.put_payload(b"{}", {"url": url})
    assert not list((tmp_path / "raw" / digest[:2]).iterdir())


def test_a_request_too_long_for_a_header_lies_beside(tmp_path: Path) -> None:
    store = PayloadStore(tmp_path)
    asked = {"url": "u" * 70_000}
    digest = store.put_payload(b"body", asked)
    assert (store.get_payload(digest), list(store.requests_for_payload(digest))) == (b"body", [asked])
    assert len(list((tmp_path / "raw" / digest[:2]).iterdir())) == 2


def test_compressed_bytes_are_kept_as_they_are(tmp_path: Path) -> None:
    body = b"\x1f\x8b" + bytes(range(50))
    digest = PayloadStore(tmp_path).put_payload(body, {})
    assert (tmp_path / "raw" / digest[:2] / digest).read_bytes() == body
    assert PayloadStore(tmp_path).get_payload(digest) == body


def test_packed_payloads_are_found_by_old_and_new_stores(tmp_path: Path) -> None:
    store = PayloadStore(tmp_path)
    digests = [store.put_payload(f"body {i}".encode(), {"i": i}) for i in range(3)]
    assert pack_files(tmp_path, packable_files(tmp_path, ALL), NOW) == tmp_path / "raw/packed/20260123T000000-000.zip"
    later = store.put_payload(b"body 4", {"i": 4})
    assert pack_files(tmp_path, packable_files(tmp_path, ALL), NOW) == tmp_path / "raw/packed/20260123T000000-001.zip"
    assert packable_files(tmp_path, ALL) == []
    for each in (store, PayloadStore(tmp_path)):
        assert [each.get_payload(d) for d in (*digests, later)] == [b"body 0", b"body 1", b"body 2", b"body 4"]
        assert [list(each.requests_for_payload(d)) for d in digests] == [[{"i": 0}], [{"i": 1}], [{"i": 2}]]
    assert store.put_payload(b"body 0", {"i": 0}) == digests[0]
    assert packable_files(tmp_path, ALL) == []
    store.put_payload(b"body 0", {"i": "another"})
    assert len(packable_files(tmp_path, ALL)) == 1
    assert list(store.requests_for_payload(digests[0])) in ([{"i": 0}, {"i": "another"}], [{"i": "another"}, {"i": 0}])


def test_a_packer_killed_before_it_deleted_leaves_all_readable(tmp_path: Path) -> None:
    store = PayloadStore(tmp_path)
    digest = store.put_payload(b"body", {"i": 1})
    loose = {p: p.read_bytes() for p in packable_files(tmp_path, ALL)}
    pack_files(tmp_path, list(loose), NOW)
    for path, body in loose.items():
        path.write_bytes(body)
    assert store.get_payload(digest) == b"body"
    assert list(store.requests_for_payload(digest)) == [{"i": 1}]


def test_missing_and_damaged_payloads_are_named(tmp_path: Path) -> None:
    store = PayloadStore(tmp_path)
    with pytest.raises(LakeError, match="payload 00ff is not in"):
        store.get_payload("00ff")
    digest = store.put_payload(b"PK\x03\x04 zip", {})
    (tmp_path / "raw" / digest[:2] / digest).write_bytes(b"PK\x03\x04 zap")
    with pytest.raises(LakeError, match="is damaged: its bytes do not have the SHA-256"):
        store.get_payload(digest)
    digest = store.put_payload(b"text", {})
    (tmp_path / "raw" / digest[:2] / f"{digest}.gz").write_bytes(b"\x1f\x8b cut")
    with pytest.raises(LakeError, match="is damaged"):
        store.get_payload(digest)


@pytest.mark.parametrize("left", [b"", b"\x1f\x8b cut", gzip.compress(b"other", mtime=0)])
def test_a_damaged_payload_that_comes_again_is_whole_again(tmp_path: Path, left: bytes) -> None:
    store = PayloadStore(tmp_path)
    digest = store.put_payload(b"text", {"url": "u"})
    (tmp_path / "raw" / digest[:2] / f"{digest}.gz").write_bytes(left)
    assert store.put_payload(b"text", {"url": "u"}) == digest
    assert store.get_payload(digest) == b"text"
    assert list(store.requests_for_payload(digest)) == [{"url": "u"}]


def test_a_damaged_pack_is_named(tmp_path: Path) -> None:
    (tmp_path / "raw/packed").mkdir(parents=True)
    (tmp_path / "raw/packed/x.zip").write_bytes(b"no zip")
    with pytest.raises(LakeError, match="x.zip is damaged"):
        PayloadStore(tmp_path).get_payload("00ff")
