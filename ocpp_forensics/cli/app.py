"""The commands that read logs: analyze, timeline, query, replay; and explain, schema.

Reads: arguments. Feeds: the api. Every command is a call and a result.
"""

import sys
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from ocpp_forensics.cli.definitions import formats_app, signatures_app
from ocpp_forensics.cli.shell import (
    check_output,
    guarded,
    look,
    opened,
    progress,
    write_parquet,
    write_rows,
    writer,
)

__all__ = ["app"]

_EPILOG = """\b
Exit codes:
  0    done, and no finding at or above --fail-on
  1    a finding at or above --fail-on, or a failed test
  2    wrong usage, options or definitions
  3    nothing usable was given
  4    done, but incomplete: something could not be read (see the warnings)
  130  interrupted
"""

app = typer.Typer(
    help="Log forensics for EV charging: why OCPP connections are lost, with the proof.",
    epilog=_EPILOG,
    rich_markup_mode=None,
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.add_typer(signatures_app, name="signatures")
app.add_typer(formats_app, name="formats")


class ReportFormat(StrEnum):
    """What a report is written as."""

    text = "text"
    json = "json"


class RowsFormat(StrEnum):
    """What rows are written as."""

    table = "table"
    jsonl = "jsonl"
    csv = "csv"


class TimelineFormat(StrEnum):
    """What a timeline is written as."""

    table = "table"
    jsonl = "jsonl"
    csv = "csv"
    parquet = "parquet"


class ReplayFormat(StrEnum):
    """What a replay is written as; csv holds the decisions."""

    text = "text"
    json = "json"
    csv = "csv"


class ReplayFailOn(StrEnum):
    """Which decisions make the exit code 1."""

    never = "never"
    futile = "futile"
    any = "any"


class FailOn(StrEnum):
    """From which severity on a finding makes the exit code 1."""

    never = "never"
    info = "info"
    low = "low"
    medium = "medium"
    high = "high"
    critical = "critical"


Paths = Annotated[
    list[str],
    typer.Argument(metavar="PATH...", help="Folders, files, archives, or - for standard input."),
]
PathsOrStore = Annotated[
    list[str], typer.Argument(metavar="PATH|STORE...", help="Logs, or one kept store.")
]
Tz = Annotated[
    list[str] | None,
    typer.Option("--tz", metavar="GLOB=ZONE", help="Zone of logs that write none."),
]
FormatOf = Annotated[
    list[str] | None, typer.Option("--format-of", metavar="GLOB=ID", help="Format of some logs.")
]
StationOf = Annotated[
    list[str] | None,
    typer.Option("--station-of", metavar="GLOB=ID", help="Station that logs belong to."),
]
Link = Annotated[
    list[str] | None,
    typer.Option("--link", metavar="STATION=LINK", help="Link: cellular, wired or wifi."),
]
Output = Annotated[Path | None, typer.Option("--output", "-o", help="Write to a file.")]
Force = Annotated[bool, typer.Option("--force", help="Replace files that exist.")]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="Show no progress.")]


@app.command(epilog=_EPILOG)
@guarded
def analyze(
    paths: Paths,
    format_: Annotated[ReportFormat, typer.Option("--format", "-f")] = ReportFormat.text,
    output: Output = None,
    store: Annotated[
        Path | None, typer.Option(metavar="FILE.duckdb", help="Keep the timeline in a file.")
    ] = None,
    signatures: Annotated[
        list[Path] | None, typer.Option(metavar="DIR", help="More signatures.")
    ] = None,
    fail_on: Annotated[
        FailOn, typer.Option(help="Exit with 1 on a finding of this severity or worse.")
    ] = FailOn.never,
    tz: Tz = None,
    format_of: FormatOf = None,
    station_of: StationOf = None,
    link: Link = None,
    width: Annotated[int | None, typer.Option(min=40, max=1000, help="Columns of text.")] = None,
    force: Force = False,
    quiet: Quiet = False,
) -> int:
    """Name the root causes of connection trouble in the logs at PATHS, and prove them."""
    from ocpp_forensics import api
    from ocpp_forensics.keep import check_target
    from ocpp_forensics.report.exits import exit_code
    from ocpp_forensics.report.renderers import RENDERERS

    check_output(output, force=force)
    if store is not None:
        check_target(store, force=force)
    settings = {"tz": tz, "format-of": format_of, "station-of": station_of, "link": link}
    with progress(quiet=quiet) as shown:
        request = api.Request(settings, signatures or (), store, shown, sys.stdin.buffer)
        report = api.analyze(paths, request)
    with writer(output) as file:
        file.write(RENDERERS[format_.value](report, look(width, output)))
    return exit_code(report, fail_on.value)


