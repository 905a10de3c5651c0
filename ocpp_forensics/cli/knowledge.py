"""The commands that explain: explain, schema.

Reads: arguments. Feeds: the api. Every command is a call and a result.
"""

import sys
from typing import Annotated

import typer

from ocpp_forensics.cli.shell import guarded, look

__all__ = ["explain", "schema"]


@guarded
def explain(
    cause: Annotated[str, typer.Argument(metavar="CAUSE", help="Such as tls-sni-missing.")],
) -> None:
    """Tell what a cause means, what to check first, how to mend it and how it is decided."""
    from ocpp_forensics.dsl.library import load_signatures
    from ocpp_forensics.report.knowledge import render_cause

    sys.stdout.write(render_cause(cause, load_signatures(), look(None, None)))


@guarded
def schema(name: Annotated[str, typer.Argument(metavar="report|expected|replay")]) -> None:
    """Print the JSON Schema of a result."""
    from ocpp_forensics.report.json import schema_text

    sys.stdout.write(schema_text(name))
