"""Which sign parts the fraction of a file's numbers: taken where its cells prove it, asked for where they do not."""

from __future__ import annotations

import pyarrow as pa
import pyarrow.compute as pc

from sources.formats._base import Context

POINT, COMMA = ".", ","
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
    for they may be thousands beside prices of another spelling.
    """
    asked = context.option_value("decimal")
    if asked:
        return asked
    every = pa.concat_arrays([cells, counts])
    has_point, has_comma = (bool(_first_match(every, _number_pattern(_PROOF, sign))) for sign in (POINT, COMMA))
    if has_point or has_comma:
        sign = COMMA if has_comma and not has_point else POINT
        is_proven = _first_match(counts, _number_pattern(_PROOF, sign))
        unclear = "" if is_proven else _first_match(counts, _number_pattern(_EITHER, sign))
    else:
        sign = POINT
        open_comma, open_point = (_first_match(every, _number_pattern(_EITHER, sign)) for sign in (COMMA, POINT))
        unclear = open_comma or (open_point if delimiter == ";" else "")
    if unclear:
        what = f"{unclear!r} is a number with a fraction or one of thousands, and no cell proves which; "
        if has_point != has_comma:
            raise context.format_error(
                f"{what}say --decimal {sign} if it has a fraction; if not, write it without its sign: no option reads {sign} as "
                "both"
            )
        raise context.format_error(f"{what}say --decimal . or --decimal ,")
    return sign


def with_decimal_points(cells: pa.Array) -> tuple[pa.Array, pa.Array]:
    """Cells with decimal commas as others write them (1.234,56 becomes 1234.56), and which of them are such numbers."""
    is_number = pc.match_substring_regex(cells, _WITH_COMMA)
    bare = pc.replace_substring_regex(cells, rf"[.$]|{_BLANKS}", "")
    return pc.if_else(is_number, pc.replace_substring(bare, ",", "."), cells), is_number
