"""Signatures with one clause left out, and the clauses that no test inside the file would miss.

Reads: parsed signatures. Feeds: test_every_clause. A clause is a condition of `match` or `event`,
one side of an `and` or `or` in it or in evidence, a `given`, an `until`, a weight line, a variant.
A range (`between`) is one clause.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields, replace
from functools import reduce

from ocpp_forensics.caserows import Match
from ocpp_forensics.casetests import TestBench, batches, failures
from ocpp_forensics.dsl import tree as ast
from ocpp_forensics.dsl.resolve import anchor_of
from ocpp_forensics.model import Outcome

__all__ = ["unneeded_clauses"]


def unneeded_clauses(bench: TestBench, signature: ast.Signature) -> list[str]:
    """The clauses of a signature that can go without any of its tests failing, as sentences."""
    patterns = list(_without_in_pattern(signature))
    weighed = _Weighed(signature)
    needed: set[str] = set()
    for tests in batches(signature):
        bench.lay_out(tests)
        for clause, mutant in patterns:
            if clause not in needed and any(failures(mutant, tests, *bench.matches(mutant))):
                needed.add(clause)
        needed |= weighed.needed(tests, *bench.matches(weighed.signature))
    named = [clause for clause, _ in patterns] + [each.clause for each in weighed.changes]
    return [f"{signature.path}: {signature.id}: {c}" for c in named if c not in needed]


# Conditions


def _without(condition: ast.Condition) -> Iterator[tuple[str, ast.Condition]]:
    """A condition with one side of an `and` or `or` left out, each with the words left out."""
    if isinstance(condition, ast.Not):
        for clause, rest in _without(condition.condition):
            yield clause, replace(condition, condition=rest)
    elif isinstance(condition, ast.Presence):
        for clause, ref in _without_in_ref(condition.ref):
            yield clause, replace(condition, ref=ref)
    elif isinstance(condition, ast.Binary) and _joins(condition):
        sides = list(_sides(condition, condition.operator))
        for number, side in enumerate(sides):
            before, after = sides[:number], sides[number + 1 :]
            place = f"(line {condition.span.line})"
            clause = f"`{condition.operator} {_text(side)}` {place}"
            yield clause, _joined(condition, [*before, *after])
            for inner, rest in _without(side):
                yield inner, _joined(condition, [*before, rest, *after])


def _sides(condition: ast.Condition, operator: str) -> Iterator[ast.Condition]:
    """All that one chain of `and` or of `or` joins."""
    if isinstance(condition, ast.Binary) and condition.operator == operator and _joins(condition):
        assert not isinstance(condition.right, str | tuple | None)
        yield from _sides(condition.left, operator)
        yield from _sides(condition.right, operator)
    else:
        yield condition


def _joined(chain: ast.Binary, sides: Sequence[ast.Condition]) -> ast.Condition:
    return reduce(lambda left, right: replace(chain, left=left, right=right), sides)


def _joins(condition: ast.Binary) -> bool:
    """Whether it joins two clauses; both sides of a range speak of one value."""
    if condition.operator == "and":
        sides = (condition.left, condition.right)
        values = [each.left for each in sides if isinstance(each, ast.Binary)]
        operators = [each.operator for each in sides if isinstance(each, ast.Binary)]
        return operators != [">=", "<="] or _text(values[0]) != _text(values[1])
    return condition.operator == "or"


def _text(node: ast.Condition | tuple[ast.Literal, ...] | str | None) -> str:
    """A condition in the words of the language, or near enough to find it."""
    match node:
        case ast.Literal(value=value):
            return f'"{value}"' if isinstance(value, str) else f"{value:g}"
        case ast.Field(name=name):
            return name
        case ast.Not(condition=inner):
            return f"not {_text(inner)}"
        case ast.Presence(ref=ref, absent=absent, position=position):
            where = f" where {_text(ref.condition)}" if ref.condition else ""
            return f"{'no ' if absent else ''}{ref.source}{where} {position}"
        case ast.Binary(operator=operator, left=left, right=right):
            return f"{_text(left)} {operator} {_text(right)}"
        case tuple():
            return f"({', '.join(map(_text, node))})"
    return str(node)


# Patterns


def _without_in_pattern(signature: ast.Signature) -> Iterator[tuple[str, ast.Signature]]:
    for clause, match in _without_in_match(signature.match):
        yield clause, replace(signature, match=match)
    for number, stream in enumerate(signature.streams):
        for clause, changed in _without_in_stream(stream):
            streams = (*signature.streams[:number], changed, *signature.streams[number + 1 :])
            yield f"event {stream.name}: {clause}", replace(signature, streams=streams)
    if signature.given:
        yield f"given {_text(signature.given)}", replace(signature, given=None)
        for clause, rest in _without(signature.given):
            yield clause, replace(signature, given=rest)


def _without_in_stream(stream: ast.Stream) -> Iterator[tuple[str, ast.Stream]]:
    if stream.condition:
        yield f"where {_text(stream.condition)}", replace(stream, condition=None)
        for clause, rest in _without(stream.condition):
            yield clause, replace(stream, condition=rest)
    for number, (name, _) in enumerate(stream.sources if len(stream.sources) > 1 else ()):
        others = (*stream.sources[:number], *stream.sources[number + 1 :])
        yield name, replace(stream, sources=others)


def _without_in_match(match: ast.Match) -> Iterator[tuple[str, ast.Match]]:
    if not isinstance(match, ast.Single):
        yield f"what {anchor_of(match).source} must meet", ast.Single(anchor_of(match))
    for each in fields(match):
        part = getattr(match, each.name)
        if each.name in ("until", "during", "distinct") and part:
            yield each.name, _changed(match, each.name, None)
        for clause, rest in _without_in_ref(part) if isinstance(part, ast.Ref) else ():
            yield clause, _changed(match, each.name, rest)


def _changed(match: ast.Match, name: str, part: ast.Ref | None) -> ast.Match:
    parts = {each.name: getattr(match, each.name) for each in fields(match)}
    return type(match)(**parts | {name: part})


def _without_in_ref(ref: ast.Ref) -> Iterator[tuple[str, ast.Ref]]:
    if ref.condition:
        yield f"`where` of {ref.source} (line {ref.span.line})", replace(ref, condition=None)
        for clause, rest in _without(ref.condition):
            yield clause, replace(ref, condition=rest)


# Evidence


@dataclass(frozen=True, slots=True)
class _Change:
    """Evidence that is left out (`instead` is None) or has a part less: `instead` is its number."""

    clause: str
    number: int
    instead: int | None


class _Weighed:
    """A signature that also judges the evidence of its variants and every part less of both.

    One query tells how its scores and variants would be without any one clause.
    """

    def __init__(self, signature: ast.Signature) -> None:
        self._own = signature
        self.changes: list[_Change] = []
        judged = list(signature.evidence)
        own: list[ast.Weight | ast.Variant] = [*signature.weights, *signature.variants]
        for number, each in enumerate(own):
            label = each.sentence if isinstance(each, ast.Weight) else f"variant {each.name}"
            place = f'"{label}" (line {each.span.line})'
            self.changes.append(_Change(place, number, None))
            for clause, rest in _without(each.evidence):
                self.changes.append(_Change(f"{clause} of {place}", number, len(judged)))
                judged.append(rest)
        extra = judged[len(signature.weights) :]
        weights = tuple(ast.Weight(0, "", each, signature.span) for each in extra)
        self.signature = replace(signature, weights=(*signature.weights, *weights), variants=())

    def needed(
        self, tests: Sequence[ast.TestCase], outcome: Outcome, matches: Sequence[Match]
    ) -> set[str]:
        """The clauses whose absence makes one of the tests fail."""
        return {
            change.clause
            for change in self.changes
            if any(
                failures(
                    self._own, tests, outcome, [self._judged(each, change) for each in matches]
                )
            )
        }

    def _judged(self, match: Match, change: _Change) -> Match:
        """A match with the score and variant that it has after a change."""
        holds = list(match.holds)
        holds[change.number] = None if change.instead is None else holds[change.instead]
        weights = self._own.weights
        points = (
            weight.points
            for weight, held in zip(weights, holds[: len(weights)], strict=True)
            if held
        )
        names = (
            variant.name
            for variant, held in zip(self._own.variants, holds[len(weights) :], strict=False)
            if held
        )
        return replace(match, score=self._own.base + sum(points), variant=next(names, None))
