"""Causes that all look like a quiet connection that ended: whose timer was it?"""

from collections.abc import Callable

from tests.lookalikes.scene import Scene
from tests.lookalikes.station import Habits

__all__ = ["CASES"]


def carrier_nat_expiry(scene: Scene) -> None:
    pick = scene.random
    nat_s = pick.choice([45.0, 55.0, 75.0, 110.0, 150.0])
    beat_s = nat_s + pick.choice([15.0, 30.0, 60.0])
    if pick.random() < 0.5:
        scene.use_csms("deadline", deadline_s=beat_s * 2.5, heartbeat_s=int(beat_s))
    else:
        scene.use_csms("dead", dead_s=beat_s * 3, heartbeat_s=int(beat_s))
    scene.deciding = {"station"}
    scene.until_s = 5400.0
    habits = Habits(heartbeat_s=beat_s, answer_s=pick.choice([15.0, 30.0, 60.0]))
    for _ in range(pick.choice([1, 2])):
        link = scene.link("cellular", nat_s=nat_s, nat_resets=pick.random() < 0.3)
        station = scene.station(link, habits)
        scene.affected.add(station.name)
        scene.modem(station)
    scene.healthy(2, heartbeat_s=beat_s)
    scene.healthy(1, ("cellular",), heartbeat_s=40)


def proxy_idle_timeout(scene: Scene) -> None:
    pick = scene.random
    idle_s = pick.choice([50.0, 55.0, 60.0, 100.0, 240.0])
    beat_s = pick.choice([idle_s + 30, idle_s * 2, idle_s * 3])
    scene.use_csms("proxy-only", heartbeat_s=int(beat_s))
    scene.use_proxy(idle_s)
    scene.deciding = {"proxy"}
    scene.until_s = 5400.0 if idle_s < 200 else 14400.0
    for _ in range(pick.choice([1, 2, 3])):
        link = scene.link(pick.choice(["wired", "wired", "cellular"]))
        station = scene.station(link, Habits(heartbeat_s=beat_s), log=pick.random() < 0.7)
        scene.affected.add(station.name)
    scene.healthy(3, heartbeat_s=idle_s * 0.6)


def keepalive_race(scene: Scene) -> None:
    pick = scene.random
    beat_s = pick.choice([60.0, 90.0, 120.0])
    if pick.random() < 0.6:
        scene.use_csms("deadline", deadline_s=beat_s, heartbeat_s=int(beat_s))
    else:
        scene.use_csms("dead", dead_s=beat_s, heartbeat_s=int(beat_s))
        scene.also_right = {"heartbeat-timeout"}
    scene.deciding = {"csms"}
    scene.until_s = 3600.0 + 40 * beat_s
    for _ in range(pick.choice([1, 2])):
        habits = Habits(heartbeat_s=beat_s, jitter_s=0.25, own_clock=True)
        station = scene.station(scene.link("wired"), habits, log=pick.random() < 0.7)
        scene.affected.add(station.name)
    scene.healthy(3, heartbeat_s=beat_s * 0.5)


def station_idle_close(scene: Scene) -> None:
    pick = scene.random
    idle_s = pick.choice([45.0, 75.0, 110.0, 120.0])
    scene.use_csms(pick.choice(["deadline", "rejects"]), heartbeat_s=900)
    scene.deciding = {"station"}
    for _ in range(pick.choice([1, 2])):
        link = scene.link(pick.choice(["wired", "wifi", "cellular"]))
        station = scene.station(link, Habits(heartbeat_s=900, idle_s=idle_s))
        scene.affected.add(station.name)
    scene.healthy(3, heartbeat_s=300)


def ws_ping_timeout(scene: Scene) -> None:
    pick = scene.random
    ping_s, pong_s = pick.choice([(15.0, 5.0), (20.0, 5.0), (30.0, 4.0), (20.0, 8.0)])
    mechanism = pick.choice(["ping-frame", "ping-drop", "java-ping"])
    drops = mechanism != "ping-frame"
    scene.use_csms(mechanism, ping_s=ping_s, pong_s=pong_s, drops=drops, heartbeat_s=300)
    scene.deciding = {"csms"}
    for _ in range(pick.choice([1, 2])):
        link = scene.link(pick.choice(["cellular", "cellular", "wifi"]))
        link.delay_s = _slow_at_times(scene, link.delay_s(0), pong_s * pick.uniform(0.55, 0.9))
        station = scene.station(link, Habits(heartbeat_s=300, meter_s=60, answer_s=60),
                                log=pick.random() < 0.6)  # fmt: skip
        scene.affected.add(station.name)
        if link.kind == "cellular":
            scene.modem(station)
    scene.healthy(3, heartbeat_s=300)


def _slow_at_times(scene: Scene, usual_s: float, extra_s: float) -> Callable[[float], float]:
    """A crowded cell: now and then everything takes longer for a minute and a half."""
    begins = [scene.random.uniform(500, 3400) for _ in range(7)]
    return lambda now: usual_s + (extra_s if any(at <= now < at + 90 for at in begins) else 0.0)


def heartbeat_timeout(scene: Scene) -> None:
    pick = scene.random
    dead_s = pick.choice([120.0, 150.0, 180.0])
    variant = pick.choice(["stopped", "not-counted", "mismatch"])
    beat_s = {"stopped": 60.0, "not-counted": 900.0, "mismatch": dead_s * 2}[variant]
    counts = "heartbeat" if variant == "not-counted" else "any"
    scene.use_csms("dead", dead_s=dead_s, counts=counts, heartbeat_s=int(beat_s))
    scene.deciding = {"csms"}
    meter_s = 30.0 if variant == "not-counted" else 0.0
    for _ in range(pick.choice([1, 2])):
        habits = Habits(heartbeat_s=beat_s, meter_s=meter_s)
        station = scene.station(scene.link("wired"), habits, log=pick.random() < 0.7)
        scene.affected.add(station.name)
        if variant == "stopped":
            _stop_beats(scene, station.name)
    scene.healthy(3, heartbeat_s=60)


def _stop_beats(scene: Scene, name: str) -> None:
    """The heartbeat task of the firmware hangs for a while, again and again."""
    station = scene.stations[name]
    at_s = scene.random.uniform(500, 700)
    while at_s < scene.until_s - 300:
        scene.kernel.at(at_s, lambda: setattr(station, "beats", False))
        scene.kernel.at(at_s + 260, lambda: setattr(station, "beats", True))
        at_s += scene.random.uniform(600, 900)


CASES = {
    "carrier-nat-expiry": carrier_nat_expiry,
    "proxy-idle-timeout": proxy_idle_timeout,
    "keepalive-race": keepalive_race,
    "station-idle-close": station_idle_close,
    "ws-ping-timeout": ws_ping_timeout,
    "heartbeat-timeout": heartbeat_timeout,
}
