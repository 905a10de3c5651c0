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
    help="What can be recognised, and signatures of your own.",
    no_args_is_help=True,
    rich_markup_mode=None,
)
formats_app = typer.Typer(
    help="Which logs can be read, and formats of your own.",
    no_args_is_help=True,
    rich_markup_mode=None,
)


OwnFiles = Annotated[
    list[Path] | None, typer.Argument(metavar="FILE|DIR", help="Default: the package's own.")
]


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


@signatures_app.command("fields")
@guarded
def list_fields(
    stream: Annotated[
        str | None, typer.Argument(metavar="STREAM", help="Such as lost or modem.detach.")
    ] = None,
) -> None:
    """List the streams that signatures speak of, or fields of one."""
    from ocpp_forensics.report.knowledge import field_rows, stream_rows

    write_rows(stream_rows() if stream is None else field_rows(stream), "table", None)


@signatures_app.command("new")
@guarded
def new_signature(
    name: Annotated[str, typer.Argument(metavar="ID", help="Name of the new signature.")],
    cause: Annotated[str, typer.Option(metavar="CAUSE", help="Cause or advice it concludes.")],
    explains: Annotated[
        str | None,
        typer.Option(metavar="SYMPTOM", help="Such as connection_lost; default: as the cause's."),
    ] = None,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", metavar="FILE", help="Default: ID.sig.")
    ] = None,
    signatures: Folders = None,
    force: Force = False,
) -> None:
    """Write the draft of a signature that passes its own tests."""
    from ocpp_forensics.dsl.draft import draft_of
    from ocpp_forensics.dsl.library import load_signatures

    text = draft_of(name, cause, explains, load_signatures(signatures or ()))
    target = output or Path(f"{name}.sig")
    check_output(target, force=force)
    with writer(target) as file:
        file.write(text)
    sys.stdout.write(
        f"wrote {target}\nnext: change it, then `ocppdiag signatures test {target}`; "
        "`ocppdiag analyze --signatures` takes its folder\n"
    )


@signatures_app.command("test")
@guarded
def run_signature_tests(paths: OwnFiles = None, signatures: Folders = None) -> int:
    """Run the tests inside signature files.

    Exits with 1 where one fails.
    """
    from ocpp_forensics.casetests import run_tests
    from ocpp_forensics.dsl.library import load_own
    from ocpp_forensics.report.problems import render_all
    from ocpp_forensics.sentences import count_of

    chosen = load_own([*(paths or ()), *(signatures or ())])
    failures = list(run_tests(chosen))
    sys.stdout.write(render_all(failures))
    tests = count_of(sum(len(each.tests) for each in chosen), "test")
    sys.stdout.write(f"{tests} of {count_of(len(chosen), 'signature')}, {len(failures)} failed\n")
    return _FAILED if failures else 0


@signatures_app.command("lint")
@guarded
def lint(paths: OwnFiles = None, signatures: Folders = None) -> int:
    """Check signature files for what is wrong or unfinished.

    Exits with 2 where something is wrong, with 1 where something is unfinished.
    """
    from ocpp_forensics.dsl.check import lint_signatures
    from ocpp_forensics.dsl.library import load_own
    from ocpp_forensics.report.problems import render_all
    from ocpp_forensics.sentences import count_of

    chosen = load_own([*(paths or ()), *(signatures or ())])
    problems = lint_signatures(chosen)
    sys.stdout.write(render_all(problems))
    found = count_of(len(problems), "unfinished point")
    sys.stdout.write(f"{count_of(len(chosen), 'signature')}, {found}\n")
    return _FAILED if problems else 0


FormatFolders = Annotated[
    list[Path] | None, typer.Option("--formats", metavar="DIR", help="More formats.")
]


@formats_app.command("list")
@guarded
def list_formats(formats: FormatFolders = None) -> None:
    """List all formats."""
    from ocpp_forensics.checks.definition import load_checks
    from ocpp_forensics.formats.definition import known_formats
    from ocpp_forensics.report.knowledge import format_rows

    write_rows(format_rows([*known_formats(formats or ()), *load_checks()]), "table", None)


@formats_app.command("detect")
@guarded
@with_settings
def detect(paths: Paths, settings: Settings = NO_SETTINGS, width: Width = None) -> None:
    """Tell which format each file is in, and why.

    Tells, too, how far each file was read, and what was not.
    """
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
    """Draft a format from the lines of a log.

    It has time, level, logger and station as far as they were found.
    """
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
    paths: OwnFiles = None,
) -> int:
    """Check the samples inside format files.

    Exits with 1 where one is read wrongly.
    """
    from ocpp_forensics.report.problems import render_all
    from ocpp_forensics.survey import tested

    formats, problems = tested(paths or ())
    sys.stdout.write(render_all(problems))
    sys.stdout.write(f"{formats} formats, {len(problems)} samples read wrongly\n")
    return _FAILED if problems else 0
