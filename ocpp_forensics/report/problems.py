"""Errors as text: what is wrong, where, and how to mend it, all of them at once.

Reads: problems. Feeds: stderr of every command.
"""

from collections.abc import Iterator, Sequence

from ocpp_forensics.errors import OcppdiagError, Problem, Where
from ocpp_forensics.report.safety import cut, plain

__all__ = ["render_all", "render_problems"]

_MOST = 50
_QUOTE = 160


def render_problems(error: OcppdiagError) -> str:
    """All problems of an error."""
    return render_all(error.problems)


def render_all(problems: Sequence[Problem]) -> str:
    """Some problems, the first fifty in full; no text where there is none."""
    shown = ["\n".join(_lines(problem)) + "\n" for problem in problems[:_MOST]]
    left = len(problems) - len(shown)
    if left > 0:
        shown.append(f"... and {left} more errors\n")
    return "\n".join(shown)


def _lines(problem: Problem) -> Iterator[str]:
    yield f"error[{problem.code}]: {_safe(problem.message)}"
    where = problem.where
    if where is not None:
        yield f"  --> {_safe(_place(where))}"
        yield from _quote(where)
    if problem.help is not None:
        yield f"   = help: {_safe(problem.help)}"


def _place(where: Where) -> str:
    return ":".join(
        str(each) for each in (where.path, where.line, where.column) if each is not None
    )


def _quote(where: Where) -> Iterator[str]:
    if where.quote is None or where.line is None:
        return
    number, blank = str(where.line), " " * len(str(where.line))
    column = min((where.column or 1) - 1, _QUOTE)
    width = max(min(where.width, len(where.quote) - column), 1)
    yield f"{blank} |"
    yield f"{number} | {cut(plain(where.quote), _QUOTE)}"
    yield f"{blank} | {' ' * column}{'^' * min(width, _QUOTE)}"


def _safe(text: str) -> str:
    """The text of a message; its own line ends stay."""
    return "\n    ".join(plain(line) for line in text.splitlines())
