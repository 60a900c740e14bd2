"""An answer that is broken off is a lost connection, however it was packed and sent; a whole one comes as it was."""

from __future__ import annotations

import gzip
import zlib
from pathlib import Path

import pytest

from sources.http.client import Client, HttpSettings
from tests.sources.little_server import Reply, Time, little_server
from warehouse.errors import MalformedAnswer, SourceError, TransientSourceError

URL = "https://api.example.com/graph.csv"
TABLE = b"observation_date,DGS10\n" + b"".join(b"2025-10-%02d,4.%03d\n" % (day, 17 * day) for day in range(1, 29))
CUT = TABLE[: TABLE.index(b"\n2025-10-22") + len(b"\n2025-10-22,4")]


def flushed(text: bytes, window_bits: int) -> bytes:
    """All of `text` can be unpacked, and the end of the stream is missing."""
    packing = zlib.compressobj(9, zlib.DEFLATED, window_bits)
    return packing.compress(text) + packing.flush(zlib.Z_SYNC_FLUSH)


def packed(text: bytes, window_bits: int) -> bytes:
    packing = zlib.compressobj(9, zlib.DEFLATED, window_bits)
    return packing.compress(text) + packing.flush()


def coded(body: bytes, coding: str = "gzip") -> Reply:
    return Reply(body, headers={"Content-Encoding": coding})


def chunked(*lines: bytes) -> Reply:
    return Reply(b"\r\n".join(lines), headers={"Transfer-Encoding": "chunked"}, has_length=False)


def ask(home: Path, *replies: Reply) -> tuple[bytes | SourceError, int]:
    """The body or the error, and how often was asked."""
    moment = Time()
    with little_server() as server:
        server.replies = list(replies)
        settings = HttpSettings(default_pace=1000.0)
        client = Client(home, moment.clock, settings, {"*": server.url}, moment.sleep, moment.monotonic, seed=1)
        try:
            return client.get(URL, expect="csv").body, len(server.asked)
        except SourceError as error:
            return error, len(server.asked)


GZIP = gzip.compress(TABLE)
BROKEN = {
    "gzip without an end": coded(flushed(CUT, 31)),
    "gzip without its check sum": coded(GZIP[:-8]),
    "gzip without its length": coded(GZIP[:-4]),
    "gzip, then zero bytes": coded(GZIP[: len(GZIP) // 2] + bytes(len(GZIP) // 2)),
    "gzip, wrong check sum": coded(GZIP[:-8] + b"\0\0\0\0" + GZIP[-4:]),
    "gzip, wrong length": coded(GZIP[:-4] + b"\1\0\0\0"),
    "gzip, its head alone": coded(GZIP[:10]),
    "gzip, its second member cut": coded(gzip.compress(TABLE[:60]) + gzip.compress(TABLE[60:])[:-9]),
    "x-gzip without an end": coded(flushed(CUT, 31), "x-gzip"),
    "zlib without an end": coded(flushed(CUT, 15), "deflate"),
    "zlib, wrong check sum": coded(packed(TABLE, 15)[:-4] + b"\0\0\0\0", "Deflate"),
    "bare deflate without an end": coded(flushed(CUT, -15), "deflate"),
    "no gzip at all": coded(TABLE),
    "fewer bytes than said": Reply(CUT, declared=len(TABLE)),
    "chunks without the last": chunked(b"%x" % len(CUT), CUT, b""),
    "a chunk cut": chunked(b"%x" % len(TABLE), CUT),
    "chunked gzip without an end": Reply(
        b"%x\r\n%s\r\n0\r\n\r\n" % (len(flushed(CUT, 31)), flushed(CUT, 31)),
        # the server hangs up after each answer, which the next request must not meet
        headers={"Transfer-Encoding": "chunked", "Content-Encoding": "gzip", "Connection": "close"},
        has_length=False,
    ),
    "no length, and a line cut": Reply(CUT, has_length=False),
}
WHOLE = {
    "a charset in place of a packing": coded(TABLE, "UTF-8"),
    "no packing by name": coded(TABLE, "none"),
    "plain": Reply(TABLE),
    "identity": coded(TABLE, "identity"),
    "no line end, length said": Reply(TABLE[:-1]),
    "no length": Reply(TABLE, has_length=False),
    "gzip": coded(GZIP),
    "gzip without a length": Reply(gzip.compress(TABLE[:-1]), headers={"Content-Encoding": "gzip"}, has_length=False),
    "gzip of two members": coded(gzip.compress(TABLE[:60]) + gzip.compress(TABLE[60:])),
    "gzip, filled up with zeros": coded(GZIP + bytes(7)),
    "zlib": coded(packed(TABLE, 15), "deflate"),
    "bare deflate": coded(packed(TABLE, -15), "deflate"),
    "chunks": chunked(b"%x" % 60, TABLE[:60], b"%x" % len(TABLE[60:]), TABLE[60:], b"0", b"", b""),
}


@pytest.mark.parametrize("case", BROKEN)
def test_a_broken_off_answer_is_asked_again_and_then_a_lost_connection(case: str, tmp_path: Path) -> None:
    assert ask(tmp_path, BROKEN[case], Reply(TABLE)) == (TABLE, 2)
    error, asked = ask(tmp_path, BROKEN[case])
    assert isinstance(error, TransientSourceError), error
    assert str(error).startswith("api.example.com")
    assert asked == 4


@pytest.mark.parametrize("case", WHOLE)
def test_a_whole_answer_comes_as_it_was(case: str, tmp_path: Path) -> None:
    body, asked = ask(tmp_path, WHOLE[case])
    assert isinstance(body, bytes), body
    assert (body.rstrip(b"\n"), asked) == (TABLE.rstrip(b"\n"), 1)


@pytest.mark.parametrize("body", [b"", b"<html>Log in</html>", b'{"a": 1}', b"sorry"])
def test_an_answer_that_is_no_data_says_that_it_was_not_stored(body: bytes, tmp_path: Path) -> None:
    moment = Time()
    with little_server() as server:
        server.replies = [Reply(body)]
        client = Client(tmp_path, moment.clock, base_urls={"*": server.url}, sleep=moment.sleep)
        with pytest.raises(MalformedAnswer, match=r"\(what is no data is not stored\)$"):
            client.get(URL, expect="json" if body == b"sorry" else "csv")


def test_only_what_can_be_unpacked_is_asked_for(tmp_path: Path) -> None:
    error, asked = ask(tmp_path, coded(b"\x0b\x02\x80", "br"))
    assert isinstance(error, MalformedAnswer)
    assert str(error) == "api.example.com: the answer is packed as 'br' where gzip, deflate was asked"
    assert asked == 1
    moment = Time()
    with little_server() as server:
        server.replies = [Reply(TABLE)]
        client = Client(tmp_path, moment.clock, base_urls={"*": server.url}, sleep=moment.sleep)
        client.get(URL, expect="csv")
        assert server.asked[0][1]["accept-encoding"] == "gzip, deflate"
