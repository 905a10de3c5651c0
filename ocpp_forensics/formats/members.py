"""Members of JSON and logfmt lines as SQL, for the compiler of formats.

Reads: format definitions. Feeds: the format compiler.
"""

import re
from collections.abc import Sequence

from ocpp_forensics.formats.definition import Format

__all__ = ["assembled", "from_bytes", "json_paths", "json_struct", "literal", "logfmt_body"]


def literal(text: str) -> str:
    """A text as an SQL literal."""
    return "'" + text.replace("'", "''") + "'"


def json_paths(key: str) -> tuple[str, ...]:
    """The places of a member: `a.b` is member b of a, or a member whose name has a dot."""
    nested = "$" + "".join(f'."{part}"' for part in key.split("."))
    return (nested, f'$."{key}"') if "." in key else (nested,)


def _json_paths(keys: Sequence[str]) -> list[str]:
    return [path for key in keys for path in json_paths(key)]


def json_struct(format_: Format, text: str) -> str:
    """A struct of the members a JSON format names; `whole` is empty where the line is not it."""
    paths = [path for _, keys in format_.keys for path in _json_paths(keys)]
    required = [path for group in format_.requires for path in _json_paths(group.split("|"))]
    listed = ", ".join(literal(path) for path in [*paths, *required])
    members: list[str] = []
    position = 1
    for name, keys in format_.keys:
        size = len(_json_paths(keys))
        values = ", ".join(f"j[{position + step}]" for step in range(size))
        members.append(f"{name} := coalesce({values}, '')")
        position += size
    present: list[str] = []
    for group in format_.requires:
        size = len(_json_paths(group.split("|")))
        values = ", ".join(f"j[{position + step}]" for step in range(size))
        present.append(f"coalesce({values}) IS NOT NULL")
        position += size
    condition = " AND ".join(present) or "true"
    packed = (
        f"struct_pack(whole := CASE WHEN {condition} THEN '{{' ELSE '' END, {', '.join(members)})"
    )
    extracted = f"CASE WHEN json_valid({text}) THEN json_extract_string({text}, [{listed}]) END"
    return (
        f"CASE WHEN {text}[1] = '{{' THEN list_transform([{extracted}], lambda j: {packed})[1] END"
    )


def assembled(body: str, struct: str) -> str:
    """SQL for a body put together from groups: `{name}` stands for what was found."""
    pieces = re.split(r"\{(\w+)\}", body)
    values = [
        f"coalesce({struct}.{piece}, '')" if number % 2 else literal(piece)
        for number, piece in enumerate(pieces)
        if piece
    ]
    return f"concat({', '.join(values)})"


def logfmt_body(text: str) -> str:
    """SQL for the message of a logfmt line, or its event."""
    value = r'(?:^| )(?:%s)=(?:"((?:[^"\\]|\\.)*)"|([^\s"]+))'
    parts = ", ".join(
        f"nullif(concat(regexp_extract({text}, {literal(value % names)}, 1), "
        f"regexp_extract({text}, {literal(value % names)}, 2)), '')"
        for names in ("msg|message", "event|evt|action|type")
    )
    return f"replace(coalesce({parts}, {text}), '\\\"', '\"')"


def from_bytes(text: str) -> str:
    """SQL for a text that the journal may give as a list of bytes, without its colours."""
    codes = f"from_json({text}, '[\"UTINYINT\"]')"
    letters = f"array_to_string(list_transform({codes}, lambda code: chr(code)), '')"
    plain = f"regexp_replace({letters}, chr(27) || '\\[[0-9;]*[A-Za-z]', '', 'g')"
    return f"CASE WHEN regexp_full_match({text}, '\\[[0-9, ]+\\]') THEN {plain} ELSE {text} END"
