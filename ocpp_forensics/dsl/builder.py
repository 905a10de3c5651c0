"""From lark's parse tree to the values of dsl/tree.py.

Reads: parse trees. Feeds: the parser. Mistakes that the grammar cannot see (a missing or repeated
statement) are gathered over the whole file.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from lark import Token, Tree

from ocpp_forensics.dsl import tree as ast
from ocpp_forensics.dsl.condition_tree import (
    condition_of,
    literal_of,
    ref_of,
    seconds_of,
    source_of,
    span_of,
    text_of,
)
from ocpp_forensics.errors import DefinitionError, Problem, Where

__all__ = ["build_signatures"]

_REPEATABLE = {
    "stream", "weight", "variant", "fix", "reference", "test", "rivals", "consequence_of",
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


def _where(span: ast.Span, text: str, path: str) -> Where:
    """A place for an error message."""
    return Where(path, span.line, span.column, span.width, text.split("\n")[span.line - 1])


def _items(node: Any) -> dict[str, list[Any]]:
    items: dict[str, list[Any]] = {}
    for child in node.children[1:]:
        items.setdefault(child.data, []).append(child)
    return items


def _mistakes(node: Any, items: dict[str, list[Any]], text: str, path: str) -> Iterator[Problem]:
    name = node.children[0]
    here = _where(span_of(name), text, path)
    missing = [item for item in _REQUIRED if item not in items]
    if "cause" not in items and "advice" not in items:
        missing.append("cause")
    for item in missing:
        yield Problem("signature-incomplete", f"signature '{name}' has no '{item}'", here)
    for item, nodes in items.items():
        if item not in _REPEATABLE and len(nodes) > 1:
            place = _where(span_of(nodes[1]), text, path)
            message = f"signature '{name}' says '{item}' twice"
            yield Problem("signature-repeated", message, place)


def _signature(node: Any, items: dict[str, list[Any]], path: str) -> ast.Signature:
    def one(item: str, default: str = "") -> str:
        return text_of(items[item][0].children[0]) if item in items else default

    match = items["match"][0]

    def named(item: str) -> tuple[tuple[str, ast.Span], ...]:
        tokens = [token for each in items.get(item, []) for token in each.children]
        return tuple((str(token), span_of(token)) for token in tokens)

    needs = [need for each in items.get("needs", []) for need in each.children]
    return ast.Signature(
        id=str(node.children[0]),
        path=path,
        span=span_of(node.children[0]),
        title=one("title"),
        cause=one("cause") or one("advice"),
        advice="advice" in items,
        severity=one("severity", "medium"),
        status=one("status", "experimental"),
        owner=one("owner", "operator"),
        explains=one("explains") or None,
        needs=tuple(ast.Need(str(n.children[0]), len(n.children) > 1, span_of(n)) for n in needs),
        streams=tuple(_stream(each) for each in items.get("stream", [])),
        match=_PATTERNS[match.children[0].data](match.children[0]),
        scope=str(match.children[1].children[0]) if len(match.children) > 1 else "station",
        given=condition_of(items["given"][0].children[0]) if "given" in items else None,
        base=int(one("base", "3")),
        weights=tuple(_weight(each) for each in items.get("weight", [])),
        variants=tuple(_variant(each) for each in items.get("variant", [])),
        ruled_out=one("ruled_out"),
        shared_by=one("shared") or None,
        first_check=one("first_check"),
        fixes=tuple(text_of(each.children[0]) for each in items.get("fix", [])),
        rivals=named("rivals"),
        consequence_of=named("consequence_of"),
        references=tuple(text_of(each.children[0]) for each in items.get("reference", [])),
        tests=tuple(_test(each) for each in items.get("test", [])),
    )


def _stream(node: Any) -> ast.Stream:
    name, union, *rest = node.children
    sources = tuple(source_of(each) for each in union.children)
    condition = condition_of(rest[0]) if rest else None
    return ast.Stream(str(name), sources, condition, span_of(name))


def _sequence(node: Any) -> ast.Sequence:
    first, second, within, *until = node.children
    return ast.Sequence(
        ref_of(first), ref_of(second), seconds_of(within), ref_of(until[0]) if until else None
    )


def _absence(node: Any) -> ast.Absence:
    missing, for_s, after, *during = node.children
    return ast.Absence(
        ref_of(missing), seconds_of(for_s), ref_of(after), str(during[0]) if during else None
    )


def _periodic(node: Any) -> ast.Periodic:
    ref, low, high, tolerance, times = node.children
    value = tolerance.children[0]
    relative = tolerance.data != "duration"
    amount = float(value) / 100 if relative else seconds_of(value)
    return ast.Periodic(
        ref_of(ref), seconds_of(low), seconds_of(high), amount, relative, int(times)
    )


def _counted(node: Any) -> ast.Counted:
    *distinct, ref, _, amount, within = node.children
    field = str(distinct[0].children[0]) if distinct else None
    size = ast.Amount(int(amount.children[0]), amount.data == "percent")
    return ast.Counted(ref_of(ref), field, size, seconds_of(within))


_PATTERNS: dict[str, Callable[[Any], ast.Match]] = {
    "single": lambda node: ast.Single(ref_of(node.children[0])),
    "sequence": _sequence,
    "together": lambda node: ast.Together(
        ref_of(node.children[0]), ref_of(node.children[1]), seconds_of(node.children[2])
    ),
    "absence": _absence,
    "periodic": _periodic,
    "counted": _counted,
}


def _weight(node: Any) -> ast.Weight:
    sign, points, sentence, evidence = node.children
    value = int(points) if str(sign) == "support" else -int(points)
    return ast.Weight(value, text_of(sentence), condition_of(evidence), span_of(sign))


def _variant(node: Any) -> ast.Variant:
    return ast.Variant(
        str(node.children[0]), condition_of(node.children[1]), span_of(node.children[0])
    )


def _test(node: Any) -> ast.TestCase:
    name, *parts = node.children
    steps: list[ast.Step] = []
    without: list[str] = []
    facts: list[tuple[tuple[str, str | float | bool], ...]] = []
    expectations: list[ast.Expectation] = []
    typical: dict[str, dict[str, str | float | bool]] = {}
    for part in parts:
        match part.data:
            case "without":
                without.extend(str(token) for token in part.children)
            case "facts":
                facts.append(tuple(_setting(each) for each in part.children))
            case "expect":
                expectations.append(_expectation(part.children[0]))
            case "typical":
                action, *settings = part.children
                typical[str(action.children[0])] = dict(map(_setting, settings))
            case _:
                steps.extend(_steps(part, 0.0, typical))
    return ast.TestCase(
        text_of(name),
        tuple(steps),
        tuple(without),
        tuple(facts),
        tuple(expectations),
        span_of(name),
    )


def _steps(
    node: Any, shift: float, typical: Mapping[str, Mapping[str, str | float | bool]]
) -> Iterator[ast.Step]:
    if node.data == "repeat":
        times, pause, *inner = node.children
        for turn in range(int(times)):
            for each in inner:
                yield from _steps(each, shift + turn * seconds_of(pause), typical)
        return
    moments, rest = _moments(node)
    action, *settings = rest
    name = str(action.children[0])
    values = {**typical.get(name, {}), **dict(map(_setting, settings))}
    for moment in moments:
        yield ast.Step(shift + moment, name, tuple(values.items()), span_of(action))


def _moments(node: Any) -> tuple[list[float], list[Any]]:
    if node.data == "at":
        return [seconds_of(node.children[0])], node.children[1:]
    pause, first, last = (seconds_of(token) for token in node.children[:3])
    count = int((last - first) / pause + 1e-9) + 1
    return [first + turn * pause for turn in range(count)], node.children[3:]


def _setting(node: Any) -> tuple[str, str | float | bool]:
    name, value = node.children
    return str(name), literal_of(value).value


def _expectation(node: Any) -> ast.Expectation:
    if node.data != "expect_match":
        outcome = "none" if node.data == "expect_none" else "unknown"
        return ast.Expectation(outcome, span=span_of(node))
    found: dict[str, Any] = {}
    for detail in node.children:
        kind = str(detail.data).removeprefix("detail_")
        token = detail.children[-1]
        found[kind] = seconds_of(token) if kind == "at" else text_of(token)
        if kind == "score_at_most":
            found[kind] = "".join(map(str, detail.children))
    return ast.Expectation(
        "match",
        at_s=found.get("at"),
        station=found.get("station"),
        score=int(found["score"]) if "score" in found else None,
        score_at_most=int(found["score_at_most"]) if "score_at_most" in found else None,
        variant="" if "no_variant" in found else found.get("variant"),
        times=int(found["times"]) if "times" in found else None,
        span=span_of(node),
    )
