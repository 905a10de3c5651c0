"""Text of signatures read into trees, with errors that say where and what was expected.

Reads: text of *.sig files, grammar.lark. Feeds: the checks. Only this module runs lark.
"""

from functools import cache
from typing import Any

from lark import Lark, Token, Tree, UnexpectedCharacters, UnexpectedInput, UnexpectedToken
from lark.exceptions import UnexpectedEOF

from ocpp_forensics.dsl.builder import build_signatures
from ocpp_forensics.dsl.tree import Signature
from ocpp_forensics.errors import DefinitionError, Problem, Where
from ocpp_forensics.resources import read_text

__all__ = ["parse_text"]

_NAMES = {
    "STRING": "a text in quotes", "DURATION": "a duration such as 30s or 5m", "INT": "a number",
    "NUMBER": "a number", "ID": "a name", "ACTION": "an event such as modem.ip_change",
    "LBRACE": "'{'", "RBRACE": "'}'", "LPAR": "'('", "RPAR": "')'", "EQUAL": "'='", "VBAR": "'|'",
    "COMMA": "','", "OFFSET": "a time such as 0s", "OPERATOR": "a comparison", "GE": "'>='",
    "OPTIONAL": "'?'",
    "SIGN": "'support' or 'against'", "POSITION": "'before', 'after' or 'around'",
    "BOOLEAN": "'true' or 'false'", "KNOWN": "'known' or 'unknown'", "$END": "the end of the file",
    "ADDITIVE": "'+' or '-'", "FACTOR": "'*' or '/'", "PERCENT": "'%'", "NO": "'no'",
    "ANY": "'any'",
}  # fmt: skip


@cache
def _grammar() -> Lark:
    return Lark(
        read_text("dsl/grammar.lark"),
        parser="lalr",
        propagate_positions=True,
        maybe_placeholders=False,
    )


def parse_text(text: str, path: str) -> tuple[Signature, ...]:
    """The signatures of a text. Errors: DefinitionError with file, line and column."""
    try:
        tree: Tree[Token] = _grammar().parse(text)
    except UnexpectedInput as error:
        raise DefinitionError(_syntax_problem(error, text, path)) from error
    return build_signatures(tree, text, path)


def _syntax_problem(error: UnexpectedInput, text: str, path: str) -> Problem:
    found = "the end of the file"
    line, column, width = len(text.splitlines()) or 1, 1, 1
    if isinstance(error, UnexpectedToken) and error.token.type != "$END":
        found = f"'{error.token}'"
        line, column, width = error.line, error.column, len(str(error.token))
    elif isinstance(error, UnexpectedCharacters):
        found = f"'{error.char}'"
        line, column = error.line, error.column
    lines = text.splitlines()
    quote = lines[line - 1] if 0 < line <= len(lines) else None
    message = f"expected {_expected(error)}, found {found}"
    return Problem("signature-syntax", message, Where(path, line, column, width, quote))


def _expected(error: UnexpectedInput) -> str:
    terminals: set[str] = set()
    if isinstance(error, UnexpectedToken):
        terminals = set(error.accepts or error.expected)
    elif isinstance(error, UnexpectedCharacters):
        terminals = set(error.allowed or ())
    elif isinstance(error, UnexpectedEOF):
        terminals = set(error.expected)
    words = sorted({_NAMES.get(name, f"'{_literal(name)}'") for name in terminals})
    if len(words) > 8:
        words = [*words[:8], f"{len(words) - 8} others"]
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} or {words[-1]}"


def _literal(terminal: str) -> str:
    """The text of a keyword terminal."""
    definition: Any = next((each for each in _grammar().terminals if each.name == terminal), None)
    return str(definition.pattern.value) if definition is not None else terminal.lower()
