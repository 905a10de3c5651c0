"""What touches the terminal: streams, errors and their exit codes, output files, progress."""

import os
import shutil
import signal
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from functools import wraps
from pathlib import Path
from types import FrameType
from typing import IO, TYPE_CHECKING, Any, NoReturn, ParamSpec

import typer

from ocpp_forensics.errors import InputError, NoInputError, OcppdiagError, Problem

if TYPE_CHECKING:
    from ocpp_forensics.report.page import Look
    from ocpp_forensics.store import Store

__all__ = [
    "check_output", "draft_of", "guarded", "look", "opened", "prepare_streams", "progress",
    "write_parquet", "write_rows", "write_trace", "writer",
]  # fmt: skip

_Args = ParamSpec("_Args")

USAGE, NO_INPUT, INTERRUPTED, PIPE_CLOSED = 2, 3, 130, 141


def prepare_streams() -> None:
    """Let no character that the terminal cannot show end the program."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")


def guarded(command: Callable[_Args, int | None]) -> Callable[_Args, None]:
    """A command whose errors are shown as text, and that ends with an exit code."""

    @wraps(command)
    def run(*args: _Args.args, **options: _Args.kwargs) -> None:
        signal.signal(signal.SIGTERM, _interrupt)
        try:
            code = command(*args, **options) or 0
            sys.stdout.flush()
        except OcppdiagError as error:
            from ocpp_forensics.report.problems import render_problems

            sys.stderr.write(render_problems(error))
            code = NO_INPUT if isinstance(error, NoInputError) else USAGE
        except KeyboardInterrupt:
            sys.stderr.write("interrupted\n")
            code = INTERRUPTED
        except BrokenPipeError:
            # Whoever read the output has seen enough; what is left goes nowhere.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            code = PIPE_CLOSED
        raise typer.Exit(code)

    return run


def _interrupt(_signal: int, _frame: FrameType | None) -> NoReturn:
    raise KeyboardInterrupt


def check_output(output: Path | None, *, force: bool) -> None:
    """Refuse, before any work is done, to write over a file. Errors: InputError."""
    if output is not None and output.is_file() and not force:
        message = f"{output} exists already"
        raise InputError(Problem("output-exists", message, help="say --force to replace it"))


def look(width: int | None, output: Path | None) -> "Look":
    """How a text is to look where it goes: coloured and as wide as the terminal, or plain."""
    from ocpp_forensics.report.page import Look

    terminal = output is None and sys.stdout.isatty()
    columns = shutil.get_terminal_size((100, 30)).columns if output is None else 100
    if output is None and not terminal and sys.stderr.isatty():
        columns = min(columns, os.get_terminal_size(sys.stderr.fileno()).columns)
    colour = terminal and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"
    return Look(width or min(columns, 140), colour)


@contextmanager
def progress(*, quiet: bool) -> Iterator[Callable[[int, int], None]]:
    """A progress bar on stderr where that is a terminal; called with bytes read and in all."""
    if quiet or not sys.stderr.isatty():
        yield lambda _done, _total: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (TextColumn("analyzing"), BarColumn(), DownloadColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("reading", total=None)

        def show(done: int, total: int) -> None:
            # Compressed files give more than their size: how much more is not known.
            bar.update(task, completed=done, total=total if done <= total else None)

        yield show


@contextmanager
def opened(
    paths: Sequence[str], settings: Mapping[str, Sequence[str] | None], *, quiet: bool
) -> Iterator["Store"]:
    """The timeline of logs, or a kept store, to be asked."""
    from ocpp_forensics import api

    with ExitStack() as stack:
        with progress(quiet=quiet) as shown:
            request = api.Request(settings, progress=shown, stdin=sys.stdin.buffer)
            store = stack.enter_context(api.open_timeline(paths, request))
        yield store


@contextmanager
def writer(output: Path | None) -> Iterator[IO[str]]:
    """Where a text goes: stdout, or a file that appears when it is complete."""
    if output is None:
        yield sys.stdout
        return
    with (
        draft_of(output) as draft,
        draft.open("w", encoding="utf-8", errors="replace", newline="") as file,
    ):
        yield file


@contextmanager
def draft_of(output: Path) -> Iterator[Path]:
    """A file beside the output that takes its place when all is written; a device is itself."""
    if output.exists() and not output.is_file():
        yield output
        return
    draft = output.with_name(f".{output.name}.{os.getpid()}.part")
    try:
        yield draft
        draft.replace(output)
    except OSError as error:
        message = f"{output} cannot be written ({error.strerror})"
        raise InputError(Problem("output-failed", message)) from error
    finally:
        draft.unlink(missing_ok=True)


def write_rows(
    rows: tuple[Sequence[str], Iterable[Sequence[Any]]], format_: str, output: Path | None
) -> None:
    """Write rows with the names of their columns."""
    from ocpp_forensics.report.rows import ROW_FORMATS

    with writer(output) as file:
        file.writelines(ROW_FORMATS[format_](*rows))


def write_trace(store: "Store", chosen: tuple[str, Mapping[str, Any]], output: Path | None) -> None:
    """Write the messages of a query as Open OCPP Trace, and say how many it cannot hold."""
    from ocpp_forensics.report.open_trace import OpenTrace

    trace = OpenTrace()
    with writer(output) as file:
        file.writelines(trace.lines(store.stream(*chosen)[1]))
    if trace.left_out:
        sys.stderr.write(
            f"warning: {trace.left_out} messages were left out: cut, or without time or direction\n"
        )


def write_parquet(
    store: "Store", chosen: tuple[str, Mapping[str, Any]], output: Path | None
) -> None:
    """Write the rows of a query as a Parquet file. Errors: InputError where no file is named."""
    from ocpp_forensics import keep
    from ocpp_forensics.report.safety import masked_text

    if output is None:
        message = "Parquet is no text for a terminal"
        raise InputError(Problem("output-missing", message, help="name a file with --output"))
    with draft_of(output) as draft:
        keep.write_parquet(store.batches(*chosen), draft, masked_text)
