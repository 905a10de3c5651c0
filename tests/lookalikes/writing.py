"""Facts in, log lines out: each vantage point writes what it noticed in its own words."""

import json
import tomllib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from random import Random
from typing import Any

from tests.lookalikes.kernel import Fact

__all__ = ["Pen", "dialects"]

_NAMES = {1000: "OK", 1001: "going away", 1006: "abnormal closure", 1008: "policy violation",
          1011: "internal error", 1012: "service restart"}  # fmt: skip
_NET = {1000: "NormalClosure", 1001: "EndpointUnavailable", 1011: "InternalServerError"}


@cache
def dialects(vantage: str) -> dict[str, dict[str, Any]]:
    """All dialects of a vantage point, by name."""
    path = Path(__file__).parent / "dialects" / f"{vantage}.toml"
    return tomllib.loads(path.read_text("utf-8"))


@dataclass
class Pen:
    """Writes one log file in one dialect, by one clock."""

    dialect: Mapping[str, Any]
    start: datetime
    random: Random
    about: dict[str, Any]
    """What every line may mention: host, limit, station, hostname ..."""
    shift_s: Callable[[float], float] = lambda _at_s: 0.0
    """How far the clock of this log is off at an instant."""

    def __post_init__(self) -> None:
        self._thread = self.random.randrange(20, 60)
        self._error_level = self.random.choice(["error", "error", "info"])

    def write(self, facts: Iterable[Fact]) -> Iterator[str]:
        for fact in facts:
            yield from self.lines(fact)

    def lines(self, fact: Fact) -> Iterator[str]:
        """The lines that this log has of a fact: none where the software says nothing."""
        if fact.vantage == "proxy":
            yield from self._proxy_lines(fact)
            return
        values = self._values(fact)
        says = self.dialect["says"]
        choices = says.get(f"{fact.what}_{values.get('status')}", says.get(fact.what, []))
        if fact.vantage in ("modem", "site"):
            for text in choices:
                yield self.dialect["layout"].format(**values, text=text.format(**values))
            return
        for template in choices:
            level, tag, text = template.split("|", 2)
            yield self._line(values, self.dialect["levels"][level], tag, text)

    def _line(self, values: dict[str, Any], level: str, tag: str, text: str) -> str:
        text = text.format(**values)
        self._thread = 20 + (self._thread * 7 + 3) % 43
        line: str = self.dialect["layout"].format(
            **values, level=level, tag=tag.format(**values), text=text, thread=self._thread,
            text_json=json.dumps(text), text_escaped=text.replace('"', '\\"'),
        )  # fmt: skip
        return line

    def _values(self, fact: Fact) -> dict[str, Any]:
        shown = self._shown(fact.at_s)
        peer = fact.fields.get("peer", "-:-")
        code, reason = fact.fields.get("code", 1000), fact.fields.get("reason", "")
        silent_s, counted_s = (fact.fields.get(key, 0.0) for key in ("silent_s", "counted_s"))
        seconds = fact.fields.get("seconds", 0.0)
        return {
            **self.about, **fact.fields,
            "ts": self.stamp(shown, self.dialect["stamp"]),
            "syslog": self.stamp(shown, self.dialect.get("syslog", "")),
            "iso": shown.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
            "epoch_ms": int(shown.timestamp() * 1000),
            "uptime_ms": int((fact.at_s % 86400) * 1000) + 40211,
            "pid": self.about.get("pid", 1187),
            "ip": peer.rpartition(":")[0], "port": peer.rpartition(":")[2],
            "codename": _NAMES.get(code, "private use"), "netname": _NET.get(code, str(code)),
            "reason_or_null": reason or "null", "reason_colon": f": {reason}" if reason else "",
            "silent_ms": int(silent_s * 1000), "silent_whole": round(silent_s),
            "counted_ms": int(counted_s * 1000), "counted_whole": round(counted_s),
            "seconds_ms": int(seconds * 1000), "seconds_whole": round(seconds),
            "number": self.random.randrange(100, 900), "small": self.random.randrange(2, 9),
            "frame": self._frame(fact.fields.get("frame")),
        }  # fmt: skip

    def _frame(self, message: dict[str, Any] | None) -> str:
        if not message:
            return ""
        parts: list[Any] = [2, message["id"], message.get("action"), message["payload"]]
        if message["type"] == "result":
            parts = [3, message["id"], message["payload"]]
        return json.dumps(parts, separators=(",", ":"))

    def _proxy_lines(self, fact: Fact) -> Iterator[str]:
        values = self._values(fact)
        dialect = self.dialect
        if fact.what.startswith("tls_"):
            yield from self._tls_lines(fact.what[4:], values)
            return
        how = fact.fields.get("how") or fact.fields["reason"]
        took_s = fact.fields["took_s"]
        began = self._shown(fact.at_s - took_s)
        reached = fact.fields["status"] == 101 or fact.fields.get("upstream")
        if dialect["at"] == "start":
            values["ts"] = self.stamp(began, dialect["stamp"])
        values |= {
            "took": f"{took_s:.3f}", "took_ms": int(took_s * 1000), "took_us": int(took_s * 1e6),
            "state": dialect.get("states", {}).get(how, "----"),
            "flag": dialect.get("flags", {}).get(how, "-"),
            "backend": "csms/s1" if reached else "csms/<NOSRV>",
            "upstream_or_dash": "10.20.0.9:9000" if reached or how == "no_backend" else "-",
            "upstream_status": fact.fields["status"] if reached or how == "no_backend" else "-",
        }  # fmt: skip
        yield dialect["layout"].format(**values)
        yield from self._error_line(dialect.get("errors", {}).get(how), values, fact.at_s)

    def _error_line(self, error: str | None, values: dict[str, Any], at_s: float) -> Iterator[str]:
        if not error:
            return
        level, text = error.split("|", 1)
        if level == "error" or self._error_level == "info":
            stamp = self.stamp(self._shown(at_s), self.dialect["error_stamp"])
            values = {**values, "ts": stamp}
            yield "error:" + self.dialect["error_layout"].format(**values, level=level, text=text)

    def _tls_lines(self, fault: str, values: dict[str, Any]) -> Iterator[str]:
        tls = self.dialect.get("tls", {})
        if "layout" in tls:
            yield tls["layout"].format(**values)
        elif fault in tls and self._error_level == "info":
            level, text = tls[fault].split("|", 1)
            stamp = values["iso"][:19].replace("-", "/").replace("T", " ")
            yield (
                f"error:{stamp} [{level}] 812#812: *{values['number']} {text}, "
                f"client: {values['ip']}, server: 0.0.0.0:443"
            )

    def _shown(self, at_s: float) -> datetime:
        return self.start + timedelta(seconds=at_s + self.shift_s(at_s))

    @staticmethod
    def stamp(shown: datetime, layout: str) -> str:
        return shown.strftime(layout.replace("{ms}", f"{shown.microsecond // 1000:03}"))
