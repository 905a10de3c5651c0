"""The commands about what the package knows: signatures and formats."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from ocpp_forensics.cli.options import (
    NO_SETTINGS,
    Folders,
    Force,
    Paths,
    Settings,
    Width,
    with_settings,
)
from ocpp_forensics.cli.shell import check_output, guarded, look, write_rows, writer

__all__ = ["formats_app", "signatures_app"]

_FAILED = 1

signatures_app = typer.Typer(
    help="What the package can recognise: list, show, test, lint.",
    no_args_is_help=True,
    rich_markup_mode=None,
)
formats_app = typer.Typer(
    help="Which logs the package can read: list, detect, explain, new, test.",
    no_args_is_help=True,
    rich_markup_mode=None,
)


@signatures_app.command("list")
@guarded
def list_signatures(signatures: Folders = None) -> None:
    """List all signatures."""
    from ocpp_forensics.dsl.library import load_signatures
    from ocpp_forensics.report.knowledge import signature_rows

    write_rows(signature_rows(load_signatures(signatures or ())), "table", None)


@signatures_app.command("show")
@guarded
def show_signature(
    name: Annotated[str, typer.Argument(metavar="ID")], signatures: Folders = None
) -> None:
    """Print one signature as it stands in its file."""
    from ocpp_forensics.dsl.library import load_signatures
    from ocpp_forensics.report.knowledge import find_signature, source_of

    found = find_signature(load_signatures(signatures or ()), name)
    sys.stdout.write("\n".join(source_of(found)) + "\n")


@signatures_app.command("test")
@guarded
def run_signature_tests(
    paths: Annotated[
        list[Path] | None, typer.Argument(metavar="[FILE|DIR...]", help="Default: the package's.")
    ] = None,
) -> int:
    """Run the tests inside signature files; exit with 1 if one fails."""
    from ocpp_forensics.casetests import run_tests
    from ocpp_forensics.dsl.library import load_signatures
    from ocpp_forensics.report.problems import render_all

    library = load_signatures(paths or (), builtin=not paths)
    failures = list(run_tests(library.signatures))
    sys.stdout.write(render_all(failures))
    tests = sum(len(each.tests) for each in library.signatures)
    sys.stdout.write(
        f"{tests} tests of {len(library.signatures)} signatures, {len(failures)} failed\n"
    )
    return _FAILED if failures else 0


@signatures_app.command("lint")
@guarded
def lint(
    paths: Annotated[
        list[Path] | None, typer.Argument(metavar="[FILE|DIR...]", help="Default: the package's.")
    ] = None,
) -> int:
    """Check signature files; exit with 2 if they are wrong, with 1 if they are not finished."""
    from ocpp_forensics.dsl.check import lint_signatures
    from ocpp_forensics.dsl.library import load_signatures
    from ocpp_forensics.report.problems import render_all

    library = load_signatures(paths or (), builtin=not paths)
    problems = lint_signatures(library.signatures)
    sys.stdout.write(render_all(problems))
    sys.stdout.write(f"{len(library.signatures)} signatures, {len(problems)} unfinished points\n")
    return _FAILED if problems else 0


FormatFolders = Annotated[
    list[Path] | None, typer.Option("--formats", metavar="DIR", help="More formats.")
]


@formats_app.command("list")
@guarded
def list_formats(formats: FormatFolders = None) -> None:
    """List all formats."""
    from ocpp_forensics.formats.definition import known_formats
    from ocpp_forensics.report.knowledge import format_rows

    write_rows(format_rows(known_formats(formats or ())), "table", None)


@formats_app.command("detect")
@guarded
@with_settings
def detect(paths: Paths, settings: Settings = NO_SETTINGS, width: Width = None) -> None:
    """Tell which format each file is in and why, how far it was read, and what was not."""
    from ocpp_forensics.bundle import open_bundle
    from ocpp_forensics.report.formats import render_survey
    from ocpp_forensics.settings import read_options
    from ocpp_forensics.survey import surveyed

    with open_bundle(paths, stdin=sys.stdin.buffer) as bundle:
        files = surveyed(bundle, read_options(settings, bundle))
    sys.stdout.write(render_survey(files, look(width, None)))


@formats_app.command("explain")
@guarded
def explain_format(
    name: Annotated[str, typer.Argument(metavar="ID")],
    formats: FormatFolders = None,
    width: Width = None,
) -> None:
    """Tell what a format reads, with its samples."""
    from ocpp_forensics.formats.definition import known_formats
    from ocpp_forensics.report.formats import render_format

    sys.stdout.write(render_format(known_formats(formats or ()), name, look(width, None)))


@formats_app.command("new")
@guarded
def new_format(
    source: Annotated[str, typer.Option("--from", metavar="FILE", help="A log, or -.")],
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="Write to ID.toml; the name is the id.")
    ] = None,
    force: Force = False,
) -> None:
    """Draft a format from the lines of a log: time, level, logger and station as far as found."""
    from ocpp_forensics.bundle import open_bundle
    from ocpp_forensics.drafts import draft_format, slug

    check_output(output, force=force)
    with open_bundle([source], stdin=sys.stdin.buffer) as bundle:
        text = draft_format(bundle, output.stem if output else slug(bundle.name))
    with writer(output) as file:
        file.write(text)


@formats_app.command("test")
@guarded
def run_format_tests(
    paths: Annotated[
        list[Path] | None, typer.Argument(metavar="[FILE|DIR...]", help="Default: the package's.")
    ] = None,
) -> int:
    """Check the samples inside format files; exit with 1 if one is read wrongly."""
    from ocpp_forensics.report.problems import render_all
    from ocpp_forensics.survey import tested

    formats, problems = tested(paths or ())
    sys.stdout.write(render_all(problems))
    sys.stdout.write(f"{formats} formats, {len(problems)} samples read wrongly\n")
    return _FAILED if problems else 0
