"""The commands that ask the timeline: timeline, query.

Reads: arguments. Feeds: the api. Every command is a call and a result.
"""

from typing import Annotated

import typer

from ocpp_forensics.cli.options import (
    NO_SETTINGS,
    Force,
    Output,
    PathsOrStore,
    Quiet,
    RowsFormat,
    Settings,
    TimelineFormat,
    with_settings,
)
from ocpp_forensics.cli.shell import (
    check_output,
    guarded,
    opened,
    write_parquet,
    write_rows,
    write_trace,
)

__all__ = ["query", "timeline"]


@guarded
@with_settings
def timeline(
    paths: PathsOrStore,
    station: Annotated[str | None, typer.Option(metavar="GLOB", help="Only these.")] = None,
    since: Annotated[str | None, typer.Option(metavar="TIME", help="From this time on.")] = None,
    until: Annotated[str | None, typer.Option(metavar="TIME", help="Up to this time.")] = None,
    action: Annotated[
        str | None, typer.Option(metavar="GLOB", help="Such as 'ws.*' or BootNotification.")
    ] = None,
    format_: Annotated[TimelineFormat, typer.Option("--format", "-f")] = TimelineFormat.table,
    output: Output = None,
    settings: Settings = NO_SETTINGS,
    force: Force = False,
    quiet: Quiet = False,
) -> None:
    """Show what happened, from all logs in the order of time."""
    from ocpp_forensics.listing import BRIEF, FULL, Choice, listing
    from ocpp_forensics.report.open_trace import TRACE_COLUMNS

    check_output(output, force=force)
    choice = Choice(station, action, since, until)
    with opened(paths, settings, quiet=quiet) as store:
        if format_ is TimelineFormat.parquet:
            write_parquet(store, listing(store, choice, FULL), output)
        elif format_ is TimelineFormat.open_ocpp_trace:
            write_trace(store, listing(store, choice, TRACE_COLUMNS), output)
        else:
            columns = BRIEF if format_ is TimelineFormat.table else FULL
            write_rows(store.stream(*listing(store, choice, columns)), format_.value, output)


@guarded
@with_settings
def query(
    path: Annotated[str, typer.Argument(metavar="PATH|STORE", help="Logs, or a kept store.")],
    sql: Annotated[str, typer.Argument(metavar="SQL", help="One query, DuckDB's SQL.")],
    format_: Annotated[RowsFormat, typer.Option("--format", "-f")] = RowsFormat.table,
    output: Output = None,
    settings: Settings = NO_SETTINGS,
    force: Force = False,
    quiet: Quiet = False,
) -> None:
    """Ask the timeline: read-only, without files and network. `DESCRIBE timeline` tells columns."""
    check_output(output, force=force)
    with opened([path], settings, quiet=quiet) as store:
        write_rows(store.ask(sql), format_.value, output)
