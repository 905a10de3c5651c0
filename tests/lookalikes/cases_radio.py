"""Causes that lie in the radio and the mobile data session."""

from collections.abc import Callable

from tests.lookalikes.scene import Scene
from tests.lookalikes.station import Habits, Station

__all__ = ["CASES"]


def _stage(scene: Scene, answer_s: float = 30.0) -> Station:
    """One cellular station with a modem log among healthy ones, at a CSMS that pings or waits."""
    pick = scene.random
    mechanism = pick.choice(["ping-frame", "ping-drop", "deadline", "dead", "java-ping"])
    settings = {
        "ping-frame": {"ping_s": 30.0, "pong_s": 20.0},
        "ping-drop": {"ping_s": 30.0, "pong_s": 29.0, "drops": True},
        "java-ping": {"ping_s": 60.0, "pong_s": 30.0, "drops": True},
        "deadline": {"deadline_s": 150.0},
        "dead": {"dead_s": 180.0},
    }[mechanism]
    scene.use_csms(mechanism, heartbeat_s=60, **settings)
    if pick.random() < 0.4:
        scene.use_proxy(None, only=("nginx", "haproxy", "apache"))
    scene.deciding = {"modem"}
    scene.acceptable = {"network-unreachable"}
    habits = Habits(heartbeat_s=60, answer_s=answer_s, retry_s=8)
    station = scene.station(scene.link("cellular"), habits, log=pick.random() < 0.7)
    scene.affected.add(station.name)
    scene.healthy(2)
    other = scene.station(scene.link("cellular"))
    scene.modem(other)
    return station


def _again_and_again(scene: Scene, action: Callable[[], None], times: int) -> None:
    at_s = scene.random.uniform(600, 800)
    for _ in range(times):
        scene.kernel.at(at_s, action)
        at_s += scene.random.uniform(450, 700)


def _interface_down(scene: Scene, station: Station, *, notices: bool) -> None:
    station.link.up = False
    if notices:
        scene.kernel.after(1.5, lambda: station.hang_up("closed_link", None))


def _interface_up(scene: Scene, station: Station, what: str, *, moves: bool) -> None:
    station.link.up = True
    if moves:
        station.link.new_address(scene.address("cellular"))
    scene.radio(station, what, address=station.link.address)


def _may_move(scene: Scene) -> bool:
    """Whether the network gives another address after each outage: a consequence of it."""
    return scene.random.random() < 0.4


def cellular_ip_change(scene: Scene) -> None:
    station = _stage(scene)
    scene.modem(station)

    def move() -> None:
        station.link.new_address(scene.address("cellular"))
        scene.radio(station, "address", address=station.link.address)

    _again_and_again(scene, move, 4)


def pdp_context_deactivated(scene: Scene) -> None:
    station = _stage(scene)
    scene.modem(station)
    pick = scene.random
    notices, moves = pick.random() < 0.6, _may_move(scene)

    def deactivate() -> None:
        scene.radio(station, "detach")
        _interface_down(scene, station, notices=notices)
        back_s = pick.uniform(50, 120)
        scene.kernel.after(back_s, lambda: _interface_up(scene, station, "attach", moves=moves))

    _again_and_again(scene, deactivate, 4)


def cellular_registration_lost(scene: Scene) -> None:
    station = _stage(scene)
    scene.modem(station)
    pick = scene.random
    moves = _may_move(scene)

    def search() -> None:
        scene.radio(station, "searching")
        _interface_down(scene, station, notices=False)
        back_s = pick.uniform(90, 240)
        scene.kernel.after(back_s - 4, lambda: scene.radio(station, "home"))
        scene.kernel.after(back_s, lambda: _interface_up(scene, station, "attach", moves=moves))

    _again_and_again(scene, search, 4)


def weak_signal(scene: Scene) -> None:
    station = _stage(scene, answer_s=20.0)
    pick = scene.random
    bad: list[tuple[float, float]] = []
    at_s = pick.uniform(600, 800)
    while at_s < scene.until_s - 400:
        bad.append((at_s, at_s + pick.uniform(150, 240)))
        at_s += pick.uniform(500, 700)
    scene.modem(station, lambda now: -121 if any(a - 60 <= now < b for a, b in bad) else -96)
    for start_s, end_s in bad:
        scene.kernel.at(start_s, lambda: setattr(station.link, "up", False))
        scene.kernel.at(end_s, lambda: setattr(station.link, "up", True))
    station.link.down_says = "no_route"


def modem_reset(scene: Scene) -> None:
    station = _stage(scene)
    scene.modem(station)
    pick = scene.random
    moves = _may_move(scene)

    def crash() -> None:
        scene.radio(station, "gone")
        _interface_down(scene, station, notices=True)
        back_s = pick.uniform(40, 90)
        scene.kernel.after(back_s, lambda: _interface_up(scene, station, "back", moves=moves))

    _again_and_again(scene, crash, 4)


CASES = {
    "cellular-ip-change": cellular_ip_change,
    "pdp-context-deactivated": pdp_context_deactivated,
    "cellular-registration-lost": cellular_registration_lost,
    "weak-signal": weak_signal,
    "modem-reset": modem_reset,
}
