"""Records of several lines of which a collector has wrapped every one, put together.

Reads: lines of a chunk, their formats. Feeds: ingest. Writers take turns in such logs: lines go on
with what their own writer has begun. The whole text stands on the first line of a record, the
others are blank.
"""

from collections.abc import Sequence

from ocpp_forensics.formats.compiler import literal
from ocpp_forensics.formats.definition import Format
from ocpp_forensics.formats.unwrapping import TRACE, may_go_on_sql, unwrapped_sql
from ocpp_forensics.store import Store

__all__ = ["weave"]


def weave(store: Store, outer: Sequence[Format], inner: Sequence[Format]) -> None:
    """Put the records in `lines` together; the view is another one where there are any."""
    if not store.value(f"SELECT bool_or({may_go_on_sql(outer, 'text')}) FROM lines"):
        return
    store.execute(
        f"CREATE OR REPLACE TEMP MACRO trace_shape() AS {literal(TRACE)}; "
        f"CREATE OR REPLACE TEMP TABLE unwrapped AS {unwrapped_sql(outer, inner, 'lines')}"
    )
    store.run_file("ingest_woven")
    lines = store.arrow("FROM woven")
    store.hide("lines")
    store.show("lines", lines)