@app.command(epilog=_EPILOG)
@guarded
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
    tz: Tz = None,
    format_of: FormatOf = None,
    station_of: StationOf = None,
    link: Link = None,
    force: Force = False,
    quiet: Quiet = False,
) -> None:
    """Show what happened, from all logs in the order of time."""
    from ocpp_forensics.listing import BRIEF, FULL, Choice, listing

    check_output(output, force=force)
    settings = {"tz": tz, "format-of": format_of, "station-of": station_of, "link": link}
    choice = Choice(station, action, since, until)
    with opened(paths, settings, quiet=quiet) as store:
        if format_ is TimelineFormat.parquet:
            write_parquet(store, listing(store, choice, FULL), output)
        else:
            columns = BRIEF if format_ is TimelineFormat.table else FULL
            write_rows(store.stream(*listing(store, choice, columns)), format_.value, output)


@app.command(epilog=_EPILOG)
@guarded
def query(
    path: Annotated[str, typer.Argument(metavar="PATH|STORE", help="Logs, or a kept store.")],
    sql: Annotated[str, typer.Argument(metavar="SQL", help="One query, DuckDB's SQL.")],
    format_: Annotated[RowsFormat, typer.Option("--format", "-f")] = RowsFormat.table,
    output: Output = None,
    force: Force = False,
    quiet: Quiet = False,
) -> None:
    """Ask the timeline: read-only, without files and network. `DESCRIBE timeline` tells columns."""
    check_output(output, force=force)
    with opened([path], {}, quiet=quiet) as store:
        write_rows(store.ask(sql), format_.value, output)


@app.command(epilog=_EPILOG)
@guarded
def replay(
    paths: PathsOrStore,
    policy: Annotated[
        list[Path] | None, typer.Option(metavar="FILE", help="A rule; several are compared.")
    ] = None,
    sweep: Annotated[
        list[str] | None, typer.Option(metavar="KEY=N,N", help="Such as dwell_s=1800,3600.")
    ] = None,
    trace: Annotated[
        str | None, typer.Option(metavar="STATION", help="Every scan of one station.")
    ] = None,
    format_: Annotated[ReplayFormat, typer.Option("--format", "-f")] = ReplayFormat.text,
    output: Output = None,
    fail_on: Annotated[
        ReplayFailOn, typer.Option(help="Exit with 1 on a futile decision, or on any.")
    ] = ReplayFailOn.never,
    tz: Tz = None,
    format_of: FormatOf = None,
    station_of: StationOf = None,
    link: Link = None,
    width: Annotated[int | None, typer.Option(min=40, max=1000, help="Columns of text.")] = None,
    force: Force = False,
    quiet: Quiet = False,
) -> int:
    """Show which resets a self-heal rule would have sent, and whether they would have helped."""
    from ocpp_forensics.replay.policy import sweep as varied
    from ocpp_forensics.replay.policy_file import read_policies
    from ocpp_forensics.replay.renderers import RENDERERS
    from ocpp_forensics.replay.run import exit_code, run_replay

    check_output(output, force=force)
    policies = varied(read_policies(policy or ()), sweep or ())
    settings = {"tz": tz, "format-of": format_of, "station-of": station_of, "link": link}
    with opened(paths, settings, quiet=quiet) as store:
        result = run_replay(store, policies, trace)
        with writer(output) as file:
            file.writelines(RENDERERS[format_.value](result, look(width, output)))
        return exit_code(result, fail_on.value)


@app.command()
@guarded
def explain(
    cause: Annotated[str, typer.Argument(metavar="CAUSE", help="Such as tls-sni-missing.")],
) -> None:
    """Tell what a cause means, what to check first, how to mend it and how it is decided."""
    from ocpp_forensics.dsl.library import load_signatures
    from ocpp_forensics.report.knowledge import render_cause

    sys.stdout.write(render_cause(cause, load_signatures(), look(None, None)))


@app.command()
@guarded
def schema(name: Annotated[str, typer.Argument(metavar="report|replay")]) -> None:
    """Print the JSON Schema of a result."""
    from ocpp_forensics.report.json import schema_text

    sys.stdout.write(schema_text(name))
