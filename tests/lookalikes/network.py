"""Links and TCP connections: what delivers a packet, loses it, or cuts the connection.

A packet vanishes when the link is down, when the address changed since the connection opened, or
when a NAT on the way forgot the quiet mapping. Nobody is told of that.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Protocol

from tests.lookalikes.kernel import Kernel

__all__ = ["Channel", "End", "Link", "Proxy"]

Message = dict[str, Any]


@dataclass
class Link:
    """The way of one station (or of one site) to the internet."""

    kind: str
    address: str
    delay_s: Callable[[float], float]
    nat_s: float | None = None
    nat_resets: bool = False
    up: bool = True
    down_says: str = "no_route"
    """What an attempt meets while the link is down."""
    epoch: int = 0
    """Grows when the address changes: connections of an older epoch are dead."""

    def new_address(self, address: str) -> None:
        self.address = address
        self.epoch += 1


class End(Protocol):
    """One side of a connection."""

    def receive(self, message: Message) -> None: ...

    def ended(self, how: str) -> None:
        """The other side, or a middlebox, ended TCP: `eof` or `reset`."""


@dataclass
class Proxy:
    """A reverse proxy in front of the CSMS."""

    kernel: Kernel
    idle_s: float | None
    address: str = "10.20.0.5"
    passes_upgrade: bool = True
    limit: Callable[[float], bool] = lambda _now: False
    """Whether an attempt at this instant is throttled."""
    tls: bool = True

    def ended(self, channel: "Channel", how: str) -> None:
        self.kernel.tell(
            "proxy", "", "session", station=channel.identity, peer=channel.peer, how=how,
            took_s=self.kernel.now - channel.opened_s, status=101, bytes=channel.bytes,
        )  # fmt: skip


@dataclass
class Channel:
    """One TCP connection from a station to the CSMS, with the proxy in between if there is one."""

    kernel: Kernel
    link: Link
    proxy: Proxy | None
    identity: str
    peer: str
    station_end: End | None = None
    csms_end: End | None = None
    opened_s: float = 0.0
    bytes: int = 160
    open: bool = True
    _epoch: int = 0
    _mapping_s: float = 0.0
    _byte_s: float = 0.0
    _forgotten: bool = False
    _in_flight_s: dict[str, float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        now = self.kernel.now
        self.opened_s = self._mapping_s = self._byte_s = now
        self._epoch = self.link.epoch
        if self.proxy and self.proxy.idle_s:
            self.kernel.at(now + self.proxy.idle_s, self._watch)

    def from_station(self, message: Message) -> None:
        if not self.open:
            return
        if self._passes() or self._held():
            self._deliver("csms", message)
        elif self._forgotten and self.link.nat_resets and self.link.up:
            self.kernel.after(0.1, lambda: self._cut_station("reset"))

    def from_csms(self, message: Message) -> None:
        if not self.open:
            return
        self._byte_s = self.kernel.now
        if self._passes() or self._held():
            self._deliver("station", message)

    def end_from_station(self, how: str) -> None:
        """The station closes its socket; nobody hears of it on a dead path."""
        self.station_end = None
        if self.open and self._passes():
            self.kernel.after(self.link.delay_s(self.kernel.now), lambda: self._cut_csms(how))

    def end_from_csms(self, how: str) -> None:
        self.csms_end = None
        if not self.open:
            return
        self.open = False
        if self.proxy:
            self.proxy.ended(self, {"eof": "server", "reset": "server-reset"}[how])
        if self._passes():
            self.kernel.after(self.link.delay_s(self.kernel.now), lambda: self._cut_station(how))

    def cut(self) -> None:
        """The proxy ends the connection to both sides."""
        self._cut_csms("eof")
        self._cut_station("eof")

    def _passes(self) -> bool:
        now, link = self.kernel.now, self.link
        if link.nat_s and now - self._mapping_s > link.nat_s:
            self._forgotten = True
        alive = link.up and link.epoch == self._epoch and not self._forgotten
        if alive:
            self._mapping_s = now
        return alive

    def _held(self) -> bool:
        """The link is down but may come back: TCP sends again until then."""
        return not self.link.up and self.link.epoch == self._epoch and not self._forgotten

    def _deliver(self, to: str, message: Message, wait_s: float = 1.0) -> None:
        now = self.kernel.now
        if not self._passes():
            if self.open and self._held():
                again_s = min(wait_s * 2, 60.0)
                self.kernel.after(wait_s, lambda: self._deliver(to, message, again_s))
            return
        arrives_s = max(now + self.link.delay_s(now), self._in_flight_s.get(to, 0.0) + 0.001)
        self._in_flight_s[to] = arrives_s
        self.bytes += 60

        def arrive() -> None:
            end = self.csms_end if to == "csms" else self.station_end
            if to == "csms":
                self._byte_s = self.kernel.now
            if end and (self.open or message["type"] == "close"):
                end.receive(message)

        self.kernel.at(arrives_s, arrive)

    def _watch(self) -> None:
        """The proxy's idle timer: either direction counts."""
        if not self.open or not self.proxy or not self.proxy.idle_s:
            return
        due_s = self._byte_s + self.proxy.idle_s
        if self.kernel.now < due_s - 0.0005:
            self.kernel.at(due_s, self._watch)
            return
        self.open = False
        self.proxy.ended(self, "idle")
        self._cut_csms_end("eof")
        if self._passes():
            self.kernel.after(self.link.delay_s(self.kernel.now), lambda: self._cut_station("eof"))

    def _cut_csms(self, how: str) -> None:
        if not self.open:
            return
        self.open = False
        if self.proxy:
            self.proxy.ended(self, {"eof": "client", "reset": "client-reset"}[how])
        self._cut_csms_end(how)

    def _cut_csms_end(self, how: str) -> None:
        end, self.csms_end = self.csms_end, None
        if end:
            end.ended(how)

    def _cut_station(self, how: str) -> None:
        end, self.station_end = self.station_end, None
        if end:
            end.ended(how)
