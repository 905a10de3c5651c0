"""The draft of a signature: complete, commented, and passing its own tests before it is changed.

Reads: dsl/drafts/*.sig, one for each symptom; the library. Feeds: `ocppdiag signatures new`.
"""

import re
from collections.abc import Iterator

from ocpp_forensics.dsl.catalogue import SYMPTOMS, causes
from ocpp_forensics.dsl.complaints import suggestion
from ocpp_forensics.dsl.library import Library
from ocpp_forensics.errors import InputError, Problem
from ocpp_forensics.resources import read_text

__all__ = ["draft_of"]

_NAME = re.compile(r"[a-z][a-z0-9_-]*")
_CAUSE = re.compile(r"^  cause    \S+", re.MULTILINE)
_EXPLAINS = re.compile(r"^  explains \S+\n", re.MULTILINE)


def draft_of(name: str, cause: str, symptom: str | None, library: Library) -> str:
    """The text of a draft; without a symptom that of the cause's own signatures.

    Errors: InputError with everything that is wrong with the names.
    """
    problems = list(_mistakes(name, cause, symptom, library))
    if problems:
        raise InputError(problems)
    known = [each for each in library.signatures if each.cause == cause and each.explains]
    usual = known[0].explains if known else None
    text = read_text(f"dsl/drafts/{symptom or usual or SYMPTOMS[0]}.sig")
    text = text.replace("signature draft-signature {", f"signature {name} {{")
    if causes()[cause].advice:
        return _EXPLAINS.sub("", _CAUSE.sub(f"  advice   {cause}", text))
    rivals = dict.fromkeys(rival for each in known[:1] for rival, _ in each.rivals)
    text = _CAUSE.sub(f"  cause    {cause:<18}", text)
    if not rivals:
        return text
    told = f"  rivals   {', '.join(rivals)}  # causes that it must be told from\n"
    return text.replace("\n  first_check", f"{told}\n  first_check", 1)


def _mistakes(name: str, cause: str, symptom: str | None, library: Library) -> Iterator[Problem]:
    if not _NAME.fullmatch(name):
        hint = "small letters, digits and hyphens, such as my-drop"
        yield Problem("signature-name", f"'{name}' cannot name a signature", help=hint)
    taken = [each.path for each in library.signatures if each.id == name]
    if taken:
        message = f"there is a signature '{name}' already, in {taken[0]}"
        yield Problem("signature-duplicate", message, help="choose another name")
    if cause not in causes():
        hint = suggestion(cause, causes()) or "`ocppdiag signatures list` names causes and advice"
        yield Problem("unknown-cause", f"there is no cause '{cause}'", help=hint)
    if symptom is not None and symptom not in SYMPTOMS:
        hint = suggestion(symptom, SYMPTOMS) or f"known: {', '.join(SYMPTOMS)}"
        yield Problem("unknown-symptom", f"there is no symptom '{symptom}'", help=hint)
