"""Stores that are kept: a timeline written to a file in one piece, and opened again.

Reads: a filled store. Feeds: `--store`, and the commands that start from a store. The file appears
under its name only when it is complete; what a killed run leaves behind lacks the table `meta` and
is refused.
"""

import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import pyarrow as pa

from ocpp_forensics.errors import InputError, Problem
from ocpp_forensics.model import Report
from ocpp_forensics.store import Store

__all__ = [
    "SCHEMA_VERSION",
    "about",
    "check_target",
    "is_store",
    "open_kept",
    "refuse_stores",
    "save",
    "write_parquet",
]

SCHEMA_VERSION = 1
"""Raised with every change of the stored tables that older commands cannot read."""

_HELP = "give a file that `ocppdiag analyze --store` wrote"


def is_store(path: Path) -> bool:
    """Whether a file is a database, by its first bytes; its name means nothing."""
    if not path.is_file():
        return False
    with path.open("rb") as file:
        return file.read(12)[8:] == b"DUCK"


def check_target(path: Path, *, force: bool) -> None:
    """Refuse to write over anything but a store that may be replaced. Errors: InputError."""
    if not path.parent.is_dir():
        message = f"the folder {path.parent} does not exist"
        raise InputError(Problem("output-folder", message, help="create it first"))
    if path.exists() and not (force and is_store(path)):
        message = f"{path} exists already"
        hint = (
            "say --force to replace it" if is_store(path) else "it is no store; choose another name"
        )
        raise InputError(Problem("output-exists", message, help=hint))


def refuse_stores(paths: Iterable[str | Path]) -> None:
    """Refuse stores where logs are to be read. Errors: InputError."""
    for path in paths:
        if is_store(Path(path)):
            message = f"{path} is a store, not a log"
            hint = "give one store to `ocppdiag timeline` or `query`; give logs to everything else"
            raise InputError(Problem("store-given", message, help=hint))


def about(report: Report) -> dict[str, str]:
    """What a store says about where it comes from."""
    return {
        "tool_version": report.version,
        "bundle": report.bundle,
        "bundle_sha256": report.bundle_sha256,
        "signatures_sha256": report.signatures_sha256,
    }


def save(store: Store, path: Path, meta: Mapping[str, str]) -> None:
    """Write all tables, views and macros of a store to a file, with `meta` about it."""
    with tempfile.TemporaryDirectory(prefix=f".{path.name}.", dir=path.parent) as folder:
        draft = Path(folder) / "draft"
        store.execute(f"ATTACH '{str(draft).replace(chr(39), chr(39) * 2)}' AS kept")
        for (statement,) in store.rows_of("kept"):
            store.execute(statement)
        rows = {"schema_version": str(SCHEMA_VERSION), **meta}
        store.show("rows", pa.table({"name": list(rows), "value": list(rows.values())}))
        store.execute("CREATE TABLE kept.meta AS SELECT * FROM rows")
        store.hide("rows")
        store.execute("CHECKPOINT kept; DETACH kept")
        draft.replace(path)


@contextmanager
def open_kept(path: Path) -> Iterator[Store]:
    """Open a store that was kept, to read it and no other file.

    Errors: InputError where it is none, or was written by a newer version.
    """
    with Store(path, read_only=True) as store:
        named = "SELECT count(*) FROM duckdb_tables() WHERE table_name = 'meta'"
        if not store.value(named):
            message = f"{path} is a database, but no finished store of ocppdiag"
            raise InputError(Problem("store-foreign", message, help=_HELP))
        version = store.value("SELECT value FROM meta WHERE name = 'schema_version'")
        if not str(version).isdecimal() or int(version) > SCHEMA_VERSION:
            tool = store.value("SELECT value FROM meta WHERE name = 'tool_version'")
            message = f"{path} was written by ocppdiag {tool} with store version {version}"
            hint = f"this one reads versions up to {SCHEMA_VERSION}: update ocppdiag"
            raise InputError(Problem("store-newer", message, help=hint))
        store.lock()
        yield store


def write_parquet(batches: pa.RecordBatchReader, path: Path, clean: Callable[[str], str]) -> None:
    """Write rows as Parquet; `clean` goes over all texts."""
    import pyarrow.parquet as pq  # takes long, and is needed here only

    with pq.ParquetWriter(path, batches.schema) as writer:
        for batch in batches:
            columns = [_cleaned(column, clean) for column in batch.columns]
            writer.write_batch(pa.RecordBatch.from_arrays(columns, schema=batches.schema))


def _cleaned(column: pa.Array, clean: Callable[[str], str]) -> pa.Array:
    if not pa.types.is_string(column.type):
        return column
    texts = [text if text is None else clean(text) for text in column.to_pylist()]
    return pa.array(texts, pa.string())
