"""What the package knows, for people: signatures and formats.

Reads: the library, signature and format files. Feeds: `ocppdiag signatures`, `formats`, `explain`.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from ocpp_forensics.checks.definition import Check
from ocpp_forensics.dsl.catalogue import StreamField, facts, streams
from ocpp_forensics.dsl.complaints import suggestion
from ocpp_forensics.dsl.library import Library
from ocpp_forensics.dsl.parser import statements
from ocpp_forensics.dsl.tree import Signature
from ocpp_forensics.errors import InputError, Problem
from ocpp_forensics.formats.definition import Format

__all__ = [
    "field_rows", "find_signature", "format_rows", "signature_rows", "source_of",
    "statements_of", "stream_rows", "without_values",
]  # fmt: skip

_PLACEHOLDER = re.compile(r"\{[a-z_0-9]+\}")


def without_values(sentence: str) -> str:
    """A sentence without the values that only a log can fill in."""
    return _PLACEHOLDER.sub("…", sentence)


def find_signature(library: Library, name: str) -> Signature:
    """A signature by its id. Errors: InputError where there is none."""
    for signature in library.signatures:
        if signature.id == name:
            return signature
    raise InputError(_unknown("signature", name, [each.id for each in library.signatures]))


def _unknown(what: str, word: str, known: Sequence[str]) -> Problem:
    hint = suggestion(word, known) or "`ocppdiag signatures list` tells what there is"
    return Problem(f"unknown-{what}", f"there is no {what} '{word}'", help=hint)


def source_of(signature: Signature) -> Iterator[str]:
    """The lines of a signature in its file."""
    lines = Path(signature.path).read_text(encoding="utf-8").splitlines()
    for line in lines[signature.span.line - 1 :]:
        yield line
        if line.startswith("}"):
            return


def statements_of(signature: Signature) -> Iterator[tuple[str, str]]:
    """The statements of a signature in its file: keyword, and what follows it."""
    text = Path(signature.path).read_text(encoding="utf-8")
    for statement in statements(text, signature.id):
        keyword, _, rest = statement.partition(" ")
        yield keyword, rest


def signature_rows(library: Library) -> tuple[Sequence[str], Iterable[Sequence[str]]]:
    """One row per signature."""
    names = ("signature", "cause", "severity", "status", "explains", "title")
    rows = (
        (
            each.id,
            each.cause,
            each.severity,
            each.status,
            each.explains or "advice",
            without_values(each.title),
        )
        for each in library.signatures
    )
    return names, rows


def stream_rows() -> tuple[Sequence[str], Iterable[Sequence[str]]]:
    """One row per stream: what it is, which symptom, and which logs tell of it."""
    names = ("stream", "symptom", "scope", "told by", "title")
    rows = (
        (each.name, each.symptom or "", each.scope, ", ".join(each.kinds), each.title)
        for each in sorted(streams().values(), key=lambda each: (each.is_event, each.name))
    )
    return names, (*rows, ("facts", "", "station", "", "what is known of the station of a match"))


def field_rows(name: str) -> tuple[Sequence[str], Iterable[Sequence[str]]]:
    """One row per field of a stream. Errors: InputError where there is none of this name."""
    if name not in streams() and name != "facts":
        hint = suggestion(name, [*streams(), "facts"]) or "`ocppdiag signatures fields` lists all"
        raise InputError(Problem("unknown-stream", f"there is no stream '{name}'", help=hint))
    fields = facts() if name == "facts" else streams()[name].fields
    rows = (
        (each.name, each.type, _typical(each.typical), _meaning(each)) for each in fields.values()
    )
    return ("field", "type", "in tests", "title"), rows


def _typical(value: object) -> str:
    """The value in tests that state none, as it is written there."""
    if value is None:
        return "unknown"
    return str(value).lower() if isinstance(value, bool) else str(value)


def _meaning(field: StreamField) -> str:
    return f"{field.title}: {', '.join(field.values)}" if field.values else field.title


def format_rows(
    formats: Iterable[Format | Check],
) -> tuple[Sequence[str], Iterable[Sequence[str]]]:
    """One row per format of logs, or kind of document."""
    rows = ((each.id, each.kind or "any", each.title) for each in formats)
    return ("format", "kind", "title"), rows
