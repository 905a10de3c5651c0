"""What the names in one signature stand for: its streams, their fields, the anchor of its matches.

Reads: a signature's tree, the catalogue. Feeds: the checks and the compiler.
"""

from collections.abc import Iterator, Mapping

from ocpp_forensics.dsl import tree as ast
from ocpp_forensics.dsl.catalogue import Stream, StreamField, facts, streams

__all__ = ["Names", "anchor_of", "fields_in", "presences_in", "refs_of"]


class Names:
    """The names of one signature: built-in streams and those it declares itself."""

    def __init__(self, signature: ast.Signature) -> None:
        self._declared = {each.name: each for each in signature.streams}

    def known(self) -> list[str]:
        """Every name that may stand for a stream."""
        return [*streams(), *self._declared]

    def declared(self, name: str) -> ast.Stream | None:
        """The signature's own stream of that name."""
        return self._declared.get(name)

    def bases(self, name: str) -> tuple[Stream, ...]:
        """The built-in streams that a name draws from; empty where the name is unknown."""
        own = self._declared.get(name)
        if own is None:
            return (streams()[name],) if name in streams() else ()
        return tuple(
            base for source, _ in own.sources if source != name for base in self.bases(source)
        )

    def fields(self, name: str) -> Mapping[str, StreamField]:
        """The fields of a stream by name: all that any of its sources has."""
        found: dict[str, StreamField] = {}
        for base in self.bases(name):
            found.update(base.fields)
        return found

    def evidence_fields(self, anchor: str) -> Mapping[str, StreamField]:
        """The fields that evidence on a match may use: its own and what is known of its station."""
        return {**facts(), **self.fields(anchor)}


def anchor_of(match: ast.Match) -> ast.Ref:
    """The part of a pattern whose rows are the matches."""
    match match:
        case ast.Sequence(second=ref) | ast.Together(one=ref) | ast.Absence(after=ref):
            return ref
        case ast.Single(ref=ref) | ast.Periodic(ref=ref) | ast.Counted(ref=ref):
            return ref


def refs_of(match: ast.Match) -> tuple[ast.Ref, ...]:
    """All parts of a pattern."""
    match match:
        case ast.Sequence(first=first, second=second, until=until):
            return (first, second, until) if until else (first, second)
        case ast.Together(one=one, other=other):
            return one, other
        case ast.Absence(missing=missing, after=after):
            return missing, after
    return (anchor_of(match),)


def presences_in(condition: ast.Condition) -> Iterator[ast.Presence]:
    """The things near a match that evidence looks for."""
    for node in _nodes(condition):
        if isinstance(node, ast.Presence):
            yield node


def fields_in(condition: ast.Condition | None) -> Iterator[ast.Field]:
    """The fields that a condition names, also on the streams that it looks for."""
    for node in _nodes(condition):
        if isinstance(node, ast.Field):
            yield node
        elif isinstance(node, ast.Presence):
            yield from fields_in(node.ref.condition)


def _nodes(condition: ast.Condition | None) -> Iterator[ast.Condition]:
    if condition is None:
        return
    yield condition
    if isinstance(condition, ast.Not):
        yield from _nodes(condition.condition)
    elif isinstance(condition, ast.Binary):
        yield from _nodes(condition.left)
        if not isinstance(condition.right, str | tuple | None):
            yield from _nodes(condition.right)
