"""Formats compiled to SQL: from a relation of lines to a relation of envelopes.

Reads: format definitions. Feeds: ingest and detection. This is the only place where SQL is put
together from formats; patterns are bound as escaped literals and run in DuckDB's RE2.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from ocpp_forensics.formats.definition import Format, Layout
from ocpp_forensics.formats.members import assembled, from_bytes, json_struct, literal, logfmt_body
from ocpp_forensics.formats.timestamps import TIME_KINDS, zone_seconds

__all__ = [
    "ENVELOPE_COLUMNS", "Shape", "envelope_sql", "literal", "matches_sql", "may_match_sql",
    "shapes",
]  # fmt: skip

ENVELOPE_COLUMNS = (
    "logger", "program", "host", "station", "session_key", "client_address", "client_port",
    "direction_mark", "action",
)  # fmt: skip
"""Text columns of an envelope, null where the layout does not have them."""

_PLACE = "part_id, line_no, byte_offset, byte_length, line_count"


@dataclass(frozen=True, slots=True)
class Shape:
    """One layout of one format, with the SQL that tells whether a line has it."""

    format: Format
    layout: Layout

    def extract(self, text: str) -> str:
        """SQL for a struct of the groups, `whole` being all that was matched."""
        if self.format.type == "json":
            return json_struct(self.format, text)
        names = ", ".join(literal(name) for name in ("whole", *self.layout.names))
        pattern = literal(f"^({self.layout.pattern})")
        return f"regexp_extract({text}, {pattern}, [{names}], 's')"

    def field(self, struct: str, name: str) -> str | None:
        """SQL for one text column, None where this shape does not have it."""
        constant = dict(self.layout.constants).get(name)
        if constant is not None:
            return literal(str(constant))
        if name in self._names():
            return f"nullif({struct}.{name}, '')"
        return None

    def _names(self) -> tuple[str, ...]:
        if self.format.type == "json":
            return tuple(name for name, _ in self.format.keys)
        return self.layout.names

    def wall(self, struct: str) -> str | None:
        """SQL for the wall clock, None where the shape has no time."""
        return TIME_KINDS[self.layout.time].wall(f"{struct}.ts") if self.has_time() else None

    def zone(self, struct: str) -> str:
        """SQL for the offset of the wall clock in seconds."""
        if "zone" in self._names():
            return zone_seconds(f"{struct}.zone")
        return TIME_KINDS[self.layout.time].zone(f"{struct}.ts") if self.has_time() else "NULL"

    def undated(self) -> bool:
        """Whether the time lacks a date, so that the time of a wrapper tells more."""
        return TIME_KINDS[self.layout.time].undated

    def has_time(self) -> bool:
        """Whether lines of this shape carry a time."""
        return "ts" in self._names()

    def hay(self, struct: str, text: str) -> str:
        """SQL for the text that holds what stands behind the envelope."""
        if self.layout.body:
            return assembled(self.layout.body, struct)
        if self.format.type == "json":
            body = f"rtrim({struct}.body, chr(10))"
            return from_bytes(body) if self.format.wrapper else body
        if self.format.type == "logfmt":
            return logfmt_body(text)
        return f"{struct}.body" if "body" in self.layout.names else text

    def start(self, struct: str) -> str:
        """SQL for the position in `hay` where the envelope ends."""
        inside = "body" in self.layout.names or self.layout.body
        whole = self.format.type == "lines" and not inside
        return f"length({struct}.whole) + 1" if whole else "1"

    def reads(self, struct: str) -> str:
        """SQL for whether a struct of the shape's groups comes from a line of that shape."""
        wall = self.wall(struct)
        return f"{struct}.whole <> ''{f' AND {wall} IS NOT NULL' if wall else ''}"

    def attrs(self, text: str) -> str | None:
        """SQL for the structured part of the line, None where the body has to tell."""
        structured = self.format.type in {"json", "logfmt"}
        silent = self.format.wrapper and not self.format.attributes
        return text if structured and not silent else None


def shapes(formats: Sequence[Format]) -> tuple[Shape, ...]:
    """All layouts of some formats in their order."""
    return tuple(Shape(format_, layout) for format_ in formats for layout in format_.layouts)


def may_match_sql(format_: Format, text: str) -> str:
    """SQL that is true where a line may be a record of this format: cheap, its time unchecked."""
    if format_.type == "json":
        groups = [
            " OR ".join(f"contains({text}, {literal(_last_key(key))})" for key in group.split("|"))
            for group in format_.requires
        ]
        named = "".join(f" AND ({group})" for group in groups)
        return f"({text}[1] = '{{'{named})"
    tests = [
        f"regexp_matches({text}, {literal(f'^(?:{layout.pattern})')}, 's')"
        for layout in format_.layouts
    ]
    return f"({' OR '.join(tests)})"


def _last_key(key: str) -> str:
    return f'"{key.rpartition(".")[2]}"'


def matches_sql(format_: Format, text: str) -> str:
    """SQL that is true where a line is a record of this format, its time being a real time."""
    conditions = [
        f"coalesce(list_transform([{shape.extract(text)}], lambda m: {shape.reads('m')})[1], false)"
        for shape in shapes((format_,))
    ]
    return f"({' OR '.join(conditions)})"


def group_sql(format_: Format, name: str, text: str) -> str:
    """SQL for one group of the first layout that fits a line and has it, null where none does."""
    values = [
        f"list_transform([{shape.extract(text)}], "
        f"lambda m: CASE WHEN {shape.reads('m')} THEN {value} END)[1]"
        for shape in shapes((format_,))
        if (value := shape.field("m", name))
    ]
    return f"coalesce({', '.join([*values, 'NULL'])})"


