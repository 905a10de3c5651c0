"""The arguments and options that several commands share, each said once.

Reads: nothing. Feeds: the commands.
"""

import inspect
from collections.abc import Callable, Mapping, Sequence
from enum import StrEnum
from functools import wraps
from pathlib import Path
from typing import Annotated, ParamSpec, TypeVar

import typer

__all__ = [
    "EPILOG", "NO_SETTINGS", "FailOn", "Folders", "Force", "Output", "Paths", "PathsOrStore",
    "Quiet", "ReplayFailOn", "ReplayFormat", "ReportFormat", "RowsFormat", "Settings",
    "TimelineFormat", "Width", "with_settings",
]  # fmt: skip

_Args = ParamSpec("_Args")
_Result = TypeVar("_Result")

EPILOG = """\b
Exit codes:
  0    done, and no finding at or above --fail-on
  1    a finding at or above --fail-on, a difference, or a failed test
  2    wrong usage, options or definitions
  3    nothing usable was given
  4    done, but incomplete: something could not be read (see the warnings)
  130  interrupted
"""


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
    open_ocpp_trace = "open-ocpp-trace"


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
    typer.Argument(metavar="PATH", help="Folders, files, archives, or - for standard input."),
]
PathsOrStore = Annotated[
    list[str], typer.Argument(metavar="PATH|STORE", help="Logs, or one kept store.")
]
Folders = Annotated[
    list[Path] | None, typer.Option("--signatures", metavar="DIR", help="More signatures.")
]
Output = Annotated[Path | None, typer.Option("--output", "-o", help="Write to a file.")]
Width = Annotated[int | None, typer.Option(min=40, max=1000, help="Columns of text.")]
Force = Annotated[bool, typer.Option("--force", help="Replace files that exist.")]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="Show no progress.")]

Settings = Mapping[str, Sequence[str] | None]
"""What the user knows better than the logs: texts KEY=VALUE by name of the option."""

NO_SETTINGS: Settings = {}

_SETTINGS = {
    "tz": ("GLOB=ZONE", "Zone of logs that write none."),
    "format-of": ("GLOB=ID", "Format of some logs."),
    "station-of": ("GLOB=ID", "Station that logs belong to."),
    "link": ("STATION=LINK", "Link: cellular, wired or wifi."),
    "formats": ("DIR", "More formats."),
    "log-format": ("[GLOB=]SERVER:STRING", "Log format as nginx, haproxy or apache have it."),
}


def with_settings(command: Callable[_Args, _Result]) -> Callable[_Args, _Result]:
    """A command that takes the settings as options of its own, and gets them as `settings`."""
    shape = inspect.signature(command)
    options = {name.replace("-", "_"): name for name in _SETTINGS}

    @wraps(command)
    def run(*args: _Args.args, **given: _Args.kwargs) -> _Result:
        given["settings"] = {name: given.pop(option) for option, name in options.items()}
        return command(*args, **given)

    parameters: list[inspect.Parameter] = []
    for each in shape.parameters.values():
        parameters += map(_setting, _SETTINGS) if each.name == "settings" else [each]
    run.__dict__["__signature__"] = shape.replace(parameters=parameters)
    return run


def _setting(name: str) -> inspect.Parameter:
    """One setting as a parameter that typer makes an option of."""
    metavar, text = _SETTINGS[name]
    option = typer.Option(f"--{name}", metavar=metavar, help=text)
    return inspect.Parameter(
        name.replace("-", "_"),
        inspect.Parameter.POSITIONAL_OR_KEYWORD,
        default=None,
        annotation=Annotated[list[str] | None, option],
    )
