"""What the grammar cannot see: unknown names, wrong types, missing tests. All problems at once.

Reads: parsed signatures, the catalogue. Feeds: the loader and `ocppdiag signatures lint`.
"""

import re
from collections.abc import Iterable, Iterator, Mapping

from ocpp_forensics.dsl import tree as ast
from ocpp_forensics.dsl.catalogue import (
    KINDS,
    OWNERS,
    SEVERITIES,
    STATUSES,
    SYMPTOMS,
    StreamField,
    causes,
    facts,
    spans,
    streams,
)
from ocpp_forensics.dsl.complaints import Complaints
from ocpp_forensics.dsl.condition_types import ConditionTypes, field_type, type_of_value
from ocpp_forensics.dsl.resolve import Names, anchor_of, presences_in, refs_of
from ocpp_forensics.errors import Problem

__all__ = ["check_signatures", "lint_signatures", "placeholders"]

_PLACEHOLDER = re.compile(r"\{([a-z_0-9]+)\}")


def check_signatures(signatures: Iterable[ast.Signature]) -> list[Problem]:
    """Everything that is wrong with a set of signatures."""
    problems: list[Problem] = []
    seen: dict[str, ast.Signature] = {}
    for signature in signatures:
        if signature.id in seen:
            message = f"signature '{signature.id}' is also defined in {seen[signature.id].path}"
            problems.append(Complaints(signature).problem("signature-duplicate", message))
        seen[signature.id] = signature
        problems.extend(_Check(signature).all())
    return problems


def lint_signatures(signatures: Iterable[ast.Signature]) -> list[Problem]:
    """What works but is not finished: tests, fixes, references that are missing."""
    problems = []
    for signature in signatures:
        outcomes = {each.outcome for test in signature.tests for each in test.expectations}
        wanted = {
            "a test that expects a match": "match" in outcomes,
            "a test that expects no match": "none" in outcomes,
            "a fix": bool(signature.fixes),
            "a reference": bool(signature.references),
        }
        problems += [
            Complaints(signature).problem(
                "signature-unfinished", f"signature '{signature.id}' lacks {what}"
            )
            for what, there in wanted.items()
            if not there
        ]
    return problems


def placeholders(text: str) -> list[str]:
    """The fields that a sentence quotes in braces."""
    return _PLACEHOLDER.findall(text)