def envelope_sql(outer: Sequence[Format], inner: Sequence[Format], relation: str) -> str:
    """SQL that reads lines into envelopes: the first shape that fits a line wins.

    Shape: one row per row of `relation` (LINE_SCHEMA and line_count): its place, `text`, `format`
    and `inner_format` (ids, null where nothing fits), `ts` (wall clock), `zone_s`, `ts_is_start`,
    `hay` with the body from `start` on, `attrs` (the line itself where it is JSON or logfmt) and
    ENVELOPE_COLUMNS.
    """
    first = _level(shapes(outer), f"(SELECT {_PLACE}, text, text AS line FROM {relation})", "o_")
    if not inner:
        return _finish(first, "o_", inside=False)
    wrappers = [literal(format_.id) for format_ in outer if format_.wrapper]
    unwrapped = (
        f"(SELECT *, CASE WHEN o_format IN ({', '.join(wrappers)}) "
        "THEN ltrim(substr(o_hay, o_start)) END AS line "
        f"FROM (SELECT * EXCLUDE (line) FROM {first}))"
    )
    return _finish(_level(shapes(inner), unwrapped, "i_"), "i_", inside=True)


def _level(shapes: Sequence[Shape], relation: str, prefix: str) -> str:
    """Match every shape in turn, then pick the columns of the first that fits."""
    current = relation
    taken = "line IS NULL"
    for number, shape in enumerate(shapes):
        struct = f"{prefix}m{number}"
        extract = shape.extract("line")
        current = (
            f"(SELECT *, CASE WHEN NOT ({taken}) THEN {extract} END AS {struct} FROM {current})"
        )
        wall = shape.wall(struct)
        current = f"(SELECT *, {wall or 'NULL::TIMESTAMP'} AS {prefix}t{number} FROM {current})"
        taken += f" OR ({_fits(shape, struct, f'{prefix}t{number}')})"
    columns = f"{_PLACE}, text, line, {_carried(prefix)} {_picked(shapes, prefix)}"
    return f"(SELECT {columns} FROM {current})"


def _carried(prefix: str) -> str:
    """The columns of the outer level, passed through the inner one."""
    if prefix == "o_":
        return ""
    names = ("format", "ts", "zone_s", "ts_is_start", "hay", "start", "attrs", *ENVELOPE_COLUMNS)
    return ", ".join(f"o_{name}" for name in names) + ","


def _fits(shape: Shape, struct: str, wall: str) -> str:
    whole = f"coalesce({struct}.whole, '') <> ''"
    return f"{whole} AND {wall} IS NOT NULL" if shape.has_time() else whole


def _picked(shapes: Sequence[Shape], prefix: str) -> str:
    def pick(values: Sequence[str | None], null: str = "NULL") -> str:
        branches = [
            f"WHEN {_fits(shape, f'{prefix}m{number}', f'{prefix}t{number}')} THEN {value or null}"
            for number, (shape, value) in enumerate(zip(shapes, values, strict=True))
        ]
        return f"CASE {' '.join(branches)} END"

    structs = [f"{prefix}m{number}" for number in range(len(shapes))]
    times = [
        None if prefix == "i_" and shape.undated() else f"{prefix}t{number}"
        for number, shape in enumerate(shapes)
    ]
    pairs = list(zip(shapes, structs, strict=True))
    columns = {
        "format": pick([literal(shape.format.id) for shape in shapes]),
        "ts": pick(times, "NULL::TIMESTAMP"),
        "zone_s": pick([shape.zone(struct) for shape, struct in pairs], "NULL::INTEGER"),
        "ts_is_start": pick([str(shape.format.time_is == "start").lower() for shape in shapes]),
        "hay": pick([shape.hay(struct, "line") for shape, struct in pairs]),
        "start": pick([shape.start(struct) for shape, struct in pairs]),
        "attrs": pick([shape.attrs("line") for shape in shapes], "NULL::VARCHAR"),
    }
    for name in ENVELOPE_COLUMNS:
        columns[name] = pick(
            [shape.field(struct, name) for shape, struct in pairs], "NULL::VARCHAR"
        )
    return ", ".join(f"{value} AS {prefix}{name}" for name, value in columns.items())


def _finish(relation: str, prefix: str, *, inside: bool) -> str:
    """Merge the two levels: what the inner envelope says wins over the wrapper."""
    if not inside:
        names = ("ts", "zone_s", "ts_is_start", "hay", "start", "attrs", *ENVELOPE_COLUMNS)
        columns = ", ".join(f"{prefix}{name} AS {name}" for name in names)
        return (
            f"SELECT {_PLACE}, text, {prefix}format AS format, NULL::VARCHAR AS inner_format, "
            f"{columns} FROM {relation}"
        )
    merged = ", ".join(f"coalesce(i_{name}, o_{name}) AS {name}" for name in ENVELOPE_COLUMNS)
    timed = "i_ts IS NOT NULL"
    return (
        f"SELECT {_PLACE}, text, o_format AS format, i_format AS inner_format, "
        f"coalesce(i_ts, o_ts) AS ts, CASE WHEN {timed} THEN i_zone_s ELSE o_zone_s END AS zone_s, "
        f"CASE WHEN {timed} THEN i_ts_is_start ELSE o_ts_is_start END AS ts_is_start, "
        "coalesce(i_hay, o_hay) AS hay, CASE WHEN i_hay IS NOT NULL THEN i_start ELSE o_start END "
        f"AS start, coalesce(i_attrs, o_attrs) AS attrs, {merged} "
        f"FROM {relation}"
    )
