"""One chunk of lines into the timeline: envelopes, continuation lines, frames, rows.

Reads: Arrow lines of parts that share their formats. Feeds: record, detail, payload, line_text.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import pyarrow as pa

from ocpp_forensics.formats.compiler import envelope_sql, literal, matches_sql
from ocpp_forensics.formats.definition import Format
from ocpp_forensics.formats.detection import detect_formats
from ocpp_forensics.ingest.attributes import attribute_columns, attributes_sql
from ocpp_forensics.ingest.frames import mark_sql, prefixes_sql
from ocpp_forensics.ingest.plain import DETAIL_FIELDS, read_plain
from ocpp_forensics.ingest.weaving import weave
from ocpp_forensics.store import Store
from ocpp_forensics.vocabulary import actions, fields

__all__ = ["CHUNK_LINES", "Loader", "create_tables"]

CHUNK_LINES = 1_000_000
"""So many lines are read and looked up at once."""

_MANY_LINES = 20
_FEW_LINES = 2
"""So many leftover lines make a layout of their own; few will do where each has its own time."""

_HASHES = """
INSERT INTO line_hash SELECT (part_id::BIGINT << 40) | line_no, hash(text)
FROM lines WHERE text <> ''
"""
_UNREAD = """
CREATE OR REPLACE TEMP TABLE unread AS
SELECT record_id, (record_id >> 40)::INTEGER AS part_id, record_id & 1099511627775 AS line_no,
    byte_offset, byte_length, 1 AS line_count, text
