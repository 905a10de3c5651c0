"""What is known of formats and of the files in them, for people.

Reads: formats, FileSurvey. Feeds: `ocppdiag formats detect` and `explain`.
"""

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from ocpp_forensics.dsl.complaints import suggestion
from ocpp_forensics.errors import InputError, Problem
from ocpp_forensics.formats.definition import Format, Sample
from ocpp_forensics.formats.detection import FileSurvey
from ocpp_forensics.report.page import Look, Page
from ocpp_forensics.report.safety import masked_text
from ocpp_forensics.sentences import count_of

__all__ = ["render_format", "render_survey"]


def render_survey(files: Iterable[FileSurvey], look: Look) -> str:
    """One block per file: its format and why, how far it was read, what was not understood."""
    page = Page(look)
    for file in files:
        _add_file(page, file)
    return page.text()


def _add_file(page: Page, file: FileSurvey) -> None:
    page.add((file.path, "bold"), f"  {file.kind}" if file.lines else "")
    score = "" if file.score is None else f", {file.score:.0%} of the lines"
    second = f"; runner-up {file.second[0]}, {file.second[1]:.0%}" if file.second else ""
    page.add(("format  ", "cyan"), f"{file.format}{score}{second}", indent=2)
    page.add(("why     ", "cyan"), file.reason, indent=2)
    if file.lines:
        shares = (
            f"{file.timed:.0%} have a time, {file.named:.0%} a station, {file.told:.0%} a meaning"
        )
        lines = f"{count_of(file.lines, 'line')}, {file.unparsed} of them unparsed; of the records "
        page.add(("read    ", "cyan"), lines + shares, indent=2)
    _add_lines(page, "what we could not read (no time)", file.timeless)
    _add_lines(page, "what we could not read (no meaning)", file.unknown)
    page.blank()


def _add_lines(page: Page, title: str, lines: Sequence[tuple[str, int]]) -> None:
    if lines:
        page.add((f"{title}:", "cyan"), indent=2)
    for sample, count in lines:
        page.add((f"{count:6} x  ", ""), masked_text(sample), indent=2, most=2)


def render_format(formats: Sequence[Format], name: str, look: Look) -> str:
    """What a format reads, with its samples. Errors: InputError where there is none."""
    by_id = {each.id: each for each in formats}
    if name not in by_id:
        hint = suggestion(name, list(by_id)) or "`ocppdiag formats list` tells what there is"
        raise InputError(Problem("unknown-format", f"there is no format '{name}'", help=hint))
    format_ = by_id[name]
    page = Page(look)
    page.add((format_.id, "bold"), f"  {format_.title}")
    page.blank()
    for label, words in _facts(format_):
        page.add((f"{label:12}  ", "cyan"), words, indent=2, most=9)
    for sample in format_.samples:
        _add_sample(page, "sample", sample)
    for sample in format_.not_samples:
        _add_sample(page, "not", sample)
    page.blank()
    page.add(("file          ", "cyan"), _place(format_), indent=2)
    return page.text()


def _facts(format_: Format) -> Iterator[tuple[str, str]]:
    """What a format reads: labels and words."""
    yield "logs of", format_.kind or "any: what stands in the log tells"
    yield "lines", _shape(format_)
    if format_.time_is == "start":
        yield "time", "when that began which a line describes"
    for layout in format_.layouts:
        if layout.pattern:
            yield layout.time, layout.pattern
        if layout.body:
            yield "body", layout.body
    yield from ((field, f"member {' or '.join(members)}") for field, members in format_.keys)
    if format_.requires:
        yield "needs", ", ".join(each.replace("|", " or ") for each in format_.requires)
    if format_.reference:
        yield "see", format_.reference


def _shape(format_: Format) -> str:
    kinds = {"lines": "text", "json": "JSON, one object per line", "logfmt": "key=value pairs"}
    wrapped = "; each carries a line of another format" if format_.wrapper else ""
    return kinds[format_.type] + wrapped


def _add_sample(page: Page, title: str, sample: Sample) -> None:
    page.blank()
    page.add((f"{title:12}  ", "green" if title == "sample" else "yellow"), sample.line, indent=2)
    for name, value in sample.expect:
        page.add((f"              {name:15}  ", "cyan"), value, indent=2)


def _place(format_: Format) -> str:
    path = Path(format_.path)
    return str(path) if format_.own else f"{path.parent.name}/{path.name} of the package"
