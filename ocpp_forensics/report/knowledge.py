"""What the package knows, for people: causes, signatures, formats.

Reads: the library, causes.toml, format files. Feeds: `ocppdiag explain`, `signatures`, `formats`.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from ocpp_forensics.dsl.catalogue import causes
from ocpp_forensics.dsl.complaints import suggestion
from ocpp_forensics.dsl.library import Library
from ocpp_forensics.dsl.tree import Signature
from ocpp_forensics.errors import InputError, Problem
from ocpp_forensics.formats.definition import Format
from ocpp_forensics.report.page import Look, Page
from ocpp_forensics.report.screen import OWNERS, STYLES, field

__all__ = ["find_signature", "format_rows", "render_cause", "signature_rows", "source_of"]

_PLACEHOLDER = re.compile(r"\{[a-z_0-9]+\}")
_DECIDING = ("event", "given", "match", "base", "support", "against", "variant")


def render_cause(word: str, library: Library, look: Look) -> str:
    """What a cause means, what to do about it and how it is decided.

    Errors: InputError where neither a cause nor a signature has this name.
    """
    signatures = [each for each in library.signatures if word in (each.cause, each.id)]
    name = signatures[0].cause if signatures else word
    if name not in causes():
        raise InputError(_unknown("cause", word, [*causes(), *(s.id for s in library.signatures)]))
    page = Page(look)
    kind = "advice" if causes()[name].advice else "cause"
    page.add((name, "bold"), f" ({kind}): {causes()[name].title}.", most=3)
    page.blank()
    for signature in signatures:
        _add_signature(page, signature)
    if not signatures:
        page.add("No signature concludes it yet.", indent=2)
    return page.text()


def _add_signature(page: Page, signature: Signature) -> None:
    page.add((f"{signature.severity.upper()}  ", STYLES[signature.severity]), _title(signature))
    field(page, "Fault of", OWNERS[signature.owner])
    field(page, "First check", signature.first_check, most=4)
    for fix in signature.fixes:
        field(page, "Fix", fix, most=4)
    needs = [
        f"{need.kind} (if there is one)" if need.optional else need.kind for need in signature.needs
    ]
    field(page, "Logs of", ", ".join(needs) or "any", most=2)
    field(page, "Rivals", ", ".join(name for name, _ in signature.rivals) or "none", most=3)
    for reference in signature.references:
        field(page, "See", reference, most=3)
    page.add((f"Decided by signature {signature.id}:", "bold"), indent=2)
    for line in source_of(signature):
        if line.split(maxsplit=1)[:1] and line.split(maxsplit=1)[0] in _DECIDING:
            page.add(line.strip(), indent=4, most=9)
    page.blank()


def _title(signature: Signature) -> str:
    """The title without the values that only a log can fill in."""
    return _PLACEHOLDER.sub("…", signature.title)


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


def signature_rows(library: Library) -> tuple[Sequence[str], Iterable[Sequence[str]]]:
    """One row per signature."""
    names = ("signature", "cause", "severity", "status", "explains", "title")
    rows = (
        (each.id, each.cause, each.severity, each.status, each.explains or "advice", _title(each))
        for each in library.signatures
    )
    return names, rows


def format_rows(formats: Iterable[Format]) -> tuple[Sequence[str], Iterable[Sequence[str]]]:
    """One row per format."""
    rows = ((each.id, each.kind or "any", each.title) for each in formats)
    return ("format", "kind", "title"), rows
