"""What the files of a bundle look like, how far they were understood; and formats on trial.

Reads: paths, format files. Feeds: `ocppdiag formats`.
"""

import re
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from ocpp_forensics.bundle import Bundle
from ocpp_forensics.errors import Problem
from ocpp_forensics.formats.definition import format_files, load_formats, read_formats
from ocpp_forensics.formats.detection import FileSurvey
from ocpp_forensics.formats.samples import check_formats
from ocpp_forensics.lines import LineStats
from ocpp_forensics.records import read_records
from ocpp_forensics.sources import Part
from ocpp_forensics.store import Store
from ocpp_forensics.timeline import Options, build_timeline

__all__ = ["surveyed", "tested"]

_TEMPLATES = 5
_SHOWN_BYTES = 200


def surveyed(bundle: Bundle, options: Options) -> tuple[FileSurvey, ...]:
    """Every file with its format, the reason for it, and what could not be read."""
    with Store() as store:
        timeline = build_timeline(store, bundle, options)
        store.run_file("survey")
        rows = {row["part_id"]: row for row in store.records("FROM understood")}
        unknown: dict[int, list[tuple[str, int]]] = {}
        for part_id, sample, lines in store.rows(
            "SELECT part_id, sample, lines FROM unknown_template ORDER BY lines DESC, sample"
        ):
            unknown.setdefault(part_id, []).append((sample[:_SHOWN_BYTES], lines))
        return tuple(
            _survey(part, rows[part.part_id], unknown.get(part.part_id, []), bundle)
            for part in timeline.parts
        )


def _survey(
    part: Part, row: dict[str, Any], unknown: list[tuple[str, int]], bundle: Bundle
) -> FileSurvey:
    found = part.detection
    records = row["records"] or 1
    counts = {} if found is None else {each.format: each.share for each in found.candidates}
    chosen = (found.known or found.outer[0]) if found and found.outer else None
    second = next((name for name in counts if name != chosen), None)
    return FileSurvey(
        path=part.member.path,
        kind=row["kind"],
        format=found.format if found else "none",
        score=counts.get(chosen or ""),
        second=None if second is None else (second, counts[second]),
        reason=found.reason if found else part.stats.binary or "no lines",
        lines=row["lines"],
        unparsed=row["unparsed"],
        timed=row["timed"] / records,
        named=row["named"] / records,
        told=row["told"] / records,
        unknown=tuple(unknown[:_TEMPLATES]),
        timeless=_timeless(part, row["first_line"], bundle) if row["unparsed"] else (),
    )


def _timeless(part: Part, first_line: int | None, bundle: Bundle) -> tuple[tuple[str, int], ...]:
    """Lines before the first record, grouped by what they look like without their numbers."""
    with bundle.open(part.member) as stream:
        batch = next(read_records(stream, part.part_id, LineStats()), None)
    if batch is None:
        return ()
    lines = zip(batch["line_no"].to_pylist(), batch["text"].to_pylist(), strict=True)
    shapes: Counter[str] = Counter()
    samples: dict[str, str] = {}
    for number, text in lines:
        if text.strip() and (first_line is None or number < first_line):
            shape = re.sub(r"\d+", "0", text[:80])
            samples.setdefault(shape, text[:_SHOWN_BYTES])
            shapes[shape] += 1
    return tuple((samples[shape], count) for shape, count in shapes.most_common(_TEMPLATES))


def tested(paths: Sequence[Path]) -> tuple[int, list[Problem]]:
    """The number of formats on trial and what they read wrongly; without paths all of them."""
    formats = read_formats(format_files(paths)) if paths else load_formats()
    with Store() as store:
        return len(formats), list(check_formats(store, formats))
