"""What the files of a bundle look like, before anything is read of them; and formats on trial.

Reads: paths, format files. Feeds: `ocppdiag formats`.
"""

from collections.abc import Sequence
from pathlib import Path

from ocpp_forensics.bundle import Bundle
from ocpp_forensics.errors import Problem
from ocpp_forensics.formats.definition import load_formats, read_format
from ocpp_forensics.formats.samples import check_formats
from ocpp_forensics.sources import collect_parts, detect_parts
from ocpp_forensics.store import Store
from ocpp_forensics.timeline import Options

__all__ = ["detected", "tested"]


def detected(bundle: Bundle, options: Options) -> list[tuple[str, str, str]]:
    """Path, format and the reason for it, of every file."""
    parts, _ = collect_parts(bundle)
    with Store() as store:
        detect_parts(store, bundle, parts, load_formats(), options.formats)
    rows = []
    for part in parts:
        found = part.detection
        empty = part.stats.binary or "no lines"
        rows.append(
            (part.member.path, found.format, found.reason)
            if found
            else (part.member.path, "none", empty)
        )
    return rows


def tested(paths: Sequence[Path]) -> tuple[int, list[Problem]]:
    """The number of formats on trial and what they read wrongly; without paths all of them."""
    formats = [read_format(path) for path in paths] or load_formats()
    with Store() as store:
        return len(formats), list(check_formats(store, formats))
