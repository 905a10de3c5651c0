"""Log text made harmless: secrets masked, and nothing left that could steer a terminal.

Reads: text of logs. Feeds: every renderer and the tables of `timeline` and `query`.
"""

import re
from dataclasses import fields, is_dataclass, replace
from typing import Any

__all__ = ["UNSAFE", "cut", "escaped", "masked", "masked_text", "plain"]

MASK = "***"

_WORD = r"""[^\s"'\\,;&<>{}()\[\]]+"""
_OPEN = r"""["'\\]*\s*(?:=>|->|=|:|\bto\b)\s*["'\\]*"""
_SECRET_NAME = (
    r"(?:pass(?:word|wd|phrase)?|pwd|secret|client_?secret|api_?-?key|private_?key|"
    r"(?:access|refresh|auth|session|bearer)_?-?token|credentials?)"
)

_RULES: tuple[tuple[re.Pattern[str], str], ...] = (
    # Authorization: Basic dXNlcjpwYXNz, also as a JSON member or a Python pair
    (
        re.compile(
            r"(?i)(\b(?:proxy-)?authorization\b[\"'\\]*\s*[:=,]\s*[\"'\\(\[b]*)"
            r"((?:basic|bearer|digest|token|negotiate|apikey)\s+)?[^\"'\\\r\n,;)\]}]+"
        ),
        rf"\1\2{MASK}",
    ),
    (re.compile(r"(?i)\b(basic|bearer)(\s+)(?=[^\s\"']*[0-9=])[\w+/.~-]{8,}=*"), rf"\1\2{MASK}"),
    # wss://station:password@host
    (re.compile(r"(?i)(\b[a-z][a-z0-9+.-]{0,20}://[^\s/:@\"'<>]*:)[^\s/\"'<>]+@"), rf"\1{MASK}@"),
    # ?token=... in a query string
    (
        re.compile(
            r"(?i)([?&][\w.-]{0,40}?(?:token|key|secret|pass(?:word|wd)?|pwd|auth|authorization|"
            r"credentials?|sig|signature)=)[^&\s\"'\\<>#]+"
        ),
        rf"\1{MASK}",
    ),
    # AuthorizationKey = ..., password: ..., "apiKey":"..."
    (
        re.compile(rf"(?i)(\b(?:AuthorizationKey|BasicAuthPassword){_OPEN}){_WORD}"),
        rf"\1{MASK}",
    ),
    (re.compile(rf"(?i)(\b{_SECRET_NAME}\b{_OPEN}){_WORD}"), rf"\1{MASK}"),
    (
        re.compile(
            rf"(?i)((?:[\"']\\?|\b)token\\?[\"']?\s*(?:=|(?<=[\"'])\s*:)\s*[\"'\\]*){_WORD}"
        ),
        rf"\1{MASK}",
    ),
    (re.compile(r"(?s)(-----BEGIN [A-Z ]*PRIVATE KEY-----).*?(?=-----END|\Z)"), rf"\1{MASK}"),
)
_KEY_OBJECT = re.compile(r"\{[^{}]*\b(?:AuthorizationKey|BasicAuthPassword)\b[^{}]*")
_MEMBER = r"(\\*[\"']{}\\*[\"']\s*:\s*\\*[\"'])(?:\\\\.|[^\"'\\])*"
_VALUE = re.compile(_MEMBER.format("value"))
_ATTRIBUTE_VALUE = re.compile(_MEMBER.format("attributeValue"))
_HINTS = (
    "authorization", "basic", "bearer", "pass", "pwd", "secret", "key", "token", "credential",
    "auth=", "sig=", "signature=", "@",
)  # fmt: skip
"""A text without any of these holds nothing to mask: soon found out for most lines."""

UNSAFE = re.compile(
    "[\x00-\x1f\x7f-\x9f\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff"
    "\ufff9-\ufffb\ud800-\udfff\U000e0000-\U000e007f]"
)
"""Control characters, and those that are invisible or turn the direction of writing."""

_ANSI = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|[@-Z\\^_])|\x9b[0-?]*[ -/]*[@-~]")


def masked_text(text: str) -> str:
    """The text with every password, key and token replaced by ***."""
    low = text.lower()
    if not any(hint in low for hint in _HINTS):
        return text
    text = _KEY_OBJECT.sub(lambda found: _VALUE.sub(rf"\1{MASK}", found[0]), text)
    if "BasicAuthPassword" in text:
        text = _ATTRIBUTE_VALUE.sub(rf"\1{MASK}", text)
    for pattern, shown in _RULES:
        text = pattern.sub(shown, text)
    return text


def masked(value: Any) -> Any:  # noqa: ANN401  what comes in comes out: a report, or a part of it
    """A value of any depth (dataclasses, tuples) with the secrets in its texts masked."""
    if isinstance(value, str):
        return masked_text(value)
    if isinstance(value, tuple):
        return tuple(masked(each) for each in value)
    if is_dataclass(value) and not isinstance(value, type):
        return replace(
            value, **{each.name: masked(getattr(value, each.name)) for each in fields(value)}
        )
    return value


def plain(text: str) -> str:
    r"""The text as it may go to a terminal: colours removed, all that is unsafe as \xNN."""
    if text.isprintable():
        return text
    return UNSAFE.sub(_visible, _ANSI.sub("", text.replace("\t", " ")))


def _visible(found: re.Match[str]) -> str:
    code = ord(found[0])
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}"


def escaped(json_text: str) -> str:
    r"""JSON text with all that is unsafe written as \uNNNN, which is the same JSON."""
    return json_text if json_text.isprintable() else UNSAFE.sub(_escape, json_text)


def _escape(found: re.Match[str]) -> str:
    if found[0] == "\n":
        return found[0]
    units = found[0].encode("utf-16-be", "surrogatepass").hex()
    return "".join(f"\\u{units[at : at + 4]}" for at in range(0, len(units), 4))


def cut(text: str, length: int) -> str:
    """The text, at most `length` characters of it, with an ellipsis where something is missing."""
    return text if len(text) <= length else text[: max(length - 1, 0)] + "…"
