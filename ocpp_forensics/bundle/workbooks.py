"""Sheets of an Excel workbook as CSV text, by the extra `xlsx` (openpyxl).

Reads: the bytes of a workbook. Feeds: collecting, which makes a file of each sheet.
"""

import csv
import io
import zipfile
from collections.abc import Iterator
from datetime import datetime
from typing import BinaryIO

from ocpp_forensics.bundle.model import FAILURES, MIB, Damage

__all__ = ["is_workbook", "sheets"]

_MOST_UNPACKED = 512 * MIB


def is_workbook(head: bytes, name: str) -> bool:
    """Whether a file is a workbook by its name and its first bytes."""
    return head.startswith(b"PK\x03\x04") and name.casefold().endswith((".xlsx", ".xlsm"))


def sheets(file: BinaryIO) -> Iterator[tuple[str, Iterator[bytes]]]:
    """Title and text of every sheet that is not empty. Errors: Damage."""
    try:
        from openpyxl import load_workbook
    except ImportError as error:
        what = "reading Excel workbooks needs openpyxl"
        raise Damage(code="extra-missing", what=what) from error
    _check_size(file)
    try:
        book = load_workbook(file, read_only=True, data_only=True)
    except Exception as error:
        # What a broken workbook makes openpyxl raise is not documented: all of it is damage.
        what = f"it is no sound workbook ({error})"
        raise Damage(code="member-corrupt", what=what) from error
    for sheet in book.worksheets:
        yield sheet.title, _text(sheet.iter_rows(values_only=True))


def _check_size(file: BinaryIO) -> None:
    """Raises Damage if the workbook is no archive or would unpack to too much."""
    try:
        with zipfile.ZipFile(file) as archive:
            size = sum(each.file_size for each in archive.infolist())
    except FAILURES as error:
        what = f"it is no sound workbook ({error})"
        raise Damage(code="member-corrupt", what=what) from error
    if size > _MOST_UNPACKED:
        raise Damage(code="limit-reached", what="it is larger than 512 MiB when unpacked")


def _text(rows: Iterator[tuple[object, ...]]) -> Iterator[bytes]:
    """The rows as lines of CSV, a line end inside of a cell being a blank."""
    try:
        for row in rows:
            line = io.StringIO()
            csv.writer(line, lineterminator="\n").writerow(map(_cell, row))
            yield line.getvalue().encode("utf-8", "replace")
    except Exception as error:
        # The same for rows, which are read as they are asked for.
        what = f"a sheet cannot be read further ({error})"
        raise Damage(code="member-corrupt", what=what) from error


def _cell(value: object) -> str:
    if isinstance(value, datetime):
        return value.isoformat(" ", "milliseconds" if value.microsecond else "seconds")
    return "" if value is None else " ".join(str(value).splitlines())
