"""Causes by which a station is refused, or pushed out, or never gets through."""

from collections.abc import Callable
from functools import partial
from typing import Any

from tests.lookalikes.csms import Session
from tests.lookalikes.scene import Scene
from tests.lookalikes.station import Habits, Station

__all__ = ["CASES"]


def _outcasts(scene: Scene, habits: Habits | None = None, count: int = 2) -> list[Station]:
    stations = []
    for _ in range(scene.random.randrange(1, count + 1)):
        link = scene.link(scene.random.choice(["wired", "cellular"]))
        each = scene.station(link, habits or Habits(), log=scene.random.random() < 0.6)
        scene.affected.add(each.name)
        stations.append(each)
    scene.healthy(4)
    return stations


def _rejecting_csms(scene: Scene, **settings: Any) -> None:
    scene.use_csms("rejects", heartbeat_s=60, **settings)
    if scene.random.random() < 0.5:
        scene.use_proxy(None)
    scene.until_s = 2400.0


def unknown_station(scene: Scene) -> None:
    _rejecting_csms(scene)
    scene.deciding = {"csms"}
    _outcasts(scene)
    scene.csms.settings.unknown = frozenset(scene.affected)


def authentication_rejected(scene: Scene) -> None:
    _rejecting_csms(scene)
    scene.deciding = {"csms"}
    _outcasts(scene)
    scene.csms.settings.locked_out = frozenset(scene.affected)


def subprotocol_mismatch(scene: Scene) -> None:
    _rejecting_csms(scene)
    scene.deciding = {"csms"}
    _outcasts(scene, Habits(protocol="ocpp2.0.1"))


def proxy_upgrade_blocked(scene: Scene) -> None:
    """A change of the proxy's configuration loses the upgrade headers; the reload cut everybody."""
    scene.use_csms("rejects", heartbeat_s=60)
    proxy = scene.use_proxy(None)
    scene.deciding = {"proxy"}
    scene.until_s = 2400.0
    proxy.passes_upgrade = scene.random.random() < 0.3
    scene.affected = {each.name for each in _outcasts(scene, count=3)}
    scene.affected |= set(scene.stations)
    if proxy.passes_upgrade:
        scene.kernel.at(900.0, lambda: _lose_headers(scene))
        scene.acceptable = {"proxy-reload"}


def _lose_headers(scene: Scene) -> None:
    proxy = scene.front.proxy
    if proxy:
        proxy.passes_upgrade = False
    for session in list(scene.csms.sessions.values()):
        session.channel.cut()


def csms_unavailable(scene: Scene) -> None:
    pick = scene.random
    scene.use_csms("proxy-only", heartbeat_s=60)
    scene.use_proxy(None)
    scene.deciding = {"proxy"}
    scene.until_s = 3000.0
    for _ in range(pick.randrange(3, 7)):
        scene.affected.add(scene.station(scene.link("wired"), log=pick.random() < 0.5).name)
    at_s = pick.uniform(700, 1000)
    scene.kernel.at(at_s, lambda: scene.csms.stop(None))
    scene.kernel.at(at_s + pick.uniform(800, 1200), scene.csms.start)
    scene.acceptable = {"csms-restart", "csms-crash", "reconnect-storm"}


def zombie_session(scene: Scene) -> None:
    """The site's router forgets its connections; the CSMS holds them and turns newcomers away."""
    pick = scene.random
    scene.use_csms("refuse-duplicates", heartbeat_s=60, refuses_duplicates=True,
                   dead_s=pick.choice([600.0, 900.0]))  # fmt: skip
    scene.deciding = {"csms"}
    stations = _outcasts(scene, Habits(heartbeat_s=60, answer_s=20, retry_cap_s=60), 2)
    for station in stations:
        scene.kernel.at(pick.uniform(700, 900), partial(_renumber, station))
        scene.kernel.at(pick.uniform(2100, 2300), partial(_renumber, station))
    scene.acceptable = {"carrier-nat-expiry", "local-network-flap", "cellular-ip-change",
                        "heartbeat-timeout", "ws-ping-timeout"}  # fmt: skip


