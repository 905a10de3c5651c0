"""Lines out of the wrappers of collectors, as SQL: who wrote each, and what.

Reads: format definitions. Feeds: ingest, which puts records of several lines together.
"""

from collections.abc import Sequence

from ocpp_forensics.formats.compiler import Shape, literal, matches_sql, shapes
from ocpp_forensics.formats.definition import Format

__all__ = ["GOES_ON", "TRACE", "may_go_on_sql", "unwrapped_sql"]

TRACE = (
    r"""^\s*(?:at [\w$.<>/ \[\]]+\(|\.\.\. \d+ (?:more|common)|Caused by: |Suppressed: """
    r"""|File "[^"]*", line \d|Traceback \(most recent|During handling of the above """
    r"""|The above exception was)"""
)
"""A line of a stack trace that is none by itself."""

GOES_ON = (
    r"""(?:\t| {2,}\S|[\]})]|\s*(?:at |\.\.\. \d|Caused by|Suppressed|File |Traceback|During """
    r"""|The above ))"""
)
"""The beginning of what may go on with the line before."""

_TAG = r"(?:\[(?:[A-Za-z][\w-]*[ :#=-]?)?\d+\]|(?:pid|tid|thread|worker|conn)[ :#=-]?\d+):? ?"
"""The process, thread or connection that writes a line, in front of what it says."""

_WRITERS = (
    "_HOSTNAME", "SYSLOG_IDENTIFIER", "_PID", "CONTAINER_NAME", "stream", "logStreamName", "labels",
    "container", "pod",
)  # fmt: skip
"""Members of a wrapper in JSON that tell who wrote a line."""


def _wrapping(outer: Sequence[Format]) -> list[Shape]:
    """Shapes of wrappers of which each line may be a part of a record."""
    carrying = [each for each in outer if each.wrapper and not each.attributes]
    return [shape for shape in shapes(carrying) if not shape.layout.body]


def may_go_on_sql(outer: Sequence[Format], text: str) -> str:
    """SQL that is true where a wrapped line may go on with another one: cheap."""
    tests = [
        f"regexp_matches({text}, {literal(_beginning(shape))}, 's')" for shape in _wrapping(outer)
    ]
    return f"({' OR '.join(tests) or 'false'})"


def _beginning(shape: Shape) -> str:
    if shape.format.type == "json":
        inside = GOES_ON.replace(r"\t", r"\\t")
        return f'"{_body_member(shape)}": ?"{inside}'
    return f"^(?:{shape.layout.pattern}) ?(?:{_TAG})?{GOES_ON}"


def _body_member(shape: Shape) -> str:
    return dict(shape.format.keys)["body"][0]


def unwrapped_sql(outer: Sequence[Format], inner: Sequence[Format], relation: str) -> str:
    """SQL for what stands in the wrappers.

    Shape: one row per line that has a wrapper: part_id, line_no, `writer` (what the wrapper says
    besides the time, and a process or thread behind it), `content`, `member` (of a wrapper in
    JSON, which holds the content), and `headed`: whether a record begins here in a format of its
    own.
    """
    found = ", ".join(
        f"list_transform([{shape.extract('text')}], "
        f"lambda m: CASE WHEN {shape.reads('m')} THEN {_taken_out(shape)} END)[1]"
        for shape in _wrapping(outer)
    )
    headed = " OR ".join(matches_sql(each, "content") for each in inner) or "false"
    tag = f"regexp_extract(content, {literal(f'^{_TAG}')})"
    return (
        f"SELECT * REPLACE (writer || {tag} AS writer, substr(content, length({tag}) + 1) "
        f"AS content), {headed} AS headed FROM (SELECT part_id, line_no, unnest(w) "
        f"FROM (SELECT part_id, line_no, coalesce({found}) AS w FROM {relation}) "
        "WHERE w IS NOT NULL)"
    )


def _taken_out(shape: Shape) -> str:
    if shape.format.type == "json":
        paths = ", ".join(literal(f'$."{name}"') for name in _WRITERS)
        writer = f"array_to_string(json_extract_string(text, [{paths}]), ' ')"
        content = "rtrim(m.body, chr(10))"
        member = literal(_body_member(shape))
    else:
        whole = "replace(m.whole, m.ts, '')" if shape.has_time() else "m.whole"
        writer = f"rtrim({whole})"
        content = "regexp_replace(substr(text, length(rtrim(m.whole)) + 1), '^ ', '')"
        member = "NULL::VARCHAR"
    return f"struct_pack(writer := {writer}, content := {content}, member := {member})"