class _Check:
    """Checks one signature against the catalogue."""

    def __init__(self, signature: ast.Signature) -> None:
        self.signature = signature
        self.names = Names(signature)
        self.complaints = Complaints(signature)

    def all(self) -> Iterator[Problem]:
        yield from self._words()
        yield from self._streams()
        known = all(self.names.bases(ref.source) for ref in refs_of(self.signature.match))
        for ref in refs_of(self.signature.match):
            yield from self._ref(ref)
        if known:
            yield from self._pattern()
            yield from self._evidence()
        for test in self.signature.tests:
            yield from self._test(test)

    def _words(self) -> Iterator[Problem]:
        here = self.signature
        ids = [each.id for each in causes().values() if each.advice == here.advice]
        what = "advice" if here.advice else "cause"
        choices: list[tuple[str, str, Iterable[str]]] = [
            (what, here.cause, ids),
            ("severity", here.severity, SEVERITIES),
            ("status", here.status, STATUSES),
            ("owner", here.owner, OWNERS),
        ]
        if here.explains:
            choices.append(("symptom", here.explains, SYMPTOMS))
        for kind, word, known in choices:
            if word not in known:
                yield self.complaints.unknown(kind, word, known, here.span)
        for need in here.needs:
            if need.kind not in KINDS:
                yield self.complaints.unknown("kind", need.kind, KINDS, need.span)
        for cause, span in (*here.rivals, *here.consequence_of):
            if cause not in causes():
                yield self.complaints.unknown("cause", cause, causes(), span)

    def _streams(self) -> Iterator[Problem]:
        earlier: set[str] = set()
        for stream in self.signature.streams:
            if stream.name in streams() or stream.name in earlier:
                message = f"'{stream.name}' is already the name of a stream"
                yield self.complaints.problem("stream-repeated", message, stream.span)
            for source, span in stream.sources:
                if source not in streams() and source not in earlier:
                    yield self.complaints.unknown("event", source, [*streams(), *earlier], span)
            earlier.add(stream.name)
            if stream.condition:
                yield from self._condition(stream.condition, self.names.fields(stream.name))

    def _ref(self, ref: ast.Ref) -> Iterator[Problem]:
        if not self.names.bases(ref.source):
            if self.names.declared(ref.source) is None:
                yield self.complaints.unknown("event", ref.source, self.names.known(), ref.span)
        elif ref.condition:
            yield from self._condition(ref.condition, self.names.fields(ref.source))

    def _pattern(self) -> Iterator[Problem]:
        here, match = self.signature, self.signature.match
        anchor = anchor_of(match)
        bases = self.names.bases(anchor.source)
        fields = self.names.fields(anchor.source)
        if here.scope not in ("station", "fleet") and here.scope not in fields:
            yield self.complaints.unknown(
                "field", here.scope, ["station", "fleet", *fields], anchor.span
            )
        if here.scope == "station" and any(base.scope == "fleet" for base in bases):
            message = f"'{anchor.source}' belongs to no single station"
            yield self.complaints.problem(
                "scope", message, anchor.span, "say 'by fleet' after the pattern"
            )
        symptoms = {base.symptom for base in bases}
        if here.explains and symptoms != {here.explains}:
            message = f"'{anchor.source}' is not a symptom '{here.explains}'"
            names = [each.name for each in streams().values() if each.symptom == here.explains]
            yield self.complaints.problem(
                "symptom", message, anchor.span, f"match {' or '.join(names)}"
            )
        if isinstance(match, ast.Absence) and match.during and match.during not in spans():
            yield self.complaints.unknown("span", match.during, spans(), match.after.span)
        if isinstance(match, ast.Counted) and match.distinct and match.distinct not in fields:
            yield self.complaints.unknown("field", match.distinct, fields, match.ref.span)
        if isinstance(match, ast.Periodic) and match.low_s > match.high_s:
            yield self.complaints.problem(
                "window", "the window ends before it begins", match.ref.span
            )

    def _evidence(self) -> Iterator[Problem]:
        here = self.signature
        fields = self.names.evidence_fields(anchor_of(here.match).source)
        if here.given:
            yield from self._condition(here.given, facts())
        if here.shared_by and here.shared_by not in fields:
            yield self.complaints.unknown("field", here.shared_by, fields, here.span)
        for evidence in here.evidence:
            yield from self._condition(evidence, fields, near=True)
        sentences = [(each.sentence, each.span) for each in here.weights]
        for text, span in [*sentences, (here.title, here.span), (here.ruled_out, here.span)]:
            for name in placeholders(text):
                if name not in fields:
                    yield self.complaints.unknown("field", name, fields, span)

    # Conditions

    def _condition(
        self, condition: ast.Condition, fields: Mapping[str, StreamField], *, near: bool = False
    ) -> Iterator[Problem]:
        for presence in presences_in(condition):
            if near:
                yield from self._ref(presence.ref)
        types = ConditionTypes(self.complaints, fields)
        types.require_condition(condition)
        yield from types.problems

    # Tests

    def _test(self, test: ast.TestCase) -> Iterator[Problem]:
        if not test.expectations:
            message = f"test '{test.name}' expects nothing"
            yield self.complaints.problem(
                "test-empty", message, test.span, "end it with 'expect ...'"
            )
        for kind in test.without:
            if kind not in KINDS:
                yield self.complaints.unknown("kind", kind, KINDS, test.span)
        for settings in test.facts:
            yield from self._settings(settings, facts() | _STATION, test.span)
        for step in test.steps:
            if step.action not in streams():
                yield self.complaints.unknown("event", step.action, streams(), step.span)
            else:
                fields = {**streams()[step.action].fields, **_STATION}
                yield from self._settings(step.settings, fields, step.span)

    def _settings(
        self,
        settings: tuple[tuple[str, str | float | bool], ...],
        fields: Mapping[str, StreamField],
        span: ast.Span,
    ) -> Iterator[Problem]:
        for name, value in settings:
            if name not in fields:
                yield self.complaints.unknown("field", name, fields, span)
                continue
            wanted, given = field_type(fields[name]), type_of_value(value)
            if given != wanted:
                message = f"'{name}' is a {wanted}, {value!r} is a {given}"
                yield self.complaints.problem("type", message, span)
            elif fields[name].values and value not in fields[name].values:
                yield self.complaints.unknown("value", str(value), fields[name].values, span)


_STATION = {"station": StreamField("station", "text", "OCPP identity")}
