"""The simulated charging station: connects, boots, beats, waits, gives up, comes back."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from tests.lookalikes.csms import Csms
from tests.lookalikes.kernel import Kernel
from tests.lookalikes.network import Channel, Link, Message, Proxy

__all__ = ["Front", "Habits", "Station"]


@dataclass
class Habits:
    """What firmware decides."""

    heartbeat_s: float = 60.0
    own_clock: bool = False
    """The Heartbeat timer is a task of its own and runs on without a connection."""
    jitter_s: float = 0.02
    answer_s: float = 30.0
    """An unanswered CALL ends the connection after this time."""
    ping_s: float = 0.0
    pong_s: float = 10.0
    idle_s: float = 0.0
    """The station closes a connection on which it heard nothing for so long."""
    meter_s: float = 0.0
    retry_s: float = 5.0
    growth: float = 2.0
    retry_cap_s: float = 120.0
    spread: float = 0.2
    boot_s: float = 35.0
    protocol: str = "ocpp1.6"
    boots_again: bool = False
    """BootNotification after a mere reconnect."""


@dataclass
class Front:
    """What a station meets when it dials: a proxy or none, TLS, and the CSMS."""

    kernel: Kernel
    csms: Csms
    proxy: Proxy | None = None
    tls_faults: dict[str, str] = field(default_factory=dict)
    """Per station: why its TLS handshake fails now."""
    port: int = 40000

    def dial(self, station: "Station") -> None:
        self.port += self.kernel.random.randrange(1, 9)
        peer = f"{station.link.address}:{30000 + self.port % 30000}"
        channel = Channel(self.kernel, station.link, self.proxy, station.identity, peer)
        fault = self.tls_faults.get(station.name)
        if fault:
            self.kernel.tell("proxy" if self.proxy else "csms", "", "tls_" + fault, peer=peer)
            station.failed("tls_" + fault)
        elif not self.csms.up and not self.proxy:
            station.failed("tcp_refused")
        else:
            self._upgrade(station, channel)

    def _upgrade(self, station: "Station", channel: Channel) -> None:
        why = self._refusal(station, channel)
        if not why:
            self.csms.accept(channel)
            channel.station_end = station
            station.opened(channel)
            return
        reason, status, told_by_csms = why
        if self.proxy:
            self.kernel.tell(
                "proxy", "", "answered", station=station.identity, peer=channel.peer,
                status=status, reason=reason, upstream=told_by_csms, took_s=0.004, bytes=180,
            )  # fmt: skip
        station.failed("refused", status=status, reason=reason)

    def _refusal(self, station: "Station", channel: Channel) -> tuple[str, int, bool] | None:
        proxy = self.proxy
        if proxy and proxy.limit(self.kernel.now):
            return "limited", 429, False
        if proxy and not self.csms.up:
            return "no_backend", 503 if proxy.address.endswith("6") else 502, False
        if proxy and not proxy.passes_upgrade:
            self.csms.tell("refused_upgrade", station.identity, peer=channel.peer, status=426)
            return "upgrade", 426, True
        refusal = self.csms.refusal(channel, station.habits.protocol)
        return (*refusal, True) if refusal else None


class Station:
    """One device. Two devices can carry one identity: then `name` tells their logs apart."""

    def __init__(self, name: str, front: Front, link: Link, habits: Habits) -> None:
        self.name = self.identity = name
        self.front = front
        self.kernel = front.kernel
        self.link = link
        self.habits = habits
        self.firmware = "3.1.4"
        self.serial = f"{self.kernel.random.getrandbits(40):010x}".upper()
        self.channel: Channel | None = None
        self.powered = True
        self.beats = True
        self.booted = False
        self.tries = 0
        self.obey: Callable[[str], None] = lambda _action: None
        """What a command of the CSMS makes the firmware do."""
        self._life = 0
        self._heard_s = 0.0
        self._waiting: dict[str, float] = {}

    def tell(self, what: str, **fields: Any) -> None:
        self.kernel.tell("station", self.name, what, station=self.identity, **fields)

    def power_up(self, why: str) -> None:
        self.powered = True
        self.booted = False
        self.tell("banner", why=why)
        self.kernel.after(self.habits.boot_s, self._life_only(self.connect))
        if self.habits.own_clock:
            self.kernel.after(self.habits.heartbeat_s, self._life_only(self._tick))

    def power_down(self) -> None:
        """Everything stops at once, without a last word."""
        self.powered = False
        self._life += 1
        channel, self.channel = self.channel, None
        if channel:
            channel.station_end = None

    def connect(self) -> None:
        if self.channel or not self.powered:
            return
        self.tell("connecting")
        if self.link.up:
            self.front.dial(self)
        else:
            self.failed(self.link.down_says, status=503)

    def failed(self, what: str, **fields: Any) -> None:
        self.tell(what, **fields)
        self._again()

    def opened(self, channel: Channel) -> None:
        self.channel = channel
        self.tries = 0
        self._waiting.clear()
        self._heard_s = self.kernel.now
        self.tell("connected")
        habits = self.habits
        if not self.booted or habits.boots_again:
            self.booted = True
            self.call("BootNotification", self._boot_payload())
            self.call("StatusNotification", {"connectorId": 1, "errorCode": "NoError",
                      "status": "Available"})  # fmt: skip
        if not habits.own_clock:
            self._each(habits.heartbeat_s, self._beat)
        self._each(habits.meter_s, self._meter)
        self._each(habits.ping_s, self._ping)
        if habits.idle_s:
            self.kernel.after(habits.idle_s, self._on(channel, self._idle))

    def call(self, action: str, payload: dict[str, Any]) -> None:
        channel = self.channel
        if not channel:
            return
        message_id = self.kernel.message_id()
        message: Message = {"type": "call", "id": message_id, "action": action, "payload": payload}
        self._waiting[message_id] = self.kernel.now
        self.tell("send", frame=message)
        channel.from_station(message)
        self.kernel.after(
            self.habits.answer_s, self._on(channel, lambda: self._expect(message_id, action))
        )

    def receive(self, message: Message) -> None:
        channel = self.channel
        if not channel:
            return
        self._heard_s = self.kernel.now
        kind = message["type"]
        if kind == "ping":
            channel.from_station({"type": "pong"})
        elif kind == "close":
            channel.from_station({"type": "close", "code": message["code"], "reason": ""})
            self._lost("closed_peer", code=message["code"], reason=message["reason"])
        elif kind == "result":
            self._waiting.pop(message["id"], None)
            self.tell("recv", frame=message)
        elif kind == "call":
            self.tell("recv", frame=message)
            answer: Message = {
                "type": "result",
                "id": message["id"],
                "payload": {"status": "Accepted"},
            }
            self.tell("send", frame=answer)
            channel.from_station(answer)
            self.obey(message["action"])

    def ended(self, how: str) -> None:
        if self.channel:
            self._lost("closed_" + how, code=1006, reason="")

    def closed(self, code: int, reason: str) -> None:
        """A controller between station and CSMS ends the connection with a close frame."""
        if self.channel:
            self.channel.station_end = None
            self._lost("closed_peer", code=code, reason=reason)

    def hang_up(self, told: str, code: int | None, reason: str = "") -> None:
        """The station ends the connection: with a close frame, or by closing the socket."""
        channel = self.channel
        if not channel:
            return
        if code is not None:
            channel.from_station({"type": "close", "code": code, "reason": reason})
            channel.station_end = None
        else:
            channel.end_from_station("eof")
        self._lost(told, code=code or 1006, reason=reason)

    def _lost(self, what: str, **fields: Any) -> None:
        self.channel = None
        silent_s = self.kernel.now - self._heard_s
        self.tell(what, silent_s=silent_s, **fields)
        self._again()

    def _again(self) -> None:
        habits = self.habits
        wait_s = min(habits.retry_s * habits.growth ** min(self.tries, 12), habits.retry_cap_s)
        wait_s *= 1 + habits.spread * self.kernel.random.uniform(-1, 1)
        self.tries += 1
        self.tell("retry_in", seconds=round(wait_s, 1), attempt=self.tries)
        self.kernel.after(wait_s, self._life_only(self.connect))

    def _expect(self, message_id: str, action: str) -> None:
        if message_id in self._waiting:
            self.tell("unanswered", action=action, id=message_id, seconds=self.habits.answer_s)
            self.hang_up("gave_up", None)

    def _beat(self) -> None:
        if self.beats:
            self.call("Heartbeat", {})

    def _tick(self) -> None:
        habits = self.habits
        self._beat()
        wait_s = habits.heartbeat_s + self.kernel.random.uniform(-1, 1) * habits.jitter_s
        self.kernel.after(wait_s, self._life_only(self._tick))

    def _meter(self) -> None:
        value = {"value": f"{self.kernel.random.randrange(1000, 90000)}", "unit": "Wh"}
        meter = [{"timestamp": self.kernel.instant(), "sampledValue": [value]}]
        self.call("MeterValues", {"connectorId": 1, "meterValue": meter})

    def _ping(self) -> None:
        channel, sent_s = self.channel, self.kernel.now
        if not channel:
            return
        channel.from_station({"type": "ping"})
        self.kernel.after(self.habits.pong_s, self._on(channel, lambda: self._expect_pong(sent_s)))

    def _expect_pong(self, sent_s: float) -> None:
        if self._heard_s < sent_s:
            self.hang_up("pong_missing", None)

    def _idle(self) -> None:
        channel = self.channel
        due_s = self._heard_s + self.habits.idle_s
        if channel and self.kernel.now < due_s - 0.0005:
            self.kernel.at(due_s, self._on(channel, self._idle))
            return
        self.hang_up("idle_close", 1001, "idle timeout")

    def _each(self, period_s: float, action: Callable[[], None]) -> None:
        channel = self.channel
        if not period_s or not channel:
            return

        def again() -> None:
            action()
            jitter_s = self.kernel.random.uniform(-1, 1) * self.habits.jitter_s
            self.kernel.after(period_s + jitter_s, self._on(channel, again))

        self.kernel.after(period_s, self._on(channel, again))

    def _on(self, channel: Channel, action: Callable[[], None]) -> Callable[[], None]:
        """Only while this very connection stands."""

        def act() -> None:
            if self.channel is channel:
                action()

        return act

    def _life_only(self, action: Callable[[], None]) -> Callable[[], None]:
        """Only until the power goes."""
        life = self._life

        def act() -> None:
            if self._life == life:
                action()

        return act

    def _boot_payload(self) -> dict[str, Any]:
        return {
            "chargePointVendor": "Lichtwerk",
            "chargePointModel": "LW-22",
            "firmwareVersion": self.firmware,
            "chargePointSerialNumber": self.serial,
        }
