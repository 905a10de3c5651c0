"""Which statements of SQL have to wait for which others, so that the rest can run beside them.

Reads: SQL text, in an order in which it can run. Feeds: the store.
"""

import re
import time
from collections.abc import Iterator, Mapping, Sequence
from graphlib import TopologicalSorter
from threading import Condition

__all__ = ["NO_WAITS", "Order", "split", "waits"]

NO_WAITS: Mapping[int, set[int]] = {}
"""Of statements that can run in any order."""

_PIECE = re.compile(r"--[^\n]*|;|(?:'(?:[^']|'')*'|[^';-]|-(?!-))+")
_TEXT = re.compile(r"'(?:[^']|'')*'")
_WORD = re.compile(r"\w+")
_MADE = re.compile(
    r"(?:CREATE (?:OR REPLACE )?(?:TABLE|VIEW|MACRO)|INSERT INTO|UPDATE|DELETE FROM)\s+"
    r'(?:\w+\.)?"?(\w+)'
)
_BY_NAME = re.compile(r"\s*CREATE (?:OR REPLACE )?(?:VIEW|MACRO)")


def split(text: str) -> Iterator[str]:
    """The statements of a text, without comments."""
    statement = ""
    for piece in _PIECE.findall(text):
        if piece == ";":
            yield statement
            statement = ""
        elif not piece.startswith("--"):
            statement += piece
    if statement.strip():
        yield statement


class Order:
    """Statements for several threads to take, each when those that it waits for have ended.

    Every thread iterates over it; to ask for the next one says that the last one has ended.
    `seconds` holds how long each took, by its place.
    """

    def __init__(self, statements: Sequence[str], before: Mapping[int, set[int]]) -> None:
        self.seconds = [0.0] * len(statements)
        self._statements = statements
        self._graph = TopologicalSorter[int]()
        for place in range(len(statements)):
            self._graph.add(place, *before.get(place, ()))
        self._graph.prepare()
        self._free: list[int] = []
        self._change = Condition()
        self._stopped = False

    def __iter__(self) -> Iterator[str]:
        while (place := self._take()) is not None:
            begin = time.perf_counter()
            yield self._statements[place]
            self.seconds[place] = time.perf_counter() - begin
            self._end(place)

    def stop(self) -> None:
        """Give out no more."""
        with self._change:
            self._stopped = True
            self._change.notify_all()

    def _take(self) -> int | None:
        """The first statement that is free, waiting for it; None where none will be."""
        with self._change:
            while self._graph.is_active() and not self._stopped:
                self._free = sorted([*self._free, *self._graph.get_ready()])
                if self._free:
                    return self._free.pop(0)
                self._change.wait()
        return None

    def _end(self, place: int) -> None:
        with self._change:
            self._graph.done(place)
            self._change.notify_all()


def waits(statements: Sequence[str]) -> dict[int, set[int]]:
    """For each statement, by its place, the earlier ones that must have run before it.

    Those are the ones that make or change what it names, and those that name what it makes or
    changes. Every word counts as a name: a column called like a table costs a wait, no more. A view
    or a macro stands for all that it names.
    """
    bare = [_TEXT.sub("''", text) for text in statements]
    made = [set(_MADE.findall(text)) for text in bare]
    known = set().union(*made)
    meant: dict[str, set[str]] = {}
    named: list[set[str]] = []
    for text, makes in zip(bare, made, strict=True):
        names = known.intersection(_WORD.findall(text))
        names = names.union(*(meant[name] for name in names & meant.keys()))
        named.append(names)
        if _BY_NAME.match(text):
            meant |= dict.fromkeys(makes, names)
    return {
        place: {
            before
            for before in range(place)
            if made[before] & named[place] or named[before] & made[place]
        }
        for place in range(len(statements))
    }
