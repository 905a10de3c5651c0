"""The commands that judge logs: analyze, check, replay.

Reads: arguments. Feeds: the api. Every command is a call and a result.
"""

import sys
from pathlib import Path
from typing import Annotated

import typer

from ocpp_forensics.cli.options import (
    NO_SETTINGS,
    FailOn,
    Folders,
    Force,
    Output,
    Paths,
    PathsOrStore,
    Quiet,
    ReplayFailOn,
    ReplayFormat,
    ReportFormat,
    Settings,
    Width,
    with_settings,
)
from ocpp_forensics.cli.shell import check_output, guarded, look, opened, progress, writer

__all__ = ["analyze", "check", "replay"]


@guarded
@with_settings
def analyze(
    paths: Paths,
    format_: Annotated[ReportFormat, typer.Option("--format", "-f")] = ReportFormat.text,
    output: Output = None,
    store: Annotated[
        Path | None, typer.Option(metavar="FILE.duckdb", help="Keep the timeline in a file.")
    ] = None,
    signatures: Folders = None,
    fail_on: Annotated[
        FailOn, typer.Option(help="Exit with 1 on a finding of this severity or worse.")
    ] = FailOn.never,
    settings: Settings = NO_SETTINGS,
    stats: Annotated[
        bool, typer.Option("--stats", help="Tell on stderr what took how long.")
    ] = False,
    width: Width = None,
    force: Force = False,
    quiet: Quiet = False,
) -> int:
    """Name the causes of connection trouble, and prove them."""
    from ocpp_forensics import api
    from ocpp_forensics.keep import check_target
    from ocpp_forensics.report.exits import exit_code
    from ocpp_forensics.report.renderers import RENDERERS
    from ocpp_forensics.report.stats import render_stats

    check_output(output, force=force)
    if store is not None:
        check_target(store, force=force)
    with progress(quiet=quiet) as shown:
        request = api.Request(settings, signatures or (), store, shown, sys.stdin.buffer)
        report = api.analyze(paths, request)
    with writer(output) as file:
        file.write(RENDERERS[format_.value](report, look(width, output)))
    if stats:
        sys.stderr.write(render_stats(report))
    return exit_code(report, fail_on.value)


@guarded
def check(
    bundles: Annotated[
        list[Path], typer.Argument(metavar="BUNDLE", help="Folders, archives or files, each one.")
    ],
    accept: Annotated[
        bool, typer.Option("--accept", help="Write what is found as the expected diagnosis.")
    ] = False,
    junit: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write the result as JUnit XML, too.")
    ] = None,
    signatures: Folders = None,
    width: Width = None,
    force: Force = False,
    quiet: Quiet = False,
) -> int:
    """Compare diagnoses of past incidents with the expected ones.

    What is expected of a bundle stands in a folder's expected.json, or in BUNDLE.expected.json
    beside an archive or a file; --accept writes it. A bundle without it is an error.
    """
    from ocpp_forensics import api
    from ocpp_forensics.report.checked import check_code, render_checked, render_junit

    check_output(junit, force=force)
    with progress(quiet=quiet) as shown:
        request = api.Request(signatures=signatures or (), progress=shown)
        results = api.check(bundles, request, accept=accept)
    sys.stdout.write(render_checked(results, look(width, None)))
    if junit is not None:
        with writer(junit) as file:
            file.write(render_junit(results))
    return check_code(results)


@guarded
@with_settings
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
    settings: Settings = NO_SETTINGS,
    width: Width = None,
    force: Force = False,
    quiet: Quiet = False,
) -> int:
    """Show what a self-heal rule would have done to stations.

    Tells which resets it would have sent, and whether they would have helped.
    """
    from ocpp_forensics.replay.policy import sweep as varied
    from ocpp_forensics.replay.policy_file import read_policies
    from ocpp_forensics.replay.renderers import RENDERERS
    from ocpp_forensics.replay.run import exit_code, run_replay

    check_output(output, force=force)
    policies = varied(read_policies(policy or ()), sweep or ())
    with opened(paths, settings, quiet=quiet) as store:
        result = run_replay(store, policies, trace)
        with writer(output) as file:
            file.writelines(RENDERERS[format_.value](result, look(width, output)))
        return exit_code(result, fail_on.value)