FROM reading WHERE NOT fits
"""
_LEFTOVER = """
SELECT * EXCLUDE (record_id) FROM unread
WHERE record_id IN (SELECT record_id FROM reading WHERE NOT fits)
"""
_LEFTOVER_SAMPLE = f"""
SELECT * EXCLUDE (line_count) FROM ({_LEFTOVER})
WHERE NOT regexp_matches(text, '^(?:\\s|$)')
QUALIFY row_number() OVER (PARTITION BY part_id ORDER BY line_no) <= 400
"""
_ALONE = """
SELECT c.* REPLACE (l.text AS text)
FROM continued AS c JOIN lines AS l USING (part_id, line_no)
JOIN reading AS r ON r.record_id = (c.part_id::BIGINT << 40) | c.line_no WHERE NOT r.fits
"""


def create_tables(store: Store) -> None:
    """Create the empty tables of a timeline."""
    names = ", ".join(literal(name) for name in actions())
    store.execute(f"CREATE TYPE action_name AS ENUM ({names})")
    store.run_file("schema")
    columns = ", ".join(f"{name} {fields()[name].sql_type}" for name in DETAIL_FIELDS)
    store.execute(f"CREATE TABLE detail (record_id BIGINT, vantage VARCHAR, {columns})")


@dataclass(slots=True)
class Loader:
    """Loads lines into one store; `keep_text` also keeps the text of every record.

    `several` tells that other files are in the format of those that are being read.
    Of `formats`, those are looked for as well that fit lines which the chosen ones do not.

    Lines are added group by group (parts that share their formats). Frames and attributes are
    looked up for about a million lines at once, phrases at the end for all.
    """

    store: Store
    fallback: Format
    keep_text: bool = False
    formats: Sequence[Format] = ()
    pending: int = 0
    several: bool = False

    def __post_init__(self) -> None:
        self.store.execute(f"SET VARIABLE keep_text = {str(self.keep_text).lower()}")
        self.store.run_file("ingest_begin")
        self.store.execute(
            "CREATE OR REPLACE TEMP MACRO frame_mark(word) AS "
            f"({mark_sql('lower(word)')})::TINYINT; "
            f"CREATE OR REPLACE TEMP TABLE attribute ({attribute_columns()})"
        )

    def add(self, lines: pa.Table, outer: Sequence[Format], inner: Sequence[Format]) -> None:
        """Read the envelopes of lines and join the lines that continue a record to it.

        Shape: `lines` as LINE_SCHEMA. Lines before the first record, and lines that nothing fits,
        become no record: what is missing from the sum of `record.line_count` is unparsed.
        """
        self.store.show("lines", lines)
        if self.several:
            self.store.execute(_HASHES)
        weave(self.store, outer, inner)
        self._read("(SELECT *, 1 AS line_count FROM lines)", outer, inner)
        if self.store.value("SELECT count(*) FROM reading WHERE NOT fits"):
            later = self._read_leftover()
            self._join_continuation((*outer, *later), inner)
            self.store.execute("DELETE FROM reading WHERE NOT fits")
        self.store.hide("lines")
        self.pending += lines.num_rows
        if self.pending >= CHUNK_LINES:
            self._flush()

    def _read(self, relation: str, outer: Sequence[Format], inner: Sequence[Format]) -> None:
        sql = envelope_sql(outer, inner, relation)
        self.store.execute(f"CREATE OR REPLACE TEMP VIEW envelope AS {sql}")
        self.store.run_file("ingest_reading")

    def _read_leftover(self) -> tuple[Format, ...]:
        """Lines of no chosen format become records as well; gives the formats that turned up.

        They have a layout that begins further down in the file, or a time of their own.
        """
        self.store.execute(_UNREAD)
        later = tuple(self._later_formats())
        for outer, inner in later:
            fitting = " OR ".join(matches_sql(each, "text") for each in outer)
            self._reread(f"{_LEFTOVER} AND ({fitting})", outer, inner)
        fallback = f"{_LEFTOVER} AND {matches_sql(self.fallback, 'text')}"
        turned_up = [each for outer, _ in later for each in outer]
        if self._reread(fallback, (self.fallback,), ()):
            turned_up.append(self.fallback)
        return tuple(turned_up)

    def _later_formats(self) -> Iterator[tuple[Sequence[Format], Sequence[Format]]]:
        """Formats of many lines that the formats chosen from the first lines do not fit."""
        left = self.store.arrow(_LEFTOVER_SAMPLE)
        if not self.formats or left.num_rows < _FEW_LINES:
            return
        by_id = {each.id: each for each in self.formats}
        found = detect_formats(self.store, left, self.formats, {}).values()
        for detection in found:
            outer = [
                by_id[each.format]
                for each in detection.candidates
                if each.format in detection.outer
                and each.format != self.fallback.id
                and each.share * detection.lines >= _enough(by_id[each.format])
            ]
            if outer:
                yield outer, [by_id[name] for name in detection.inner]

    def _join_continuation(self, outer: Sequence[Format], inner: Sequence[Format]) -> None:
        """Read the records again that continue on further lines, as one text.

        A record that is none together with them (JSON before anything else) stays as it is.
        """
        self.store.run_file("ingest_continuation")
        for rows in ("SELECT * FROM continued", _ALONE):
            self._reread(rows, outer, inner)

    def _reread(self, rows: str, outer: Sequence[Format], inner: Sequence[Format]) -> int:
        """Read some lines again, with other formats or other text, in place of what was read.

        Gives how many they are.
        """
        self.store.execute(f"CREATE OR REPLACE TEMP TABLE again AS {rows}")
        lines: int = self.store.value("SELECT count(*) FROM again")
        if lines:
            self.store.execute(
                "DELETE FROM reading "
                "WHERE record_id IN (SELECT (part_id::BIGINT << 40) | line_no FROM again)"
            )
            self._read("again", outer, inner)
        return lines

    def finish(self) -> None:
        """Give everything that was read its meaning and make it readable as `record`."""
        self._flush()
        read_plain(self.store)
        self.store.execute(_RECORD_VIEW)

    def _flush(self) -> None:
        """Look up what stands in and before the frames of all that was read since the last time."""
        members = self.store.rows(
            "SELECT DISTINCT unnest(json_keys(structured)) FROM reading "
            "WHERE structured IS NOT NULL"
        )
        sql = attributes_sql([row[0] for row in members])
        self.store.execute(f"INSERT INTO attribute {sql}")
        self.store.execute(f"CREATE OR REPLACE TEMP TABLE before_frame AS {prefixes_sql()}")
        self.store.run_file("ingest_flush")
        self.pending = 0


def _enough(format_: Format) -> int:
    """How many lines of a format that was not seen at first show that it is one of the file's."""
    timed = format_.type == "lines" and all("ts" in each.names for each in format_.layouts)
    return _FEW_LINES if timed else _MANY_LINES


_PLAIN_TS = (
    "CASE WHEN ts_is_start AND duration_s IS NOT NULL "
    "THEN ts + to_microseconds((duration_s * 1e6)::BIGINT) ELSE ts END"
)
_RECORD_VIEW = f"""
CREATE OR REPLACE TEMP VIEW record AS
SELECT * FROM framed
UNION ALL
SELECT record_id, byte_offset, byte_length, line_count, {_PLAIN_TS}, zone_s, action, station, mark,
    NULL, ocpp_action, NULL, false, session_hash, NULL
FROM plain
"""
"""One row per record: frames as they were read, and everything else with its meaning."""
