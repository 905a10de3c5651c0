"""The types in a condition: every part must fit what is done with it.

Reads: the tree of a condition, the fields it may name. Feeds: the checks.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from ocpp_forensics.dsl import tree as ast
from ocpp_forensics.dsl.catalogue import StreamField
from ocpp_forensics.dsl.complaints import Complaints
from ocpp_forensics.errors import Problem

__all__ = ["ConditionTypes", "field_type", "type_of_value"]

_ORDERED = {"<", ">", "<=", ">="}
_ARITHMETIC = {"+", "-", "*", "/"}


def type_of_value(value: object) -> str:
    """The type of a constant: text, number or boolean."""
    if isinstance(value, bool):
        return "boolean"
    return "text" if isinstance(value, str) else "number"


def field_type(known: StreamField) -> str:
    """The type of a field as conditions see it."""
    return "number" if known.type == "integer" else known.type


@dataclass(slots=True)
class ConditionTypes:
    """Finds the types in one condition and gathers what does not fit."""

    complaints: Complaints
    fields: Mapping[str, StreamField]
    problems: list[Problem] = field(default_factory=list)

    def require_condition(self, node: ast.Condition) -> None:
        """Check a whole condition: it must be true or false."""
        kind = self._type(node)
        if kind not in (None, "boolean"):
            self._add("type", f"a condition is needed here, this is a {kind}", node.span)

    def _add(self, code: str, message: str, span: ast.Span) -> None:
        self.problems.append(self.complaints.problem(code, message, span))

    def _type(self, node: ast.Condition) -> str | None:
        """The type of an expression; None where a name in it is unknown."""
        match node:
            case ast.Literal(value=value):
                return type_of_value(value)
            case ast.Field():
                return self._field(node)
            case ast.Not(condition=inner):
                return self._same(["boolean"], [inner], node.span)
            case ast.Presence():
                return "boolean"
            case ast.Binary():
                return self._binary(node)

    def _field(self, node: ast.Field) -> str | None:
        if node.name in self.fields:
            return field_type(self.fields[node.name])
        self.problems.append(self.complaints.unknown("field", node.name, self.fields, node.span))
        return None

    def _binary(self, node: ast.Binary) -> str:
        right = node.right
        if node.operator == "is":
            self._type(node.left)
        elif node.operator == "matches":
            self._same(["text"], [node.left], node.span)
            self._regex(str(right), node.span)
        elif isinstance(right, tuple):
            self._same(["text", "number"], [node.left, *right], node.span)
            self._values(node.left, right)
        elif right is not None and not isinstance(right, str):
            return self._operation(node, right)
        return "boolean"

    def _operation(self, node: ast.Binary, right: ast.Condition) -> str:
        sides = [node.left, right]
        if node.operator in {"and", "or"}:
            return self._same(["boolean"], sides, node.span)
        if node.operator in _ARITHMETIC or node.operator in _ORDERED:
            self._same(["number"], sides, node.span)
            return "number" if node.operator in _ARITHMETIC else "boolean"
        self._same(["text", "number", "boolean"], sides, node.span)
        if isinstance(right, ast.Literal):
            self._values(node.left, (right,))
        return "boolean"

    def _same(self, allowed: list[str], nodes: Iterable[ast.Condition], span: ast.Span) -> str:
        found = [self._type(node) for node in nodes]
        types = {each for each in found if each is not None}
        if len(types) > 1:
            self._add("type", f"cannot compare {' with '.join(sorted(types))}", span)
        elif types and not types <= set(allowed):
            self._add("type", f"needs {' or '.join(allowed)}, found {types.pop()}", span)
        return allowed[0]

    def _values(self, left: ast.Condition, literals: tuple[ast.Literal, ...]) -> None:
        known = self.fields.get(left.name) if isinstance(left, ast.Field) else None
        if known is None or not known.values:
            return
        for literal in literals:
            if literal.value not in known.values:
                self.problems.append(
                    self.complaints.unknown("value", str(literal.value), known.values, literal.span)
                )

    def _regex(self, pattern: str, span: ast.Span) -> None:
        try:
            re.compile(pattern)
        except re.error as error:
            self._add("regex", f"not a regular expression: {error}", span)
