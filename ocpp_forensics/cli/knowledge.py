"""The commands that explain: explain, schema.

Reads: arguments. Feeds: the api. Every command is a call and a result.
"""

import sys
from typing import Annotated

import typer

from ocpp_forensics.cli.options import Folders, Width
from ocpp_forensics.cli.shell import guarded, look

__all__ = ["explain", "schema"]


@guarded
def explain(
    name: Annotated[
        str,
        typer.Argument(
            metavar="CAUSE|INCIDENT",
            help="Cause, advice or signature, or the id of an incident such as I1.",
        ),
    ],
    report: Annotated[
        str | None,
        typer.Argument(metavar="REPORT", help="JSON report, kept store, or - for stdin."),
    ] = None,
    signatures: Folders = None,
    width: Width = None,
) -> None:
    """Explain a cause, advice, a signature or an incident.

    Tells what it means, how it is decided, what looks alike and what separates them, what to check
    first and how to mend it. With a report also what that found, with the lines that prove it.
    """
    from ocpp_forensics import api
    from ocpp_forensics.dsl.library import load_signatures
    from ocpp_forensics.report.explain import render_explanation

    library = load_signatures(signatures or ())
    findings = None if report is None else api.read_report(report, sys.stdin.buffer)
    sys.stdout.write(render_explanation(name, library, findings, look(width, None)))


@guarded
def schema(name: Annotated[str, typer.Argument(metavar="report|expected|replay")]) -> None:
    """Print the JSON Schema of a result."""
    from ocpp_forensics.report.json import schema_text

    sys.stdout.write(schema_text(name))
