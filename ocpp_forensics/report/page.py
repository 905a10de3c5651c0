"""A page of text: lines wrapped to a width, with or without colours.

Everything that is put on a page is made harmless first: no text of a log can move the cursor, set
a colour or be read as markup. The only module of the reports that knows rich.
"""

import io
from dataclasses import dataclass

from rich.console import Console
from rich.text import Text

from ocpp_forensics.report.safety import plain

__all__ = ["Look", "Page"]

_LONGEST = 2000
"""Characters of a text that are looked at at all; no page shows more."""


@dataclass(frozen=True, slots=True)
class Look:
    """How a page is to look. Units: `width` in columns."""

    width: int = 100
    colour: bool = False


class Page:
    """Lines in the order in which they were added."""

    def __init__(self, look: Look) -> None:
        self.width = max(look.width, 40)
        self._console = Console(
            file=io.StringIO(),
            width=self.width,
            force_terminal=look.colour,
            color_system="standard" if look.colour else None,
            no_color=not look.colour,
            legacy_windows=False,
            _environ={},
        )
        self._lines: list[Text] = []

    def __len__(self) -> int:
        return len(self._lines)

    def blank(self) -> None:
        """Add an empty line."""
        self._lines.append(Text())

    def add(self, *pieces: str | tuple[str, str], indent: int = 0, most: int = 3) -> None:
        """Add a paragraph of at most `most` lines; a piece is a text, or a text and its style.

        Lines after the first one stand under the end of the first piece where that is a label
        (ends in two blanks).
        """
        text = Text(" " * indent)
        for piece in pieces:
            words, style = (piece, "") if isinstance(piece, str) else piece
            text.append(plain(words[:_LONGEST]), style)
        label = plain(pieces[0][0]) if isinstance(pieces[0], tuple) else ""
        hang = indent + len(label) if label.endswith("  ") and len(pieces) > 1 else indent
        self._lines.extend(self._wrapped(text, hang if hang <= self.width // 2 else indent, most))

    def _wrapped(self, text: Text, hang: int, most: int) -> list[Text]:
        first = text[:hang]
        room = self.width - first.cell_len
        body = text[hang:].wrap(self._console, room, overflow="fold")
        lines = list(body)
        if len(lines) > most:
            lines = lines[:most]
            lines[-1].truncate(room - 1)
            lines[-1].rstrip()
            lines[-1].append("…")
        for line in lines:
            line.rstrip()
        return [
            Text.assemble(first if not number else " " * first.cell_len, line)
            for number, line in enumerate(lines)
        ]

    def extend(self, other: "Page") -> None:
        """Add all lines of another page."""
        self._lines.extend(other._lines)

    def text(self) -> str:
        """The page as text; it ends with a newline."""
        with self._console.capture() as capture:
            for line in self._lines:
                self._console.print(line, no_wrap=True, overflow="ignore", crop=False)
        rows = capture.get().splitlines()
        return "\n".join(row.rstrip() for row in rows) + "\n"
