"""Problems in one signature, each with its place and, for a wrong word, what may have been meant.

Reads: a signature. Feeds: the checks.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches

from ocpp_forensics.dsl import tree as ast
from ocpp_forensics.errors import Problem, Where

__all__ = ["Complaints", "suggestion"]

_FEW = 16
"""Up to this many known words are listed where none of them is near."""


@dataclass(frozen=True, slots=True)
class Complaints:
    """Makes problems of one signature."""

    signature: ast.Signature

    def problem(
        self, code: str, message: str, span: ast.Span | None = None, hint: str | None = None
    ) -> Problem:
        """A problem at a place, by default where the signature is named."""
        at = span or self.signature.span
        return Problem(
            code, message, Where(self.signature.path, at.line, at.column, at.width), hint
        )

    def unknown(self, what: str, word: str, known: Iterable[str], span: ast.Span) -> Problem:
        """A problem with a word that means nothing where it stands."""
        names = list(known)
        listed = f"known: {', '.join(names)}" if len(names) < _FEW else None
        hint = suggestion(word, names) or listed
        return self.problem(f"unknown-{what}", f"unknown {what} '{word}'", span, hint)


def suggestion(word: str, known: Iterable[str]) -> str | None:
    """A did-you-mean, None where nothing is near."""
    near = get_close_matches(word, list(known), n=1, cutoff=0.6)
    return f"did you mean '{near[0]}'?" if near else None
