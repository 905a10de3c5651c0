"""The simulated CSMS: accepts and refuses stations, answers them, pings them, gives them up.

Its timers are those of the stacks in use: a ping with a pong timeout, a read deadline, a dead time
that counts any message or Heartbeats only. It notices what its own socket tells it and no more.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from tests.lookalikes.kernel import Kernel
from tests.lookalikes.network import Channel, Message

__all__ = ["Csms", "CsmsSettings", "Session"]


@dataclass
class CsmsSettings:
    ping_s: float = 0.0
    pong_s: float = 20.0
    drops: bool = False
    """A missed pong ends TCP at once (ws `terminate`) instead of a close frame with 1011."""
    dead_s: float = 0.0
    counts: str = "any"
    deadline_s: float = 0.0
    refuses_duplicates: bool = False
    heartbeat_s: int = 60
    unknown: frozenset[str] = frozenset()
    locked_out: frozenset[str] = frozenset()
    protocols: frozenset[str] = frozenset({"ocpp1.6"})


@dataclass
class Csms:
    kernel: Kernel
    settings: CsmsSettings
    up: bool = True
    sessions: dict[str, "Session"] = field(default_factory=dict)
    after_boot: Callable[["Session"], None] = lambda _session: None

    def tell(self, what: str, station: str, **fields: Any) -> None:
        self.kernel.tell("csms", "", what, station=station, **fields)

    def refusal(self, channel: Channel, protocol: str) -> tuple[str, int] | None:
        """Why an upgrade is refused, and with which status; None when it is welcome."""
        station, set_ = channel.identity, self.settings
        why: tuple[str, int] | None = None
        if station in set_.unknown:
            why = "unknown", 404
        elif station in set_.locked_out:
            why = "unauthorised", 401
        elif protocol not in set_.protocols:
            why = "subprotocol", 400
        elif set_.refuses_duplicates and station in self.sessions:
            why = "duplicate", 409
        if why:
            self.tell("refused_" + why[0], station, peer=channel.peer, status=why[1],
                      protocol=protocol)  # fmt: skip
        return why

    def accept(self, channel: Channel) -> None:
        old = self.sessions.pop(channel.identity, None)
        session = Session(self, channel)
        self.sessions[channel.identity] = session
        channel.csms_end = session
        if old:
            self.tell("replaced", channel.identity, conn=old.conn, peer=old.channel.peer)
            old.close(1000, "replaced by a newer connection", told="close_old")
        session.start()

    def stop(self, code: int | None) -> None:
        """Shut down: with a close frame to everybody, or as a process that is killed."""
        if code is not None:
            self.tell("stopping", "")
        self.up = False
        for session in list(self.sessions.values()):
            if code is not None:
                session.close(code, "service restart" if code == 1012 else "", told="close_self")
            else:
                session.over = True
                session.channel.end_from_csms("eof")
        self.sessions.clear()
        if code is not None:
            self.kernel.after(0.4, lambda: self.tell("stopped", ""))

    def start(self) -> None:
        self.up = True
        self.tell("started", "")


class Session:
    """The CSMS's end of one connection."""

    def __init__(self, csms: Csms, channel: Channel) -> None:
        self.csms = csms
        self.channel = channel
        self.station = channel.identity
        self.kernel = csms.kernel
        self.conn = self.kernel.message_id()
        self.over = False
        self._heard_s = self._counted_s = self.kernel.now
        self._pong_due: float | None = None
        self._calls: dict[str, str] = {}

    def start(self) -> None:
        set_ = self.csms.settings
        self._tell("open")
        if set_.ping_s:
            self.kernel.after(set_.ping_s, self._ping)
        if set_.dead_s:
            self.kernel.after(set_.dead_s, self._count_out)
        if set_.deadline_s:
            self.kernel.after(set_.deadline_s, self._read_deadline)

    def call(self, action: str, payload: dict[str, Any]) -> None:
        if self.over:
            return
        message_id = self.kernel.message_id()
        self._calls[message_id] = action
        message: Message = {"type": "call", "id": message_id, "action": action, "payload": payload}
        self._tell("send", frame=message)
        self.channel.from_csms(message)

    def receive(self, message: Message) -> None:
        if self.over:
            return
        self._heard_s = self.kernel.now
        kind = message["type"]
        if kind == "pong":
            self._pong_due = None
            self._tell("pong")
        elif kind == "ping":
            self.channel.from_csms({"type": "pong"})
        elif kind == "close":
            self._end("close_peer", code=message["code"], reason=message["reason"])
            self.channel.end_from_csms("eof")
        else:
            self._ocpp(message)

    def _ocpp(self, message: Message) -> None:
        self._tell("recv", frame=message)
        if self.csms.settings.counts == "any" or message.get("action") == "Heartbeat":
            self._counted_s = self.kernel.now
        if message["type"] != "call":
            return
        action = message["action"]
        payload: dict[str, Any] = {}
        if action == "BootNotification":
            interval = self.csms.settings.heartbeat_s
            payload = {
                "status": "Accepted",
                "currentTime": self.kernel.instant(),
                "interval": interval,
            }
            self._counted_s = self.kernel.now
        elif action == "Heartbeat":
            payload = {"currentTime": self.kernel.instant()}
        answer: Message = {"type": "result", "id": message["id"], "payload": payload}
        self._tell("send", frame=answer)
        self.channel.from_csms(answer)
        if action == "BootNotification":
            self.csms.after_boot(self)

    def ended(self, how: str) -> None:
        if not self.over:
            self._end("close_" + how, code=1006, reason="")

    def close(self, code: int, reason: str, told: str) -> None:
        if self.over:
            return
        self.channel.from_csms({"type": "close", "code": code, "reason": reason})
        self._end(told, code=code, reason=reason)
        self.channel.end_from_csms("eof")

    def _end(self, what: str, **fields: Any) -> None:
        self.over = True
        if self.csms.sessions.get(self.station) is self:
            del self.csms.sessions[self.station]
        silent_s = self.kernel.now - self._heard_s
        self._tell(what, silent_s=silent_s, counted_s=self.kernel.now - self._counted_s, **fields)

    def _ping(self) -> None:
        if self.over:
            return
        set_ = self.csms.settings
        self._tell("ping")
        sent_s = self._pong_due = self.kernel.now
        self.channel.from_csms({"type": "ping"})
        self.kernel.after(set_.pong_s, lambda: self._expect_pong(sent_s))

    def _expect_pong(self, sent_s: float) -> None:
        set_ = self.csms.settings
        if self.over:
            return
        if self._pong_due != sent_s:
            self.kernel.after(max(set_.ping_s - set_.pong_s, 0.1), self._ping)
        elif set_.drops:
            self._end("close_ping", code=1006, reason="")
            self.channel.end_from_csms("reset")
        else:
            self.close(1011, "keepalive ping timeout", told="close_ping")

    def _count_out(self) -> None:
        if self.over:
            return
        due_s = self._counted_s + self.csms.settings.dead_s
        if self.kernel.now < due_s - 0.0005:
            self.kernel.at(due_s, self._count_out)
            return
        self.close(1000, "", told="close_dead")

    def _read_deadline(self) -> None:
        if self.over:
            return
        due_s = self._heard_s + self.csms.settings.deadline_s
        if self.kernel.now < due_s - 0.0005:
            self.kernel.at(due_s, self._read_deadline)
            return
        self._end("close_deadline", code=1006, reason="")
        self.channel.end_from_csms("eof")

    def _tell(self, what: str, **fields: Any) -> None:
        self.csms.tell(what, self.station, conn=self.conn, peer=self.channel.peer, **fields)
