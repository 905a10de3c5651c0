"""What the grammar cannot see: unknown names, wrong types, missing tests. All problems at once.

Reads: parsed signatures, the catalogue. Feeds: the loader and `ocppdiag signatures lint`.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from difflib import get_close_matches

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
from ocpp_forensics.dsl.resolve import Names, anchor_of, presences_in, refs_of
from ocpp_forensics.errors import Problem, Where

__all__ = ["check_signatures", "lint_signatures", "placeholders"]

_PLACEHOLDER = re.compile(r"\{([a-z_0-9]+)\}")
_ORDERED = {"<", ">", "<=", ">="}
_ARITHMETIC = {"+", "-", "*", "/"}


def check_signatures(signatures: Iterable[ast.Signature]) -> list[Problem]:
    """Everything that is wrong with a set of signatures."""
    problems: list[Problem] = []
    seen: dict[str, ast.Signature] = {}
    for signature in signatures:
        if signature.id in seen:
            message = f"signature '{signature.id}' is also defined in {seen[signature.id].path}"
            problems.append(Problem("signature-duplicate", message, _at(signature, signature.span)))
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
            Problem(
                "signature-unfinished",
                f"signature '{signature.id}' lacks {what}",
                _at(signature, signature.span),
            )
            for what, there in wanted.items()
            if not there
        ]
    return problems


def placeholders(text: str) -> list[str]:
    """The fields that a sentence quotes in braces."""
    return _PLACEHOLDER.findall(text)


def _at(signature: ast.Signature, span: ast.Span) -> Where:
    return Where(signature.path, span.line, span.column, span.width)


def suggestion(word: str, known: Iterable[str]) -> str | None:
    """A did-you-mean, None where nothing is near."""
    near = get_close_matches(word, list(known), n=1, cutoff=0.6)
    return f"did you mean '{near[0]}'?" if near else None


class _Check:
    """Checks one signature against the catalogue."""

    def __init__(self, signature: ast.Signature) -> None:
        self.signature = signature
        self.names = Names(signature)

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

    def _problem(self, code: str, message: str, span: ast.Span, help: str | None = None) -> Problem:
        return Problem(code, message, _at(self.signature, span), help)

    def _unknown(self, what: str, word: str, known: Iterable[str], span: ast.Span) -> Problem:
        names = list(known)
        help = suggestion(word, names) or (
            f"known: {', '.join(names)}" if len(names) < 16 else None
        )
        return self._problem(f"unknown-{what}", f"unknown {what} '{word}'", span, help)

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
                yield self._unknown(kind, word, known, here.span)
        for need in here.needs:
            if need.kind not in KINDS:
                yield self._unknown("kind", need.kind, KINDS, need.span)
        for rival, span in here.rivals:
            if rival not in causes():
                yield self._unknown("cause", rival, causes(), span)

    def _streams(self) -> Iterator[Problem]:
        earlier: set[str] = set()
        for stream in self.signature.streams:
            if stream.name in streams() or stream.name in earlier:
                message = f"'{stream.name}' is already the name of a stream"
                yield self._problem("stream-repeated", message, stream.span)
            for source, span in stream.sources:
                if source not in streams() and source not in earlier:
                    yield self._unknown("event", source, [*streams(), *earlier], span)
            earlier.add(stream.name)
            if stream.condition:
                yield from self._condition(stream.condition, self.names.fields(stream.name))

    def _ref(self, ref: ast.Ref) -> Iterator[Problem]:
        if not self.names.bases(ref.source):
            if self.names.declared(ref.source) is None:
                yield self._unknown("event", ref.source, self.names.known(), ref.span)
        elif ref.condition:
            yield from self._condition(ref.condition, self.names.fields(ref.source))

    def _pattern(self) -> Iterator[Problem]:
        here, match = self.signature, self.signature.match
        anchor = anchor_of(match)
        bases = self.names.bases(anchor.source)
        fields = self.names.fields(anchor.source)
        if here.scope not in ("station", "fleet") and here.scope not in fields:
            yield self._unknown("field", here.scope, ["station", "fleet", *fields], anchor.span)
        if here.scope == "station" and any(base.scope == "fleet" for base in bases):
            message = f"'{anchor.source}' belongs to no single station"
            yield self._problem("scope", message, anchor.span, "say 'by fleet' after the pattern")
        symptoms = {base.symptom for base in bases}
        if here.explains and symptoms != {here.explains}:
            message = f"'{anchor.source}' is not a symptom '{here.explains}'"
            names = [each.name for each in streams().values() if each.symptom == here.explains]
            yield self._problem("symptom", message, anchor.span, f"match {' or '.join(names)}")
        if isinstance(match, ast.Absence) and match.during and match.during not in spans():
            yield self._unknown("span", match.during, spans(), match.after.span)
        if isinstance(match, ast.Counted) and match.distinct and match.distinct not in fields:
            yield self._unknown("field", match.distinct, fields, match.ref.span)
        if isinstance(match, ast.Periodic) and match.low_s > match.high_s:
            yield self._problem("window", "the window ends before it begins", match.ref.span)

    def _evidence(self) -> Iterator[Problem]:
        here = self.signature
        fields = self.names.evidence_fields(anchor_of(here.match).source)
        if here.given:
            yield from self._condition(here.given, facts())
        if here.shared_by and here.shared_by not in fields:
            yield self._unknown("field", here.shared_by, fields, here.span)
        for each in (*here.weights, *here.variants):
            yield from self._condition(each.evidence, fields, near=True)
        sentences = [(each.sentence, each.span) for each in here.weights]
        for text, span in [*sentences, (here.title, here.span), (here.ruled_out, here.span)]:
            for name in placeholders(text):
                if name not in fields:
                    yield self._unknown("field", name, fields, span)

    # Conditions

    def _condition(
        self, condition: ast.Condition, fields: Mapping[str, StreamField], *, near: bool = False
    ) -> Iterator[Problem]:
        problems: list[Problem] = []
        for presence in presences_in(condition):
            if near:
                yield from self._ref(presence.ref)
        kind = self._type(condition, fields, problems)
        yield from problems
        if kind not in (None, "boolean"):
            message = f"a condition is needed here, this is a {kind}"
            yield self._problem("type", message, condition.span)

    def _type(
        self,
        node: ast.Condition,
        fields: Mapping[str, StreamField],
        problems: list[Problem],
    ) -> str | None:
        """The type of an expression; None where a name in it is unknown."""
        match node:
            case ast.Literal(value=value):
                return _type_of(value)
            case ast.Field(name=name):
                if name not in fields:
                    problems.append(self._unknown("field", name, fields, node.span))
                    return None
                return "number" if fields[name].type == "integer" else fields[name].type
            case ast.Not(condition=inner):
                return self._same(["boolean"], [inner], fields, problems, node.span)
            case ast.Presence():
                return "boolean"
        right = node.right
        if node.operator == "is":
            self._type(node.left, fields, problems)
        elif node.operator == "matches":
            self._same(["text"], [node.left], fields, problems, node.span)
            problems.extend(self._regex(str(right), node.span))
        elif isinstance(right, tuple):
            self._same(["text", "number"], [node.left, *right], fields, problems, node.span)
            problems.extend(self._values(node.left, right, fields))
        elif right is not None and not isinstance(right, str):
            return self._binary(node, right, fields, problems)
        return "boolean"

    def _binary(
        self,
        node: ast.Binary,
        right: ast.Condition,
        fields: Mapping[str, StreamField],
        problems: list[Problem],
    ) -> str:
        sides = [node.left, right]
        if node.operator in ("and", "or"):
            self._same(["boolean"], sides, fields, problems, node.span)
            return "boolean"
        if node.operator in _ARITHMETIC or node.operator in _ORDERED:
            self._same(["number"], sides, fields, problems, node.span)
            return "number" if node.operator in _ARITHMETIC else "boolean"
        self._same(["text", "number", "boolean"], sides, fields, problems, node.span)
        if isinstance(right, ast.Literal):
            problems.extend(self._values(node.left, (right,), fields))
        return "boolean"

    def _same(
        self,
        allowed: list[str],
        nodes: Iterable[ast.Condition],
        fields: Mapping[str, StreamField],
        problems: list[Problem],
        span: ast.Span,
    ) -> str:
        found = [self._type(node, fields, problems) for node in nodes]
        types = {each for each in found if each is not None}
        if len(types) > 1:
            message = f"cannot compare {' with '.join(sorted(types))}"
            problems.append(self._problem("type", message, span))
        elif types and not types <= set(allowed):
            message = f"needs {' or '.join(allowed)}, found {types.pop()}"
            problems.append(self._problem("type", message, span))
        return allowed[0]

    def _values(
        self,
        left: ast.Condition,
        literals: tuple[ast.Literal, ...],
        fields: Mapping[str, StreamField],
    ) -> Iterator[Problem]:
        if isinstance(left, ast.Field) and left.name in fields and fields[left.name].values:
            for literal in literals:
                if literal.value not in fields[left.name].values:
                    yield self._unknown(
                        "value", str(literal.value), fields[left.name].values, literal.span
                    )

    def _regex(self, pattern: str, span: ast.Span) -> Iterator[Problem]:
        try:
            re.compile(pattern)
        except re.error as error:
            yield self._problem("regex", f"not a regular expression: {error}", span)

    # Tests

    def _test(self, test: ast.TestCase) -> Iterator[Problem]:
        if not test.expectations:
            message = f"test '{test.name}' expects nothing"
            yield self._problem("test-empty", message, test.span, "end it with 'expect ...'")
        for kind in test.without:
            if kind not in KINDS:
                yield self._unknown("kind", kind, KINDS, test.span)
        for settings in test.facts:
            yield from self._settings(settings, facts() | _STATION, test.span)
        for step in test.steps:
            if step.action not in streams():
                yield self._unknown("event", step.action, streams(), step.span)
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
                yield self._unknown("field", name, fields, span)
                continue
            type_ = "number" if fields[name].type == "integer" else fields[name].type
            if _type_of(value) != type_:
                message = f"'{name}' is a {type_}, {value!r} is a {_type_of(value)}"
                yield self._problem("type", message, span)
            elif fields[name].values and value not in fields[name].values:
                yield self._unknown("value", str(value), fields[name].values, span)


_STATION = {"station": StreamField("station", "text", "OCPP identity")}


def _type_of(value: str | float | bool) -> str:
    if isinstance(value, bool):
        return "boolean"
    return "text" if isinstance(value, str) else "number"
