"""The text of chosen records, read back from the bundle by their place in the files.

Reads: event places, the bundle. Feeds: evidence. The text is that of the file: valid UTF-8, with
its control characters; whoever shows it makes it harmless.
"""

from collections.abc import Iterable, Sequence
from typing import BinaryIO

from ocpp_forensics.binary import wide_codec
from ocpp_forensics.bundle import Bundle, Member
from ocpp_forensics.store import Store

__all__ = ["read_texts"]

_MAX_BYTES = 4096
"""A record is quoted up to this length."""

_STEP = 1 << 20


def read_texts(store: Store, bundle: Bundle, event_ids: Iterable[int]) -> dict[int, str]:
    """The text of records by event id."""
    rows = store.rows(
        "SELECT p.path, e.event_id, e.byte_offset, e.byte_length "
        "FROM event AS e JOIN part AS p ON p.part_id = e.event_id >> 40 "
        "WHERE e.event_id IN (SELECT unnest(?)) ORDER BY p.path, e.byte_offset",
        [list(event_ids)],
    )
    members = {member.path: member for member in bundle.members}
    spans: dict[str, list[tuple[int, int, int]]] = {}
    for path, event_id, offset, length in rows:
        spans.setdefault(path, []).append((event_id, offset, length))
    texts: dict[int, str] = {}
    for path, wanted in spans.items():
        texts.update(_read(bundle, members[path], wanted))
    return texts


def _read(bundle: Bundle, member: Member, wanted: Sequence[tuple[int, int, int]]) -> dict[int, str]:
    texts = {}
    with bundle.open(member) as stream:
        codec = wide_codec(stream.read(4096)) or "utf-8"
    with bundle.open(member) as stream:
        at = 0
        for event_id, offset, length in wanted:
            at = stream.seek(offset) if stream.seekable() else at + _skip(stream, offset - at)
            size = min(length, _MAX_BYTES)
            raw = stream.read(size)
            at += len(raw)
            texts[event_id] = raw.decode(codec, errors="replace").rstrip("\r\n")
    return texts


def _skip(stream: BinaryIO, size: int) -> int:
    left = size
    while left > 0:
        got = len(stream.read(min(left, _STEP)))
        if not got:
            break
        left -= got
    return size - left
