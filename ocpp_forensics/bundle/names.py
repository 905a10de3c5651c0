"""Names of members: what is refused, what is left out, and how the rest is shown."""

import re
import unicodedata

_UNSAFE_CATEGORIES = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})
_REPLACEMENT = "\N{REPLACEMENT CHARACTER}"
_LONGEST = 1000
_JUNK = frozenset({"__MACOSX", "Thumbs.db"})
_DRIVE = re.compile(r"[A-Za-z]:")


def clean(text: str) -> str:
    """The text without anything that could steer a terminal, cut to a bearable length."""
    if not text.isprintable():
        text = "".join(
            _REPLACEMENT if unicodedata.category(char) in _UNSAFE_CATEGORIES else char
            for char in text
        )
    return text if len(text) <= _LONGEST else text[:_LONGEST] + "…"


def with_slashes(name: str) -> str:
    """The name of an archive entry with the separators of Windows turned into '/'."""
    return name.replace("\\", "/")


def refusal(name: str) -> str | None:
    """Why an archive entry of this name is not opened; None when the name is harmless."""
    parts = name.split("/")
    if name.startswith("/"):
        return "its name is absolute"
    if _DRIVE.match(name):
        return "its name starts with a drive letter"
    if ".." in parts:
        return "its name climbs out of the archive with '..'"
    if not any(part not in {"", "."} for part in parts):
        return "it has no name"
    return None


def tidy(name: str) -> str:
    """The name without empty and '.' parts."""
    return "/".join(part for part in name.split("/") if part not in {"", "."})


def left_out(name: str) -> str | None:
    """The leading part of a tidy name that is hidden or junk of a desktop; None when it is not."""
    parts = name.split("/")
    for at, part in enumerate(parts):
        if part.startswith(".") or part in _JUNK:
            return "/".join(parts[: at + 1])
    return None


class Names:
    """Gives every member its own path."""

    def __init__(self) -> None:
        self._taken: set[str] = set()
        self._next: dict[str, int] = {}

    def claim(self, path: str) -> str:
        """The path itself, or the path with ' (2)', ' (3)' ... when it is taken."""
        if path not in self._taken:
            self._taken.add(path)
            return path
        count = self._next.get(path, 2)
        while (other := f"{path} ({count})") in self._taken:
            count += 1
        self._next[path] = count + 1
        self._taken.add(other)
        return other
