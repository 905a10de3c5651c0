"""Every error the package raises on purpose, as values: what, where, and how to mend it.

OcppdiagError
    InputError          something that was given cannot be used (exit 2)
        NoInputError    nothing usable was given at all (exit 3)
    DefinitionError     a format, phrase or signature is wrong; holds all problems (exit 2)

Text is made from them in one place only (report/problems.py).
"""

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Where:
    """A place in a text file.

    Units: line and column count from 1; `quote` is the text of that line, `width` the number of
    characters to underline.
    """

    path: str
    line: int | None = None
    column: int | None = None
    width: int = 1
    quote: str | None = None


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong and how to mend it."""

    code: str
    message: str
    where: Where | None = None
    help: str | None = None


class OcppdiagError(Exception):
    """Base of all errors raised on purpose. `problems` is never empty."""

    def __init__(self, problems: Problem | Iterable[Problem]) -> None:
        self.problems: tuple[Problem, ...] = (
            (problems,) if isinstance(problems, Problem) else tuple(problems)
        )
        super().__init__("; ".join(problem.message for problem in self.problems))

    def __reduce__(self) -> tuple[type, tuple[tuple[Problem, ...]]]:
        """What other processes need to raise it again."""
        return type(self), (self.problems,)


class InputError(OcppdiagError):
    """Something that was given (a path, an option, a query) cannot be used."""


class NoInputError(InputError):
    """Nothing that was given could be read."""


class DefinitionError(OcppdiagError):
    """Formats, phrases or signatures are wrong; all problems of all files at once."""
