"""The commands about what the package knows: signatures and formats."""

import typer

__all__ = ["formats_app", "signatures_app"]

signatures_app = typer.Typer(help="Signatures.", no_args_is_help=True, rich_markup_mode=None)
formats_app = typer.Typer(help="Formats of logs.", no_args_is_help=True, rich_markup_mode=None)
