"""From lark's parse tree to the values of dsl/tree.py.

Reads: parse trees. Feeds: the parser. Mistakes that the grammar cannot see (a missing or repeated
statement) are gathered over the whole file.
"""

import json
from collections.abc import Callable, Iterator
from typing import Any

from lark import Token, Tree

from ocpp_forensics.dsl import tree as ast
from ocpp_forensics.errors import DefinitionError, Problem, Where

__all__ = ["build_signatures"]

_UNITS = {"ms": 1e-3, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}
_REPEATABLE = {
    "stream", "weight", "variant", "fix", "reference", "test", "rivals",
}  # fmt: skip
_REQUIRED = ("title", "match", "first_check", "ruled_out")


def build_signatures(root: Tree[Token], text: str, path: str) -> tuple[ast.Signature, ...]:
    """The signatures of one parsed file. Errors: DefinitionError with every mistake."""
    problems: list[Problem] = []
    signatures: list[ast.Signature] = []
    for node in root.children:
        items = _items(node)
        mistakes = tuple(_mistakes(node, items, text, path))
        problems.extend(mistakes)
        if not mistakes:
            signatures.append(_signature(node, items, path))
    if problems:
        raise DefinitionError(problems)
    return tuple(signatures)


def where_is(span: ast.Span, text: str, path: str) -> Where:
    """A place for an error message."""
    return Where(path, span.line, span.column, span.width, text.splitlines()[span.line - 1])


def _items(node: Any) -> dict[str, list[Any]]:
    items: dict[str, list[Any]] = {}
    for child in node.children[1:]:
        items.setdefault(child.data, []).append(child)
    return items


def _mistakes(node: Any, items: dict[str, list[Any]], text: str, path: str) -> Iterator[Problem]:
    name = node.children[0]
    here = where_is(_span(name), text, path)
    missing = [item for item in _REQUIRED if item not in items]
    if "cause" not in items and "advice" not in items:
        missing.append("cause")
    for item in missing:
        yield Problem("signature-incomplete", f"signature '{name}' has no '{item}'", here)
    for item, nodes in items.items():
        if item not in _REPEATABLE and len(nodes) > 1:
            place = where_is(_span(nodes[1]), text, path)
            message = f"signature '{name}' says '{item}' twice"
            yield Problem("signature-repeated", message, place)


def _signature(node: Any, items: dict[str, list[Any]], path: str) -> ast.Signature:
    def one(item: str, default: str = "") -> str:
        return _text(items[item][0].children[0]) if item in items else default

    match = items["match"][0]
    rivals = [token for each in items.get("rivals", []) for token in each.children]
    needs = [need for each in items.get("needs", []) for need in each.children]
    return ast.Signature(
        id=str(node.children[0]),
        path=path,
        span=_span(node.children[0]),
        title=one("title"),
        cause=one("cause") or one("advice"),
        advice="advice" in items,
        severity=one("severity", "medium"),
        status=one("status", "experimental"),
        owner=one("owner", "operator"),
        explains=one("explains") or None,
        needs=tuple(ast.Need(str(n.children[0]), len(n.children) > 1, _span(n)) for n in needs),
        streams=tuple(_stream(each) for each in items.get("stream", [])),
        match=_PATTERNS[match.children[0].data](match.children[0]),
        scope=str(match.children[1].children[0]) if len(match.children) > 1 else "station",
        given=_condition(items["given"][0].children[0]) if "given" in items else None,
        base=int(one("base", "3")),
        weights=tuple(_weight(each) for each in items.get("weight", [])),
        variants=tuple(_variant(each) for each in items.get("variant", [])),
        ruled_out=one("ruled_out"),
        shared_by=one("shared") or None,
        first_check=one("first_check"),
        fixes=tuple(_text(each.children[0]) for each in items.get("fix", [])),
        rivals=tuple((str(token), _span(token)) for token in rivals),
        references=tuple(_text(each.children[0]) for each in items.get("reference", [])),
        tests=tuple(_test(each) for each in items.get("test", [])),
    )


def _span(node: Any) -> ast.Span:
    if isinstance(node, Token):
        return ast.Span(node.line or 1, node.column or 1, len(str(node)))
    meta = node.meta
    if meta.empty:
        return ast.Span(1, 1)
    width = meta.end_column - meta.column if meta.line == meta.end_line else 1
    return ast.Span(meta.line, meta.column, max(width, 1))


