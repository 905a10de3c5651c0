"""From lark's parse tree to conditions, references and values, with their places.

Reads: parts of parse trees. Feeds: the builder.
"""

import json
from collections.abc import Callable
from typing import Any

from lark import Token, Tree

from ocpp_forensics.dsl import tree as ast

__all__ = ["condition_of", "literal_of", "ref_of", "seconds_of", "source_of", "span_of", "text_of"]

_UNITS = {"ms": 1e-3, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}


def span_of(node: Any) -> ast.Span:
    """Where a node or token stands."""
    if isinstance(node, Token):
        return ast.Span(node.line or 1, node.column or 1, len(str(node)))
    meta = node.meta
    if meta.empty:
        return ast.Span(1, 1)
    width = meta.end_column - meta.column if meta.line == meta.end_line else 1
    return ast.Span(meta.line, meta.column, max(width, 1))


def text_of(token: Any) -> str:
    """The text of a token, a string without its quotes."""
    return str(json.loads(str(token))) if token.type == "STRING" else str(token)


def seconds_of(token: Any) -> float:
    """A duration token in seconds."""
    text = str(token)
    unit = text.lstrip("-0123456789.")
    return float(text.removesuffix(unit)) * _UNITS[unit]


def source_of(node: Any) -> tuple[str, ast.Span]:
    """The name of a stream and where it stands."""
    return str(node.children[0]), span_of(node.children[0])


def ref_of(node: Any) -> ast.Ref:
    """A stream with what its members must fulfil."""
    name, span = source_of(node.children[0])
    condition = condition_of(node.children[1]) if len(node.children) > 1 else None
    return ast.Ref(name, condition, span)


def _presence(node: Any) -> ast.Presence:
    flags = {child.type for child in node.children if isinstance(child, Token)}
    position = next(str(t) for t in node.children if isinstance(t, Token) and t.type == "POSITION")
    within = next(t for t in node.children if isinstance(t, Token) and t.type == "DURATION")
    trees = [child for child in node.children if isinstance(child, Tree)]
    name, span = source_of(trees[0])
    condition = condition_of(trees[1]) if len(trees) > 1 else None
    ref = ast.Ref(name, condition, span)
    return ast.Presence(ref, seconds_of(within), position, "NO" in flags, "ANY" in flags)


def condition_of(node: Any) -> ast.Condition:
    """A condition of any kind."""
    return _CONDITIONS[node.data](node)


def _chain(node: Any) -> ast.Condition:
    """`a op b op c` from the left; a lone value is itself."""
    result = condition_of(node.children[0])
    rest = node.children[1:]
    for operator, right in zip(rest[::2], rest[1::2], strict=True):
        result = ast.Binary(str(operator), result, condition_of(right), span_of(operator))
    return result


def _joined(operator: str) -> Callable[[Any], ast.Condition]:
    def build(node: Any) -> ast.Condition:
        result = condition_of(node.children[0])
        for right in node.children[1:]:
            result = ast.Binary(operator, result, condition_of(right), span_of(node))
        return result

    return build


def _between(node: Any) -> ast.Condition:
    value, low, high = (condition_of(child) for child in node.children)
    span = span_of(node)
    return ast.Binary(
        "and", ast.Binary(">=", value, low, span), ast.Binary("<=", value, high, span), span
    )


def _within_set(node: Any) -> ast.Condition:
    value, *literals = node.children
    members = tuple(literal_of(each) for each in literals)
    return ast.Binary("in", condition_of(value), members, span_of(node))


def literal_of(node: Any) -> ast.Literal:
    """A constant: a number, duration, string or truth value."""
    token = node.children[0]
    span = span_of(token)
    if isinstance(token, Tree):
        amount: Any
        *sign, amount = token.children
        value = seconds_of(amount) if amount.type == "DURATION" else float(amount)
        return ast.Literal(-value if sign == ["-"] else value, span)
    if token.type == "STRING":
        return ast.Literal(text_of(token), span)
    return ast.Literal(str(token) == "true", span)


_CONDITIONS: dict[str, Callable[[Any], ast.Condition]] = {
    "either": _joined("or"),
    "both": _joined("and"),
    "negated": lambda node: ast.Not(condition_of(node.children[0]), span_of(node)),
    "compare": lambda node: ast.Binary(
        str(node.children[1]),
        condition_of(node.children[0]),
        condition_of(node.children[2]),
        span_of(node.children[1]),
    ),
    "between": _between,
    "within_set": _within_set,
    "known": lambda node: ast.Binary(
        "is", condition_of(node.children[0]), str(node.children[1]), span_of(node)
    ),
    "matches": lambda node: ast.Binary(
        "matches", condition_of(node.children[0]), text_of(node.children[1]), span_of(node)
    ),
    "sum": _chain,
    "product": _chain,
    "literal": literal_of,
    "presence": _presence,
    "field": lambda node: ast.Field(str(node.children[0]), span_of(node.children[0])),
}
