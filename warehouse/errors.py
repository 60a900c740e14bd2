"""The errors of Breadthwise: each one line that says what happened and what to do."""


class BreadthwiseError(Exception):
    """Base of every error that is ours. The command line prints it as one line, without a trace."""

    exit_code = 1


class UsageError(BreadthwiseError):
    """The caller asked for something that cannot be: wrong option, unknown name, wrong path."""

    exit_code = 2


class SettingsError(UsageError):
    """`breadthwise.toml` holds something that cannot be used."""


class FormatError(BreadthwiseError):
    """A file or answer is not what its format says. Nothing of it is kept."""


class LakeError(BreadthwiseError):
    """The lake cannot be read or written: lock, disk, permissions, damage."""


class ModelError(BreadthwiseError):
    """A SQL model is wrong: header, references, or columns that differ from its header."""


class TextError(BreadthwiseError):
    """A text that is printed is missing in a language, or is not what the other language has."""


class SourceModuleError(BreadthwiseError):
    """A module of `sources/providers` is wrong, whatever its host answers: a name that it lacks, a dataset that there is not."""


class SourceError(BreadthwiseError):
    """A source gave no usable answer."""


class TransientSourceError(SourceError):
    """Worth another try later: connection lost, time-out, 5xx. `retry_after`: seconds that the host asks to wait."""

    retry_after: float | None = None


class RateLimited(TransientSourceError):
    """The host asked us to slow down (429, or its words in a 200)."""


class NotFound(SourceError):
    """The host knows no such symbol, series or file."""


class NoData(SourceError):
    """The answer is well-formed and empty where rows were expected."""


class StaleAnswer(SourceError):
    """The answer is, as a whole, that of the session before: the vendor has not moved on yet."""


class MalformedAnswer(SourceError):
    """The body is not what the API promises: HTML for JSON, cut off, not decodable."""


class ChangedShape(MalformedAnswer):
    """The body is well-formed, but a field or column that we read is gone or has another type."""


class ParserFailed(SourceError):
    """A parser of ours died on an answer that may well be good. The answer is stored."""


class AccessRefused(SourceError):
    """The host refuses us: key missing or wrong, crumb or cookie expired, blocked client."""
