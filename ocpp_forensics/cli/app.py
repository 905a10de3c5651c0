"""The program: its commands, in the order in which `--help` lists them.

Reads: arguments. Feeds: the commands.
"""

import sys
from typing import Annotated

import typer

from ocpp_forensics import __version__
from ocpp_forensics.cli.analysis import analyze, check, replay
from ocpp_forensics.cli.asking import query, timeline
from ocpp_forensics.cli.definitions import formats_app, signatures_app
from ocpp_forensics.cli.knowledge import explain, schema
from ocpp_forensics.cli.options import EPILOG

__all__ = ["app"]

app = typer.Typer(
    rich_markup_mode=None,
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _show_version(wanted: bool) -> None:
    if wanted:
        sys.stdout.write(f"ocppdiag {__version__}\n")
        raise typer.Exit


@app.callback(epilog=EPILOG)
def program(
    *,
    version: Annotated[
        bool,
        typer.Option("--version", is_eager=True, callback=_show_version, help="Print the version."),
    ] = False,
) -> None:
    """Log forensics for EV charging: why OCPP connections are lost, with the proof."""


app.command(epilog=EPILOG)(analyze)
app.command(epilog=EPILOG)(check)
app.command(epilog=EPILOG)(timeline)
app.command(epilog=EPILOG)(query)
app.command(epilog=EPILOG)(replay)
app.command()(explain)
app.command()(schema)
app.add_typer(signatures_app, name="signatures")
app.add_typer(formats_app, name="formats")