def _text(token: Any) -> str:
    return str(json.loads(str(token))) if token.type == "STRING" else str(token)


def _seconds(token: Any) -> float:
    text = str(token)
    unit = text.lstrip("-0123456789.")
    return float(text.removesuffix(unit)) * _UNITS[unit]


def _source(node: Any) -> tuple[str, ast.Span]:
    return str(node.children[0]), _span(node.children[0])


def _stream(node: Any) -> ast.Stream:
    name, union, *rest = node.children
    sources = tuple(_source(each) for each in union.children)
    condition = _condition(rest[0]) if rest else None
    return ast.Stream(str(name), sources, condition, _span(name))


def _ref(node: Any) -> ast.Ref:
    name, span = _source(node.children[0])
    condition = _condition(node.children[1]) if len(node.children) > 1 else None
    return ast.Ref(name, condition, span)


def _sequence(node: Any) -> ast.Sequence:
    first, second, within, *until = node.children
    return ast.Sequence(
        _ref(first), _ref(second), _seconds(within), _ref(until[0]) if until else None
    )


def _absence(node: Any) -> ast.Absence:
    missing, for_s, after, *during = node.children
    return ast.Absence(
        _ref(missing), _seconds(for_s), _ref(after), str(during[0]) if during else None
    )


def _periodic(node: Any) -> ast.Periodic:
    ref, low, high, tolerance, times = node.children
    value = tolerance.children[0]
    relative = tolerance.data != "duration"
    amount = float(value) / 100 if relative else _seconds(value)
    return ast.Periodic(_ref(ref), _seconds(low), _seconds(high), amount, relative, int(times))


def _counted(node: Any) -> ast.Counted:
    *distinct, ref, _, amount, within = node.children
    field = str(distinct[0].children[0]) if distinct else None
    size = ast.Amount(int(amount.children[0]), amount.data == "percent")
    return ast.Counted(_ref(ref), field, size, _seconds(within))


_PATTERNS: dict[str, Callable[[Any], ast.Match]] = {
    "single": lambda node: ast.Single(_ref(node.children[0])),
    "sequence": _sequence,
    "together": lambda node: ast.Together(
        _ref(node.children[0]), _ref(node.children[1]), _seconds(node.children[2])
    ),
    "absence": _absence,
    "periodic": _periodic,
    "counted": _counted,
}


def _weight(node: Any) -> ast.Weight:
    sign, points, sentence, evidence = node.children
    value = int(points) if str(sign) == "support" else -int(points)
    return ast.Weight(value, _text(sentence), _condition(evidence), _span(sign))


def _variant(node: Any) -> ast.Variant:
    return ast.Variant(str(node.children[0]), _condition(node.children[1]), _span(node.children[0]))


def _presence(node: Any) -> ast.Presence:
    flags = {child.type for child in node.children if isinstance(child, Token)}
    position = next(str(t) for t in node.children if isinstance(t, Token) and t.type == "POSITION")
    within = next(t for t in node.children if isinstance(t, Token) and t.type == "DURATION")
    trees = [child for child in node.children if isinstance(child, Tree)]
    name, span = _source(trees[0])
    condition = _condition(trees[1]) if len(trees) > 1 else None
    ref = ast.Ref(name, condition, span)
    return ast.Presence(ref, _seconds(within), position, "NO" in flags, "ANY" in flags)


def _condition(node: Any) -> ast.Condition:
    return _CONDITIONS[node.data](node)


def _chain(node: Any) -> ast.Condition:
    """`a op b op c` from the left; a lone value is itself."""
    result = _condition(node.children[0])
    rest = node.children[1:]
    for operator, right in zip(rest[::2], rest[1::2], strict=True):
        result = ast.Binary(str(operator), result, _condition(right), _span(operator))
    return result


def _joined(operator: str) -> Callable[[Any], ast.Condition]:
    def build(node: Any) -> ast.Condition:
        result = _condition(node.children[0])
        for right in node.children[1:]:
            result = ast.Binary(operator, result, _condition(right), _span(node))
        return result

    return build


