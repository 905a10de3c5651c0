"""Text of signatures read into trees, with errors that say where and what was expected.

Reads: text of *.sig files, grammar.lark. Feeds: the checks. Only this module runs lark.
"""

import re
from collections.abc import Iterator
from functools import cache
from typing import Any

from lark import Lark, Token, Tree, UnexpectedCharacters, UnexpectedInput, UnexpectedToken
from lark.exceptions import UnexpectedEOF
from lark.lexer import PatternRE, PatternStr, TerminalDef

from ocpp_forensics.dsl.builder import build_signatures
from ocpp_forensics.dsl.complaints import suggestion
from ocpp_forensics.dsl.tree import Signature
from ocpp_forensics.errors import DefinitionError, Problem, Where
from ocpp_forensics.resources import read_text

__all__ = ["parse_text", "statements", "without_tests"]

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
_COMMENT = re.compile(r'("(?:\\.|[^"\\])*")|#[^\n]*')
_STRING = r'"(?:\\.|[^"\\])*"'
_STEPS = rf'(?:[^{{}}"#]|{_STRING}|#[^\n]*)*'
_TEST = re.compile(
    rf"({_STRING}|#[^\n]*)|\btest\s+{_STRING}\s*\{{{_STEPS}(?:\{{{_STEPS}\}}{_STEPS})*\}}"
)
_WORD_END = r"(?![\w-])"
_MOST_WORDS = 8
"""Of what could have stood at the place of an error, no more than this is listed."""


@cache
def _grammar() -> Lark:
    return Lark(
        read_text("dsl/grammar.lark"),
        parser="lalr",
        propagate_positions=True,
        maybe_placeholders=False,
        edit_terminals=_end_words,
    )


def _end_words(terminal: TerminalDef) -> None:
    """Let a keyword end where its word ends: `causecellular` is one word, and none."""
    if isinstance(terminal.pattern, PatternStr) and terminal.pattern.value.isidentifier():
        terminal.pattern = PatternRE(terminal.pattern.value + _WORD_END)
        terminal.priority = 2


def parse_text(text: str, path: str) -> tuple[Signature, ...]:
    """The signatures of a text. Errors: DefinitionError with file, line and column."""
    try:
        tree: Tree[Token] = _grammar().parse(text)
    except UnexpectedInput as error:
        raise DefinitionError(_syntax_problem(error, text, path)) from error
    return build_signatures(tree, text, path)


def without_tests(text: str) -> str:
    """The text with blanks in place of its tests, so that everything else stays where it is."""
    return _TEST.sub(lambda found: found[1] or re.sub(r"[^\n]", " ", found[0]), text)


def statements(text: str, name: str) -> Iterator[str]:
    """The statements of one signature of a text that was parsed before, each on one line."""
    for node in _grammar().parse(text).children:
        if isinstance(node, Tree) and node.children[0] == name:
            for child in node.children[1:]:
                assert isinstance(child, Tree)
                found = text[child.meta.start_pos : child.meta.end_pos]
                yield " ".join(_COMMENT.sub(r"\1", found).split())


def _syntax_problem(error: UnexpectedInput, text: str, path: str) -> Problem:
    lines = text.split("\n")
    line, column, word = len(text.splitlines()) or 1, 1, ""
    ended = isinstance(error, UnexpectedToken) and error.token.type == "$END"
    if isinstance(error, UnexpectedToken | UnexpectedCharacters) and not ended:
        line, column = error.line, error.column
        word = _whole_word(lines[line - 1][column - 1 :])
    expected = sorted({_shown(name) for name in _terminals(error)})
    found = f"'{word}'" if word else "the end of the file"
    message = f"expected {_listed(expected)}, found {found}"
    where = Where(path, line, column, max(len(word), 1), lines[line - 1])
    hint = suggestion(word, [each.strip("'") for each in expected])
    return Problem("signature-syntax", message, where, hint)


def _whole_word(rest: str) -> str:
    """The word at the beginning of a text, not only the keyword that it happens to begin with."""
    found = re.match(r'[\w.-]+|"[^"]*"?|.', rest)
    return found[0] if found else ""


def _terminals(error: UnexpectedInput) -> set[str]:
    if isinstance(error, UnexpectedToken):
        return set(error.accepts or error.expected)
    if isinstance(error, UnexpectedCharacters):
        return set(error.allowed or ())
    return set(error.expected) if isinstance(error, UnexpectedEOF) else set()


def _shown(terminal: str) -> str:
    return _NAMES.get(terminal, f"'{_literal(terminal)}'")


def _listed(words: list[str]) -> str:
    if len(words) > _MOST_WORDS:
        words = [*words[:_MOST_WORDS], f"{len(words) - _MOST_WORDS} others"]
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} or {words[-1]}"


def _literal(terminal: str) -> str:
    """The text of a keyword terminal."""
    definition: Any = next((each for each in _grammar().terminals if each.name == terminal), None)
    if definition is None:
        return terminal.lower()
    return str(definition.pattern.value).removesuffix(_WORD_END)
