"""The configuration of nginx: which location serves a path, what it passes on, what it waits for.

Reads: configuration files, `nginx -T` dumps. Feeds: documents. Values are inherited as nginx does:
a block without `proxy_set_header` takes all of those of the block around it.
Source: https://nginx.org/en/docs/http/ngx_http_proxy_module.html
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from fnmatch import fnmatchcase

from ocpp_forensics.checks.told import Told, seconds_of

__all__ = ["read_nginx"]

_TOKEN = re.compile(
    r"""\s+|\#[^\n]*|"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'|[{};]"""
    r"""|(?:\$\{[^}]*\}|\\.|[^\s{};])+""",
    re.DOTALL,
)
_DUMPED = re.compile(r"^# configuration file (?P<path>.+):$", re.MULTILINE)
_DEFAULT_TIMEOUT_S = {"proxy_read_timeout": 60.0, "proxy_timeout": 600.0}
_TOLD = "configuration of nginx"
_INSIDE = {"if", "limit_except", "events"}
"""Blocks of which the directives count like those beside them."""

_DEEPEST = 50
"""Blocks stand in each other so deep at most; what is deeper is read as if it stood there."""

_HARMLESS = re.compile(r"mime\.types$|(?:fastcgi|uwsgi|scgi|proxy)_params$|\bmodules?\b|modules-")
"""Included files that set neither time-outs nor headers for WebSockets."""

_MAIN = {"http", "events", "stream"}
"""Blocks of the file that nginx is started with; no other includes it."""


@dataclass(slots=True)
class _Directive:
    """One directive; `block` is None for a simple one. `file` and `line` say where it stands."""

    name: str
    args: tuple[str, ...]
    file: str
    line: int
    block: "list[_Directive] | None" = None


@dataclass(frozen=True, slots=True)
class _Block:
    """What holds inside a block: the last of each simple directive, and all headers.

    `partial`: a file is included here or around it that is not in the bundle, so that what is not
    set may be set there.
    """

    host: str | None = None
    path: str | None = None
    single: Mapping[str, _Directive] = field(default_factory=dict)
    headers: tuple[_Directive, ...] = ()
    partial: bool = False


def read_nginx(texts: Mapping[str, str]) -> Iterator[tuple[str, Told]]:
    """The facts in some configuration files, by path; included files are read where they stand."""
    files = {
        name: _parsed(text, name, first)
        for path, whole in texts.items()
        for name, text, first in _split(path, whole)
    }
    main = {name for name in files if any(each.name in _MAIN for each in files[name])}
    patterns = [each.args[0] for name in files for each in _walk(files[name], "include")]
    for name in files:
        if name in main or not any(_includes(pattern, name) for pattern in patterns):
            parts = {other: block for other, block in files.items() if other not in main}
            yield from _block(_expanded(files[name], parts), _Block())


def _split(path: str, whole: str) -> Iterator[tuple[str, str, int]]:
    """The files of a dump: name, text and number of the first line; a lone file is itself."""
    marks = list(_DUMPED.finditer(whole))
    if not marks:
        yield path, whole, 1
        return
    for mark, after in zip(marks, [*marks[1:], None], strict=True):
        end = after.start() if after else len(whole)
        yield (
            f"{path}\0{mark['path']}",
            whole[mark.end() : end],
            whole.count("\n", 0, mark.end()) + 1,
        )


def _parsed(text: str, name: str, first: int) -> list[_Directive]:
    """The directives of a text; what is cut off is read as far as it goes."""
    root: list[_Directive] = []
    stack = [root]
    words: list[str] = []
    line = begun = first
    for token in _TOKEN.findall(text):
        if token in {";", "{"} and words:
            directive = _Directive(words[0], tuple(words[1:]), name, begun)
            stack[-1].append(directive)
            if token == "{":
                directive.block = []
                stack.append(directive.block if len(stack) < _DEEPEST else stack[-1])
            words = []
        elif token == "}":
            stack = stack[:-1] or [root]
            words = []
        elif not token.isspace() and not token.startswith("#") and token not in {";", "{"}:
            begun = begun if words else line
            words.append(token.strip("\"'") if token[0] in "\"'" else token)
        line += token.count("\n")
    return root


def _walk(directives: Iterable[_Directive], name: str) -> Iterator[_Directive]:
    for each in directives:
        if each.name == name and each.args:
            yield each
        yield from _walk(each.block or (), name)


def _includes(pattern: str, name: str) -> bool:
    """Whether an include means a file: as many of the last parts as the file's path has fit."""
    wanted, known = pattern.strip("/").split("/"), name.rpartition("\0")[2].strip("/").split("/")
    size = min(len(wanted), len(known), 2)
    return all(
        fnmatchcase(part, glob) for part, glob in zip(known[-size:], wanted[-size:], strict=True)
    )


def _expanded(
    directives: Iterable[_Directive], files: Mapping[str, list[_Directive]]
) -> list[_Directive]:
    """Directives with those of included files in place of the includes, none inside itself.

    The include of a file that is not there stays; a dump has all files that there are.
    """
    found: list[_Directive] = []
    for each in directives:
        if each.name == "include" and each.args:
            names = sorted(name for name in files if _includes(each.args[0], name))
            if not names and "\0" not in each.file and not _HARMLESS.search(each.args[0]):
                found.append(each)
            for name in names:
                others = {other: block for other, block in files.items() if other != name}
                found += _expanded(files[name], others)
        elif each.block is not None:
            found.append(replace(each, block=_expanded(each.block, files)))
        else:
            found.append(each)
    return found