def _between(node: Any) -> ast.Condition:
    value, low, high = (_condition(child) for child in node.children)
    span = _span(node)
    return ast.Binary(
        "and", ast.Binary(">=", value, low, span), ast.Binary("<=", value, high, span), span
    )


def _within_set(node: Any) -> ast.Condition:
    value, *literals = node.children
    members = tuple(_literal(each) for each in literals)
    return ast.Binary("in", _condition(value), members, _span(node))


def _literal(node: Any) -> ast.Literal:
    token = node.children[0]
    span = _span(token)
    if isinstance(token, Tree):
        *sign, amount = token.children
        value = _seconds(amount) if amount.type == "DURATION" else float(amount)
        return ast.Literal(-value if sign == ["-"] else value, span)
    if token.type == "STRING":
        return ast.Literal(_text(token), span)
    return ast.Literal(str(token) == "true", span)


_CONDITIONS: dict[str, Callable[[Any], ast.Condition]] = {
    "either": _joined("or"),
    "both": _joined("and"),
    "negated": lambda node: ast.Not(_condition(node.children[0]), _span(node)),
    "compare": lambda node: ast.Binary(
        str(node.children[1]),
        _condition(node.children[0]),
        _condition(node.children[2]),
        _span(node.children[1]),
    ),
    "between": _between,
    "within_set": _within_set,
    "known": lambda node: ast.Binary(
        "is", _condition(node.children[0]), str(node.children[1]), _span(node)
    ),
    "matches": lambda node: ast.Binary(
        "matches", _condition(node.children[0]), _text(node.children[1]), _span(node)
    ),
    "sum": _chain,
    "product": _chain,
    "literal": _literal,
    "presence": _presence,
    "field": lambda node: ast.Field(str(node.children[0]), _span(node.children[0])),
}


def _test(node: Any) -> ast.TestCase:
    name, *parts = node.children
    steps: list[ast.Step] = []
    without: list[str] = []
    facts: list[tuple[tuple[str, str | float | bool], ...]] = []
    expectations: list[ast.Expectation] = []
    for part in parts:
        match part.data:
            case "without":
                without.extend(str(token) for token in part.children)
            case "facts":
                facts.append(tuple(_setting(each) for each in part.children))
            case "expect":
                expectations.append(_expectation(part.children[0]))
            case _:
                steps.extend(_steps(part, 0.0))
    return ast.TestCase(
        _text(name), tuple(steps), tuple(without), tuple(facts), tuple(expectations), _span(name)
    )


def _steps(node: Any, shift: float) -> Iterator[ast.Step]:
    if node.data == "repeat":
        times, pause, *inner = node.children
        for turn in range(int(times)):
            for each in inner:
                yield from _steps(each, shift + turn * _seconds(pause))
        return
    moments, rest = _moments(node)
    action, *settings = rest
    values = tuple(_setting(each) for each in settings)
    for moment in moments:
        yield ast.Step(shift + moment, str(action.children[0]), values, _span(action))


def _moments(node: Any) -> tuple[list[float], list[Any]]:
    if node.data == "at":
        return [_seconds(node.children[0])], node.children[1:]
    pause, first, last = (_seconds(token) for token in node.children[:3])
    count = int((last - first) / pause + 1e-9) + 1
    return [first + turn * pause for turn in range(count)], node.children[3:]


def _setting(node: Any) -> tuple[str, str | float | bool]:
    name, value = node.children
    return str(name), _literal(value).value


def _expectation(node: Any) -> ast.Expectation:
    if node.data != "expect_match":
        outcome = "none" if node.data == "expect_none" else "unknown"
        return ast.Expectation(outcome, span=_span(node))
    found: dict[str, Any] = {}
    for detail in node.children:
        kind = str(detail.data).removeprefix("detail_")
        token = detail.children[-1]
        found[kind] = _seconds(token) if kind == "at" else _text(token)
    return ast.Expectation(
        "match",
        at_s=found.get("at"),
        station=found.get("station"),
        score=int(found["score"]) if "score" in found else None,
        score_at_most=int(found["score_at_most"]) if "score_at_most" in found else None,
        variant=found.get("variant"),
        times=int(found["times"]) if "times" in found else None,
        span=_span(node),
    )
