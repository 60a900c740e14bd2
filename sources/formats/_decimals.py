"""Which sign parts the fraction of a file's numbers: taken where its cells prove it, asked for where they do not."""

from __future__ import annotations

import pyarrow as pa
import pyarrow.compute as pc

from sources.formats._base import Context

POINT, COMMA = ".", ","
_TWO_MEANINGS = "is a number with a fraction or one of thousands, and no cell proves which"
_BLANKS = "[ \u00a0\u202f]"
# `1,234.5`, `12.50`, `0.125`, `1234.125`, `.5`, `1,234,567`: only with a point. SEP is the fraction's sign, GROUP the other.
_PROOF = (
    r"^[+-]?\$?(\d{1,3}(GROUP\d{3})+SEP\d*|\d+SEP\d{1,2}|\d+SEP\d{4,}|0SEP\d+|\d{4,}SEP\d+|SEP\d+|"
    r"\d+SEP\d+[eE][+-]?\d+|\d{1,3}(GROUP\d{3}){2,})%?$"
)
# Three digits after one sign: 1,500 is fifteen hundred or one and a half.
_EITHER = r"^[+-]?\$?[1-9]\d{0,2}SEP\d{3}$"
_WITH_COMMA = (
    rf"(?i)^[+-]?\$?((\d+|\d{{1,3}}(\.\d{{3}})+|\d{{1,3}}({_BLANKS}\d{{3}})+)(,\d*)?|,\d+)(e[+-]?\d+)?$"
    r"|^[+-]?(nan|inf)$"
)


def _number_pattern(text: str, sign: str) -> str:
    other = "[. \u00a0\u202f]" if sign == COMMA else "[,]"
    return text.replace("SEP", f"[{sign}]").replace("GROUP", other)


def _first_match(cells: pa.Array, pattern: str) -> str:
    """The first cell of that pattern; '' where there is none."""
    found = cells.filter(pc.match_substring_regex(cells, pattern))
    return found[0].as_py() if len(found) else ""


def find_decimal_sign(cells: pa.Array, counts: pa.Array, delimiter: str, context: Context) -> str:
    """The decimal sign of `cells` (the distinct texts of all columns of numbers of a file) and of `counts` among them.

    Raises FormatError where nothing proves it; also where all whole numbers that have the sign have three digits after it,
    for they may be thousands beside prices of another spelling, and are in bars as traded, whatever is asked.
    """
    asked = context.option_value("decimal")
    if asked:
        if _are_whole(context):
            _refuse_thousands(counts, asked, context)
        return asked
    every = pa.concat_arrays([cells, counts])
    has_point, has_comma = (bool(_first_match(every, _number_pattern(_PROOF, sign))) for sign in (POINT, COMMA))
    if not (has_point or has_comma):
        open_comma, open_point = (_first_match(every, _number_pattern(_EITHER, sign)) for sign in (COMMA, POINT))
        unclear = open_comma or (open_point if delimiter == ";" else "")
        if unclear:
            raise context.format_error(f"{unclear!r} {_TWO_MEANINGS}; say --decimal . or --decimal ,")
    sign = COMMA if has_comma and not has_point else POINT
    if not (context.format.source and delimiter == ","):  # as its vendor wrote it, the sign is known
        _refuse_thousands(counts, sign, context)
    return sign


def _are_whole(context: Context) -> bool:
    """Whether the file's whole numbers have no fraction: volumes do where they are divided by splits."""
    return not _may_be_adjusted(context) or (context.option_value("basis") or context.format.basis) == "raw"


def _may_be_adjusted(context: Context) -> bool:
    return context.dataset != "index_bars" and "basis" in context.format.options


def _refuse_thousands(counts: pa.Array, sign: str, context: Context) -> None:
    """Raises FormatError where each of `counts` that has `sign` has three digits after it."""
    unclear = _first_match(counts, _number_pattern(_EITHER, sign))
    if not unclear or _first_match(counts, _number_pattern(_PROOF, sign)):
        return
    if _are_whole(context):
        otherwise = f" (or, if volumes are divided by splits, say --basis split --decimal {sign})"
        raise context.format_error(
            f"{unclear!r} stands for a whole number, and {sign} has three digits after it in all of its column: it marks "
            f"thousands there; write those numbers without it{otherwise if _may_be_adjusted(context) else ''}"
        )
    raise context.format_error(
        f"{unclear!r} {_TWO_MEANINGS}; say --decimal {sign} if it has a fraction; if not, write it without its sign: no option "
        f"reads {sign} as both"
    )


def with_decimal_points(cells: pa.Array) -> tuple[pa.Array, pa.Array]:
    """Cells with decimal commas as others write them (1.234,56 becomes 1234.56), and which of them are such numbers."""
    is_number = pc.match_substring_regex(cells, _WITH_COMMA)
    bare = pc.replace_substring_regex(cells, rf"[.$]|{_BLANKS}", "")
    return pc.if_else(is_number, pc.replace_substring(bare, ",", "."), cells), is_number