def _block(directives: Iterable[_Directive], around: _Block) -> Iterator[tuple[str, Told]]:
    """The facts of all servers and locations in a block."""
    own = _flat(directives)
    here = _inside(own, around)
    for each in own:
        if each.name == "location" and each.block is not None:
            yield from _location(each, here)
        elif each.name == "server" and each.block is not None:
            yield from _server(each, here)
        elif each.block is not None and each.name not in _INSIDE:
            yield from _block(each.block, here)


def _flat(directives: Iterable[_Directive]) -> list[_Directive]:
    """Directives, and those that stand under a condition beside them."""
    return [
        each
        for one in directives
        for each in (one, *(_flat(one.block or ()) if one.name in _INSIDE else ()))
    ]


def _inside(own: Iterable[_Directive], around: _Block) -> _Block:
    simple = [each for each in own if each.block is None]
    headers = tuple(each for each in simple if each.name == "proxy_set_header")
    single = {**around.single, **{each.name: each for each in simple}}
    partial = around.partial or "include" in {each.name for each in simple}
    return replace(around, single=single, headers=headers or around.headers, partial=partial)


def _server(server: _Directive, around: _Block) -> Iterator[tuple[str, Told]]:
    own = _flat(server.block or ())
    names = [name for each in own if each.name == "server_name" for name in each.args]
    named = " ".join(name for name in names if name not in {"_", ""})
    here = replace(_inside(own, around), host=named or None)
    if "proxy_pass" in here.single:  # a server of the module stream
        yield from _proxied(here, "proxy_timeout")
    yield from _block(own, here)


def _location(location: _Directive, around: _Block) -> Iterator[tuple[str, Told]]:
    own = _flat(location.block or ())
    words = " ".join(location.args)
    sign = re.match(r"(=|\^~|~\*|~)\s*", words)
    path = f"{sign[1]} {words[sign.end() :]}" if sign else words
    passed = {name: each for name, each in around.single.items() if name != "proxy_pass"}
    here = replace(_inside(own, replace(around, single=passed)), path=path)
    if path.startswith("@"):
        return
    if "proxy_pass" in here.single:
        yield from _proxied(here, "proxy_read_timeout")
    else:
        yield _told("proxy_target", "", location, here)
    yield from _block([each for each in own if each.block is not None], here)


def _proxied(here: _Block, timer: str) -> Iterator[tuple[str, Told]]:
    """The facts of one place that leads to a backend."""
    target = here.single["proxy_pass"]
    yield _told("proxy_target", " ".join(target.args), target, here)
    limit = here.single.get(timer)
    default = None if here.partial else _DEFAULT_TIMEOUT_S[timer]
    seconds = seconds_of(" ".join(limit.args), "s") if limit else default
    if seconds is not None:
        basis = _TOLD if limit else f"default of nginx: {timer} {seconds:g}s"
        yield _told("proxy_idle_timeout_s", f"{seconds:g}", limit or target, here, basis)
    for name in ("limit_req", "limit_conn"):
        if name in here.single:
            words = " ".join((name, *here.single[name].args))
            yield _told("proxy_request_limit", words, here.single[name], here)
    yield from _connections(here)
    if timer == "proxy_read_timeout":
        yield from _upgrade(here)


def _connections(here: _Block) -> Iterator[tuple[str, Told]]:
    """How many stations all workers together can serve: each takes a connection on both sides."""
    each, workers = (here.single.get(f"worker_{name}") for name in ("connections", "processes"))
    sizes = [one.args[0] if one and one.args else "1" for one in (each, workers)]
    if each is not None and all(size.isdigit() for size in sizes):
        limit = int(sizes[0]) * int(sizes[1]) // 2
        yield _told("proxy_connection_limit", str(limit), each, here)


def _upgrade(here: _Block) -> Iterator[tuple[str, Told]]:
    """Whether a location passes the upgrade on; nothing where that depends on nginx's version.

    Without proxy_http_version it is 1.0 before nginx 1.29.7, and 1.1 since.
    """
    headers = {each.args[0].lower(): each for each in here.headers if each.args}
    asks = headers.get("upgrade")
    connection = headers.get("connection")
    version = here.single.get("proxy_http_version")
    if asks is None or connection is None:
        missing = _told("proxy_passes_upgrade", "false", here.single["proxy_pass"], here)
        yield from () if here.partial else (missing,)
    elif not re.search(r"(?i)upgrade|\$", " ".join(connection.args[1:])):
        yield _told("proxy_passes_upgrade", "false", connection, here)
    elif not re.search(r"(?i)websocket|\$", " ".join(asks.args[1:])):
        yield _told("proxy_passes_upgrade", "false", asks, here)
    elif version is not None:
        passes = "false" if version.args == ("1.0",) else "true"
        yield _told("proxy_passes_upgrade", passes, version if passes == "false" else asks, here)


def _told(
    key: str, value: str, directive: _Directive, here: _Block, basis: str = _TOLD
) -> tuple[str, Told]:
    """A fact with the path of the file in which it stands."""
    path = directive.file.partition("\0")[0]
    return path, Told(key, value, directive.line, "path", basis, here.host, here.path)
