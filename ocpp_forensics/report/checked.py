"""What `ocppdiag check` found, for people and for CI.

Reads: Checked. Feeds: the command line. JUnit XML as CI servers read it: one suite, one case per
bundle.
"""

from collections.abc import Sequence
from xml.etree import ElementTree as ET

from ocpp_forensics.model import Checked
from ocpp_forensics.report.page import Look, Page
from ocpp_forensics.report.safety import UNSAFE, plain
from ocpp_forensics.sentences import count_of

__all__ = ["check_code", "render_checked", "render_junit"]

_STATES = {
    "same": ("as expected", "green"),
    "differs": ("", "bold red"),
    "accepted": ("accepted", "yellow"),
    "unusable": ("cannot be used", "bold red"),
}
_MARKS = {
    "new": ("+ new  ", "green"), "gone": ("- gone  ", "red"), "changed": ("~ changed  ", "yellow"),
}  # fmt: skip
_DIFFERS, _UNUSABLE, _INCOMPLETE = 1, 3, 4


def check_code(results: Sequence[Checked]) -> int:
    """3 where a bundle is unusable; else 1 where one differs; else 4 where one is incomplete."""
    states = {each.state for each in results}
    if "unusable" in states:
        return _UNUSABLE
    if "differs" in states:
        return _DIFFERS
    return _INCOMPLETE if any(each.incomplete for each in results) else 0


def render_checked(results: Sequence[Checked], look: Look) -> str:
    """The differences of every bundle, and a count of the results."""
    page = Page(look)
    for each in results:
        _add_bundle(page, each)
    counts = [
        (sum(each.state == state for each in results), word)
        for state, word in (
            ("same", "as expected"), ("differs", "different"), ("accepted", "accepted"),
            ("unusable", "unusable"),
        )
    ]  # fmt: skip
    said = ", ".join(f"{number} {word}" for number, word in counts if number)
    page.add(f"{count_of(len(results), 'bundle')}: {said}")
    return page.text()


def _add_bundle(page: Page, result: Checked) -> None:
    words, style = _STATES[result.state]
    if result.state == "differs" or (result.state == "accepted" and result.differences):
        counted = count_of(len(result.differences), "difference")
        words = f"{words}, {counted}" if words else counted
    page.add((f"{result.bundle}: ", "bold"), (words, style))
    for each in result.differences:
        text = f"{each.what} {each.name}: {'; '.join(each.details)}"
        page.add(_MARKS[each.kind], text, indent=2, most=6)
    for problem in result.problems:
        page.add(problem.message, indent=2)
    if result.incomplete:
        page.add("not all of it could be read: `ocppdiag analyze` tells what", indent=2)


def render_junit(results: Sequence[Checked]) -> str:
    """JUnit XML; a difference is a failure, a bundle that cannot be used an error."""
    totals = {
        "tests": str(len(results)),
        "failures": str(sum(each.state == "differs" for each in results)),
        "errors": str(sum(each.state == "unusable" for each in results)),
        "time": f"{sum(each.seconds for each in results):.3f}",
    }
    root = ET.Element("testsuites", totals)
    suite = ET.SubElement(root, "testsuite", {"name": "ocppdiag check", "skipped": "0", **totals})
    for each in results:
        _add_case(suite, each)
    ET.indent(root)
    text = ET.tostring(root, encoding="unicode")
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{text}\n'


def _add_case(suite: ET.Element, result: Checked) -> None:
    case = ET.SubElement(suite, "testcase", {
        "classname": "ocppdiag.check", "name": _xml(result.bundle), "time": f"{result.seconds:.3f}",
    })  # fmt: skip
    if result.state == "differs":
        lines = [
            f"{each.kind} {each.what} {each.name}: {'; '.join(each.details)}"
            for each in result.differences
        ]
        message = count_of(len(lines), "difference")
        failure = ET.SubElement(case, "failure", {"message": message, "type": "difference"})
        failure.text = "\n".join(map(_xml, lines))
    elif result.state == "unusable":
        lines = [_xml(each.message) for each in result.problems]
        error = ET.SubElement(case, "error", {"message": lines[0], "type": result.problems[0].code})
        error.text = "\n".join(lines)


def _xml(text: str) -> str:
    """The text without what XML cannot hold and what could steer a terminal."""
    return UNSAFE.sub("", plain(text))
