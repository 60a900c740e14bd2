"""What a reader sees of an article that comes as HTML: no scripts and styles, headings and tables as lines of their own."""

from __future__ import annotations

import re
from html.parser import HTMLParser

_IS_HTML = re.compile(r"<(!doctype html|html|head|body|article|div|p|h[1-6]|table|ul|span|br)\b[^<>]*>", re.IGNORECASE)
_HIDDEN = frozenset(["script", "style", "head", "noscript", "template", "svg"])
_BLOCKS = frozenset(
    ["p", "div", "br", "tr", "table", "ul", "ol", "section", "article", "header", "footer", "main", "blockquote", "hr"]
)
_WITHOUT_END = frozenset(
    ["area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "param", "source", "track", "wbr"]
)
_HEADING = re.compile(r"h([1-6])")


def visible_text(text: str) -> str:
    """`text` itself, or where it is HTML, its visible words: a line a block, `#` before headings, bars between cells."""
    if _IS_HTML.search(text) is None:
        return text
    reader = _Reader()
    reader.feed(text)
    reader.close()
    lines = (" ".join(line.split()) for line in "".join(reader.pieces).split("\n"))
    return "\n".join(lines)


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.pieces: list[str] = []
        self._hidden: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        heading = _HEADING.fullmatch(tag)
        is_block = heading is not None or tag in _BLOCKS
        self._end_implied(tag, is_block)
        if self._hidden or tag in _HIDDEN or "hidden" in dict(attrs):
            if tag not in _WITHOUT_END:
                self._hidden.append(tag)
        elif heading:
            self.pieces.append(f"\n\n{'#' * int(heading[1])} ")
        elif tag in ("td", "th"):
            self.pieces.append(" | ")
        elif tag == "li":
            self.pieces.append("\n- ")
        elif tag in _BLOCKS:
            self.pieces.append("\n")

    def _end_implied(self, tag: str, is_block: bool) -> None:
        """End what has no end tag: the head at the body or a block, a paragraph at a block, a list's item at the next one."""
        if self._hidden == ["head"] and (is_block or tag in ("body", "ul", "ol")):
            self._hidden.clear()
        if self._hidden[-1:] == ["p"] and (is_block or tag == "li") and tag != "br":
            self._hidden.pop()
        if self._hidden[-1:] == ["li"] and tag == "li":
            self._hidden.pop()

    def handle_endtag(self, tag: str) -> None:
        if tag in self._hidden:
            # the end of an element ends those within it that have no end of their own
            while self._hidden.pop() != tag:
                pass
            return
        if self._hidden[:1] in (["p"], ["li"]) and tag in _BLOCKS - {"p"}:
            # the block around it ends
            self._hidden.clear()
        if not self._hidden and (_HEADING.fullmatch(tag) or (tag in _BLOCKS and tag != "tr")):
            self.pieces.append("\n")

    def handle_data(self, data: str) -> None:
        if not self._hidden:
            self.pieces.append(re.sub(r"\s+", " ", data))