def _renumber(station: Station) -> None:
    station.link.epoch += 1


def duplicate_identity(scene: Scene) -> None:
    pick = scene.random
    scene.use_csms("duplicates", heartbeat_s=60)
    scene.deciding = {"csms"}
    scene.until_s = 2400.0
    habits = Habits(heartbeat_s=60, retry_s=pick.choice([10.0, 20.0, 30.0]), growth=1.0)
    first = scene.station(scene.link("wired"), habits, log=pick.random() < 0.7)
    scene.affected.add(first.name)
    twin = scene.named(first.name + "-spare", scene.link("wired"), habits, log=False,
                       start_s=pick.uniform(500, 800))  # fmt: skip
    twin.identity = first.name
    twin.habits = Habits(**{**vars(habits), "boots_again": pick.random() < 0.5})
    scene.healthy(4)


def _restarts(scene: Scene, station: Station, why: str) -> Callable[[], None]:
    def restart() -> None:
        if station.channel:
            station.power_down()
            scene.kernel.after(2.0, lambda: station.power_up(why))

    return restart


def station_boot_loop(scene: Scene) -> None:
    pick = scene.random
    mechanism, settings = pick.choice([
        ("ping-frame", {"ping_s": 20.0, "pong_s": 20.0}), ("deadline", {"deadline_s": 90.0}),
        ("duplicates", {}),
    ])  # fmt: skip
    scene.use_csms(mechanism, heartbeat_s=60, **settings)
    scene.deciding = {"station"}
    station = scene.station(scene.link(pick.choice(["wired", "cellular"])))
    scene.affected.add(station.name)
    why = pick.choice(["task watchdog", "TG1WDT_SYS_RESET", "brown-out", "kernel panic"])
    restart = _restarts(scene, station, why)
    at_s = 500.0
    while at_s < scene.until_s - 100:
        scene.kernel.at(at_s, restart)
        at_s += pick.uniform(150, 330)
    scene.healthy(4)


def csms_induced_reboot(scene: Scene) -> None:
    """The CSMS writes a configuration at every boot that makes the station restart."""
    pick = scene.random
    mechanism, settings = pick.choice([
        ("ping-frame", {"ping_s": 20.0, "pong_s": 20.0}), ("deadline", {"deadline_s": 90.0}),
        ("duplicates", {}),
    ])  # fmt: skip
    scene.use_csms(mechanism, heartbeat_s=60, **settings)
    scene.deciding = {"csms"}
    station = scene.station(scene.link("wired"), log=pick.random() < 0.6)
    scene.affected.add(station.name)
    scene.healthy(4)
    key = pick.choice(["WebSocketPingInterval", "AuthorizationKey", "SecurityProfile"])
    restart = _restarts(scene, station, pick.choice(["software request", "SW_CPU_RESET"]))

    def configure(session: Session) -> None:
        payload = {"key": key, "value": str(pick.choice([1, 30, 60]))}
        delay_s = pick.uniform(3, 15)
        scene.kernel.after(delay_s, lambda: session.call("ChangeConfiguration", payload))

    def obey(action: str) -> None:
        if action == "ChangeConfiguration":
            scene.kernel.after(pick.uniform(4, 20), restart)

    scene.csms.after_boot = configure
    station.obey = obey


CASES = {
    "proxy-upgrade-blocked": proxy_upgrade_blocked,
    "unknown-station": unknown_station,
    "authentication-rejected": authentication_rejected,
    "subprotocol-mismatch": subprotocol_mismatch,
    "zombie-session-blocks-reconnect": zombie_session,
    "csms-unavailable": csms_unavailable,
    "duplicate-identity": duplicate_identity,
    "station-boot-loop": station_boot_loop,
    "csms-induced-reboot": csms_induced_reboot,
}
