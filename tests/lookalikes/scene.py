"""A scene: stations, their links, a proxy or none, a CSMS, and the logs that are left of it all.

The logs may begin in the middle of the stations' lives, some stations have no log, clocks of
stations are off and write local time. All of it follows from the seed.
"""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

from tests.lookalikes.csms import Csms, CsmsSettings
from tests.lookalikes.kernel import Fact, Kernel
from tests.lookalikes.network import Link, Proxy
from tests.lookalikes.station import Front, Habits, Station
from tests.lookalikes.writing import Pen, dialects

__all__ = ["Scene"]

_INTERFACES = {"cellular": "ppp0", "wifi": "wlan0", "wired": "eth0"}
_PATTERNS = ("DE-MUC-{:04}", "CP_{:03}", "LW22-{:06}", "nl.depot.{:02}", "EVB{:05}")


@dataclass
class _Log:
    """The log of one station."""

    dialect: str
    kept: bool
    zone_h: int
    off_s: float
    file: str


def _right(_at_s: float) -> float:
    """A clock that is right."""
    return 0.0


class Scene:
    """Everything of one incident: built by a case, run, then written as a bundle."""

    def __init__(self, cause: str, seed: int) -> None:
        self.cause = cause
        self.seed = seed
        self.random = Random(f"{cause}/{seed}")
        start = datetime(2026, 1, 5, tzinfo=UTC) + timedelta(
            days=self.random.randrange(300), seconds=self.random.randrange(20, 70000)
        )
        self.kernel = Kernel(self.random, start)
        self.csms = Csms(self.kernel, CsmsSettings())
        self.front = Front(self.kernel, self.csms)
        self.stations: dict[str, Station] = {}
        self.affected: set[str] = set()
        self.deciding: set[str] = set()
        """Vantage points whose logs decide: csms, proxy, station, modem, site, check."""
        self.also_right: set[str] = set()
        """Causes that name the same thing as truly as the cause itself."""
        self.acceptable: set[str] = set()
        """Further causes that may be named beside the true one."""
        self.checks: dict[str, str] = {}
        self.from_s = self.random.choice([0.0, 400.0])
        self.until_s = 3600.0
        self._logs: dict[str, _Log] = {}
        self._radios: dict[str, str] = {}
        self._sites: dict[str, tuple[str, str]] = {}
        self.csms_dialect = ""
        self.proxy_dialect = ""
        self._pattern = self.random.choice(_PATTERNS)
        self._numbers = self.random.sample(range(1, 99), 60)
        self._wrong_clock: dict[str, Callable[[float], float]] = {}

    def use_csms(self, mechanism: str, **settings: Any) -> None:
        """Run the CSMS on some stack that has a mechanism."""
        able = [name for name, each in dialects("csms").items() if mechanism in each["does"]]
        self.csms_dialect = self.random.choice(able)
        self.csms.settings = CsmsSettings(**settings)

    def use_proxy(self, idle_s: float | None = None, only: tuple[str, ...] = ()) -> Proxy:
        self.proxy_dialect = self.random.choice(only or tuple(dialects("proxy")))
        address = (
            "10.20.0.6" if self.proxy_dialect in ("haproxy", "envoy", "apache") else "10.20.0.5"
        )
        self.front.proxy = Proxy(self.kernel, idle_s, address)
        return self.front.proxy

    def link(self, kind: str, **options: Any) -> Link:
        low, high = {"cellular": (0.05, 0.16), "wifi": (0.01, 0.04), "wired": (0.004, 0.02)}[kind]
        delay_s = self.random.uniform(low, high)
        return Link(kind, self.address(kind), lambda _now: delay_s, **options)

    def address(self, kind: str = "wired") -> str:
        if kind == "cellular":
            return f"10.19.{self.random.randrange(1, 250)}.{self.random.randrange(2, 250)}"
        return f"203.0.113.{self.random.randrange(2, 250)}"

    def station(
        self, link: Link, habits: Habits | None = None, *, log: bool | None = None,
        start_s: float | None = None,
    ) -> Station:  # fmt: skip
        """A station that powers up within the first two minutes."""
        name = self._pattern.format(self._numbers[len(self.stations)])
        return self.named(name, link, habits, log=log, start_s=start_s)

    def named(
        self, name: str, link: Link, habits: Habits | None = None, *, log: bool | None = None,
        start_s: float | None = None,
    ) -> Station:  # fmt: skip
        station = Station(name, self.front, link, habits or Habits())
        self.stations[name] = station
        kept = self.random.random() < 0.4 if log is None else log
        off_s = self.random.choice([0.0, 0.3, -1.7, 4.0, 95.0, -660.0])
        dialect = self.random.choice([*dialects("station")])
        file = self.random.choice(["cp-{}.log", "{}/ocpp.log", "logs_{}.txt"]).format(name)
        self._logs[name] = _Log(dialect, kept, self.random.choice([0, 1, 2]), off_s, file)
        at_s = self.random.uniform(1, 120) if start_s is None else start_s
        self.kernel.at(at_s, lambda: station.power_up("power-on"))
        return station

    def healthy(
        self, count: int, kinds: tuple[str, ...] = ("wired", "wifi"), **habits: Any
    ) -> None:
        for _ in range(count):
            self.station(self.link(self.random.choice(kinds)), Habits(**habits))

    def modem(self, station: Station, levels: Callable[[float], int] | None = None) -> None:
        """A log of the station's modem, with a sample of the signal every minute."""
        names = [name for name in dialects("modem") if name not in ("switch", "controller")]
        self._radios[station.name] = self.random.choice(names)
        base = self.random.randrange(-101, -84)
        level = levels or (lambda _now: base)

        def sample() -> None:
            rsrp = level(self.kernel.now) + self.random.randrange(-2, 3)
            self.radio(station, "signal", rsrp=rsrp, rsrq=-9 if rsrp > -110 else -17,
                       percent=max(4, min(100, 2 * (rsrp + 126))),
                       csq=max(2, min(28, (rsrp + 127) // 2)))  # fmt: skip
            self.kernel.after(60.0, sample)

        self.kernel.at(5.0, sample)
        self.radio(station, "attach", address=station.link.address)

    def radio(self, station: Station, what: str, **fields: Any) -> None:
        self.kernel.tell("modem", station.name, what, **fields)

    def site(self, name: str, dialect: str) -> Callable[..., None]:
        """A log of a site's router or controller; returns what writes to it."""
        self._sites[name] = (dialect, name)
        return lambda what, **fields: self.kernel.tell("site", name, what, **fields)

    def wrong_clock(self, station: Station, shift_s: Callable[[float], float]) -> None:
        self._wrong_clock[station.name] = shift_s

    def noise(self) -> None:
        """Lines that mean nothing, in every log."""
        owners = [("csms", "", "")]
        owners += [("station", name, name) for name in self.stations]
        owners += [("modem", name, name) for name in self._radios]
        owners += [("site", name, name) for name in self._sites]
        for vantage, owner, station in owners:
            at_s = self.random.uniform(0, 90)
            while at_s < self.until_s:
                fact = Fact(at_s, vantage, owner, "noise", {"station": station})
                self.kernel.facts.append(fact)
                at_s += self.random.expovariate(1 / 100)

    def play(self) -> None:
        self.kernel.run(self.until_s)
        self.noise()
        kept = [fact for fact in self.kernel.facts if fact.at_s >= self.from_s]
        self.kernel.facts = sorted(kept, key=lambda fact: fact.at_s)

    def truth(self) -> dict[str, dict[str, list[str]]]:
        """What is true of each station, as truth.json of a bundle says it."""
        beside = sorted(self.acceptable | self.also_right)
        return {
            name: {
                "root_causes": [self.cause] if name in self.affected else [],
                "acceptable": beside,
            }
            for name in self.stations
        }

    def write(self, folder: Path, without: Collection[str] = ()) -> Path:
        """Write the bundle, without the logs of some vantage points."""
        for path, lines in self._files(without).items():
            target = folder / "logs" / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text("\n".join(lines) + "\n", "utf-8")
        return folder / "logs"

    def _files(self, without: Collection[str]) -> dict[str, list[str]]:
        files = {path: lines for path, lines in self._logs_of(without).items() if lines}
        name = min(self.affected)  # somebody sends at least one log
        return files or {self._logs[name].file: self._station_lines(name)}

    def _logs_of(self, without: Collection[str]) -> dict[str, list[str]]:
        files: dict[str, list[str]] = {}
        if "csms" not in without:
            dialect = dialects("csms")[self.csms_dialect]
            files[dialect["file"]] = self._written("csms", "", dialect, {})
        if "proxy" not in without and self.proxy_dialect:
            files |= self._proxy_files()
        if "station" not in without:
            files |= {log.file: self._station_lines(name) for name, log in self._logs.items()
                      if log.kept or self._told_alone(name)}  # fmt: skip
        if "modem" not in without:
            for name, dialect_name in self._radios.items():
                dialect = dialects("modem")[dialect_name]
                lines = self._written("modem", name, dialect, {"hostname": "gw-" + name.lower()})
                files[dialect["file"].format(name=name)] = lines
        if "site" not in without:
            for name, (dialect_name, _) in self._sites.items():
                dialect = dialects("modem")[dialect_name]
                lines = self._written("site", name, dialect, {"hostname": "rtr-7"})
                files[dialect["file"].format(name=name)] = lines
        return files | (
            {} if "check" in without else {p: t.splitlines() for p, t in self.checks.items()}
        )

    def _told_alone(self, name: str) -> bool:
        """The station's log is what decides: somebody fetched it."""
        return "station" in self.deciding and name in sorted(self.affected)[:3]

    def _station_lines(self, name: str) -> list[str]:
        log, habits = self._logs[name], self.stations[name].habits
        dialect = dialects("station")[log.dialect]
        zone_s = 0.0 if "Z" in dialect["stamp"] else log.zone_h * 3600.0
        wrong = self._wrong_clock.get(name, _right)
        about = {
            "host": "ocpp.example.com", "other_host": "old-ocpp.example.net",
            "protocol": habits.protocol, "pong": int(habits.pong_s), "idle": int(habits.idle_s),
            "hostname": "cp", "why": "", "step": 0,
            "iface": _INTERFACES[self.stations[name].link.kind],
        }  # fmt: skip
        pen = self._pen(dialect, about, lambda at_s: zone_s + log.off_s + wrong(at_s))
        return list(
            pen.write(f for f in self.kernel.facts if f.vantage == "station" and f.owner == name)
        )

    def _proxy_files(self) -> dict[str, list[str]]:
        dialect = dialects("proxy")[self.proxy_dialect]
        lines = self._written("proxy", "", dialect, {"station": "-"})
        errors = [line.removeprefix("error:") for line in lines if line.startswith("error:")]
        kept = [line for line in lines if not line.startswith("error:")]
        return {dialect["file"]: kept} | ({dialect["error_file"]: errors} if errors else {})

    def _written(
        self, vantage: str, owner: str, dialect: dict[str, Any], about: dict[str, Any]
    ) -> list[str]:
        limit_s = self.csms.settings.dead_s or self.csms.settings.deadline_s
        about = {"limit": round(limit_s), "limit_ms": int(limit_s * 1000), "protocol": "", **about}
        facts = (f for f in self.kernel.facts if f.vantage == vantage and f.owner == owner)
        return list(self._pen(dialect, about, _right).write(facts))

    def _pen(
        self, dialect: dict[str, Any], about: dict[str, Any], shift_s: Callable[[float], float]
    ) -> Pen:
        random = Random(f"{self.cause}/{self.seed}/{dialect['layout']}")
        return Pen(dialect, self.kernel.start, random, about, shift_s)
