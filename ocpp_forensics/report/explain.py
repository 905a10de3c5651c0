"""What a cause means, how it is decided, and what separates it from those that look alike.

Reads: the library, causes.toml, the findings of a report. Feeds: `ocppdiag explain`.
"""

import re
from collections.abc import Iterable, Iterator, Sequence

from ocpp_forensics.dsl.catalogue import causes
from ocpp_forensics.dsl.complaints import suggestion
from ocpp_forensics.dsl.library import Library
from ocpp_forensics.dsl.tree import Signature, Weight
from ocpp_forensics.errors import InputError, Problem
from ocpp_forensics.report.details import add_advice, add_incident
from ocpp_forensics.report.knowledge import statements_of, without_values
from ocpp_forensics.report.page import Look, Page
from ocpp_forensics.report.reading import Findings
from ocpp_forensics.report.screen import OWNERS, STYLES, field

__all__ = ["render_explanation"]

_INCIDENT = re.compile(r"I\d+", re.IGNORECASE)
_CONDITION = re.compile(r'"(?:\\.|[^"\\])*"\s+if\s+(.*)')
_PATTERN = ("event", "match", "given", "base", "variant")
_MOST = 3
"""Of what speaks for or against a look-alike, no more than this is told."""


def render_explanation(name: str, library: Library, findings: Findings | None, look: Look) -> str:
    """A cause, a piece of advice, a signature or an incident of a report, explained.

    Errors: InputError where nothing has this name.
    """
    page = Page(look)
    found = _found(name, findings)
    for incident in found.incidents:
        add_incident(page, incident, incident.id)
    for advice in found.advice:
        add_advice(page, advice)
    if name.upper() in {each.id for each in found.incidents}:
        (incident,) = found.incidents
        if incident.cause in causes():
            _add_cause(page, incident.cause, _signatures(library, incident.signature), library)
        return page.text()
    signatures = _signatures(library, name)
    cause = signatures[0].cause if signatures else name
    if cause not in causes():
        raise InputError(_unknown(name, library, findings))
    _add_cause(page, cause, signatures, library)
    return page.text()


def _found(name: str, findings: Findings | None) -> Findings:
    """Of the findings of a report those that a name stands for."""
    if findings is None:
        return Findings()
    return Findings(
        tuple(
            each
            for each in findings.incidents
            if name.upper() == each.id or name in {each.cause, each.signature}
        ),
        tuple(each for each in findings.advice if name in {each.id, each.signature}),
    )


def _signatures(library: Library, name: str) -> list[Signature]:
    return [each for each in library.signatures if name in {each.cause, each.id}]


def _unknown(name: str, library: Library, findings: Findings | None) -> Problem:
    incidents = [each.id for each in findings.incidents] if findings else []
    if _INCIDENT.fullmatch(name):
        if findings is None:
            hint = f"name its report: ocppdiag explain {name} report.json, or a kept store"
            return Problem("report-missing", f"incident {name} belongs to a report", help=hint)
        listed = ", ".join(incidents) or "none"
        return Problem("unknown-incident", f"no incident '{name}'", help=f"incidents: {listed}")
    known = [*causes(), *(each.id for each in library.signatures), *incidents]
    hint = suggestion(name, known) or "`ocppdiag signatures list` names causes and advice"
    return Problem("unknown-cause", f"there is no cause '{name}'", help=hint)


def _add_cause(page: Page, name: str, signatures: Sequence[Signature], library: Library) -> None:
    kind = "advice" if causes()[name].advice else "cause"
    page.add((name, "bold"), f" ({kind}): {causes()[name].title}.", most=3)
    page.blank()
    for signature in signatures:
        _add_signature(page, signature)
    if not signatures:
        page.add("No signature concludes it yet.", indent=2)
        return
    _add_rivals(page, name, signatures, library)


def _add_signature(page: Page, signature: Signature) -> None:
    page.add(
        (f"{signature.severity.upper()}  ", STYLES[signature.severity]),
        without_values(signature.title),
    )
    field(page, "Fault of", OWNERS[signature.owner])
    field(page, "First check", signature.first_check, most=4)
    for fix in signature.fixes:
        field(page, "Fix", fix, most=4)
    field(page, "Logs", _logs(signature), most=2)
    for reference in signature.references:
        field(page, "See", reference, most=3)
    page.add((f"How signature {signature.id} decides", "bold"), indent=2)
    _add_decision(page, signature)
    page.blank()


def _logs(signature: Signature) -> str:
    needed = [need.kind for need in signature.needs if not need.optional]
    helpful = [need.kind for need in signature.needs if need.optional]
    said = [f"needs {', '.join(needed)}"] if needed else []
    said += [f"helped by {', '.join(helpful)}"] if helpful else []
    return "; ".join(said) or "any"


def _add_decision(page: Page, signature: Signature) -> None:
    """Add the pattern, and each weight with the condition under which it counts."""
    for keyword, text in statements_of(signature):
        words = without_values(text)
        if keyword in _PATTERN:
            page.add((f"{keyword:<7}  ", "dim"), words, indent=4, most=12)
        elif keyword in {"support", "against"}:
            sign, style = ("+", "green") if keyword == "support" else ("-", "red")
            points, _, rest = words.partition(" ")
            sentence = rest[1:].partition('" if ')[0] if '" if ' in rest else rest
            page.add((f"{sign}{points:<6}  ", style), sentence, indent=4, most=3)
            condition = _CONDITION.fullmatch(rest)
            if condition:
                page.add(("         ", "dim"), (f"if {condition[1]}", "dim"), indent=4, most=6)


def _add_rivals(page: Page, cause: str, signatures: Sequence[Signature], library: Library) -> None:
    """Add every cause that looks alike, with what would speak for it and against it."""
    rivals = dict.fromkeys(name for each in signatures for name, _ in each.rivals)
    rivals |= dict.fromkeys(
        each.cause for each in library.signatures if cause in {name for name, _ in each.rivals}
    )
    rivals.pop(cause, None)
    if rivals:
        page.add(("Look-alikes, and what separates them", "bold"))
    symptoms = {each.explains for each in signatures}
    for rival in rivals:
        page.add((rival, "bold"), f": {causes()[rival].title}", indent=2)
        concluding = _signatures(library, rival)
        alike = [each for each in concluding if each.explains in symptoms]
        for each in (alike or concluding)[:1]:
            _add_separation(page, each)
    if rivals:
        page.blank()


def _add_separation(page: Page, rival: Signature) -> None:
    for label, weights in (
        ("for it", [each for each in rival.weights if each.points > 0]),
        ("against it", [each for each in rival.weights if each.points < 0]),
    ):
        strongest = sorted(weights, key=lambda each: -abs(each.points))[:_MOST]
        if strongest:
            page.add((f"{label:<10}  ", "dim"), "; ".join(_said(strongest)), indent=4, most=5)
    page.add(("out where   ", "dim"), without_values(rival.ruled_out), indent=4, most=3)


def _said(weights: Iterable[Weight]) -> Iterator[str]:
    for each in weights:
        yield f"{without_values(each.sentence)} ({each.points:+d})"
