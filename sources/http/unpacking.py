"""Unpacks a body as its Content-Encoding says, and takes it only where it is whole: the libraries give what they have got."""

from __future__ import annotations

import zlib
from collections.abc import Mapping

from warehouse.errors import MalformedAnswer, TransientSourceError

# what is asked for, and thus all that has to be understood
ACCEPTED = "gzip, deflate"
# the window bits of zlib that stand for a format: gzip with its check sum and length, zlib, deflate without a frame
_FORMATS = {"gzip": (31,), "x-gzip": (31,), "deflate": (15, -15)}
# packings that were not asked for; another word, such as the name of a charset, packs nothing
_NOT_ASKED = ("br", "zstd", "compress", "x-compress")
_GZIP_START = b"\x1f"


def is_end_stated(headers: Mapping[str, str]) -> bool:
    """Whether an answer tells its end: by a length, a last chunk or the end mark of its packing, not by hanging up."""
    is_packed = bool(_packings(headers.get("Content-Encoding", "")))
    return is_packed or "Content-Length" in headers or "chunked" in headers.get("Transfer-Encoding", "").lower()


def unpack_body(host: str, body: bytes, coding: str, limit: int) -> bytes:
    """The bytes that `body` stands for. `coding` is the header of the answer, '' where there is none.

    Raises TransientSourceError where the packed stream does not reach its end mark or its check sum is wrong,
    MalformedAnswer for a coding that was not asked for, and for more than `limit` bytes.
    """
    packings = _packings(coding)
    if not packings or not body:
        return body
    if len(packings) > 1 or packings[0] not in _FORMATS:
        raise MalformedAnswer(f"{host}: the answer is packed as {coding[:40]!r} where {ACCEPTED} was asked")
    for window_bits in _FORMATS[packings[0]]:
        try:
            return _inflate(host, body, window_bits, limit)
        except zlib.error:
            continue
    raise _broken(host)


def _packings(coding: str) -> list[str]:
    named = (one.strip().lower() for one in coding.split(","))
    return [one for one in named if one in _FORMATS or one in _NOT_ASKED]


def _inflate(host: str, body: bytes, window_bits: int, limit: int) -> bytes:
    """All members of the stream; what follows the last one and starts no other is no part of it."""
    pieces: list[bytes] = []
    size = 0
    rest = body
    while not pieces or rest.startswith(_GZIP_START):
        decoder = zlib.decompressobj(window_bits)
        pieces.append(decoder.decompress(rest, limit + 1 - size))
        size += len(pieces[-1])
        if size > limit:
            raise MalformedAnswer(f"{host}: the answer is larger than {limit} bytes; the rest was not read")
        if not decoder.eof:
            raise _broken(host)
        rest = decoder.unused_data
    return b"".join(pieces)


def _broken(host: str) -> TransientSourceError:
    return TransientSourceError(f"{host}: the connection was lost (the packed answer is not whole); try again later")
