"""Causes that hit many stations at one moment."""

from functools import partial

from tests.lookalikes.scene import Scene
from tests.lookalikes.station import Habits, Station

__all__ = ["CASES"]


def _pinging(scene: Scene) -> None:
    mechanism, settings = scene.random.choice([
        ("ping-frame", {"ping_s": 20.0, "pong_s": 20.0}),
        ("ping-drop", {"ping_s": 30.0, "pong_s": 29.0, "drops": True}),
        ("deadline", {"deadline_s": 90.0}),
    ])
    scene.use_csms(mechanism, heartbeat_s=30, **settings)


def csms_restart(scene: Scene) -> None:
    pick = scene.random
    scene.use_csms("proxy-only", heartbeat_s=60)
    if pick.random() < 0.4:
        scene.use_proxy(None)
    scene.deciding = {"csms"}
    scene.until_s = 2400.0
    for _ in range(pick.randrange(5, 11)):
        link = scene.link(pick.choice(["wired", "wifi", "cellular"]))
        scene.affected.add(
            scene.station(link, Habits(heartbeat_s=60), log=pick.random() < 0.5).name
        )
    at_s = pick.uniform(900, 1500)
    code = pick.choice([1001, 1012])
    scene.kernel.at(at_s, lambda: scene.csms.stop(code))
    scene.kernel.at(at_s + pick.uniform(8, 40), scene.csms.start)
    scene.acceptable = {"connection-refused", "csms-unavailable", "reconnect-storm"}


def reconnect_storm(scene: Scene) -> None:
    pick = scene.random
    scene.use_csms("proxy-only", heartbeat_s=60)
    proxy = scene.use_proxy(None, only=("nginx", "haproxy"))
    scene.deciding = {"proxy"}
    scene.until_s = 2400.0
    for _ in range(pick.randrange(24, 40)):
        habits = Habits(
            heartbeat_s=60, retry_s=pick.choice([5.0, 5.0, 4.0]), growth=1.0, spread=0.0
        )
        station = scene.station(scene.link("wired"), habits, log=pick.random() < 0.15)
        scene.affected.add(station.name)
    at_s = pick.uniform(900, 1200)
    budget = {"next_s": 0.0}

    def throttled(now: float) -> bool:
        if now < at_s or now > at_s + 900 or now < budget["next_s"]:
            return now >= at_s and now < budget["next_s"]
        budget["next_s"] = now + 3.0
        return False

    scene.kernel.at(at_s, lambda: scene.csms.stop(None))
    scene.kernel.at(at_s, lambda: setattr(proxy, "limit", throttled))
    scene.kernel.at(at_s + 6, scene.csms.start)
    scene.acceptable = {"csms-restart", "csms-crash", "csms-unavailable", "csms-rate-limited",
                        "connection-refused"}  # fmt: skip


def _site(scene: Scene, kind: str = "wired") -> list[Station]:
    """Three to five stations of one site behind one address, and others elsewhere."""
    shared = scene.link(kind)
    site = [
        scene.station(shared, Habits(heartbeat_s=30, answer_s=20), log=scene.random.random() < 0.6)
        for _ in range(scene.random.randrange(3, 6))
    ]
    scene.affected |= {station.name for station in site}
    scene.healthy(5, heartbeat_s=30)
    return site


def local_controller_drop(scene: Scene) -> None:
    pick = scene.random
    _pinging(scene)
    scene.deciding = {"site"}
    scene.acceptable = {"connection-refused", "csms-unavailable"}
    site = _site(scene)
    write = scene.site("depot", "controller")
    link = site[0].link
    link.down_says = pick.choice(["tcp_refused", "refused"])

    def lose() -> None:
        write("uplink_lost")
        link.up = False
        for station in site:
            if station.channel:
                write("downstream_closed", station=station.name, code=1001)
                station.closed(1001, "upstream unavailable")

    def restore() -> None:
        link.up = True
        link.epoch += 1
        write("uplink_back")

    for at_s in (pick.uniform(700, 1100), pick.uniform(2000, 2600)):
        scene.kernel.at(at_s, lose)
        scene.kernel.at(at_s + pick.uniform(90, 240), restore)


def local_network_flap(scene: Scene) -> None:
    pick = scene.random
    _pinging(scene)
    scene.deciding = {"site"}
    scene.acceptable = {"network-unreachable"}
    site = _site(scene)
    write = scene.site("car-park", "switch")
    link = site[0].link

    def down() -> None:
        write("link_down")
        link.up = False

    def back() -> None:
        link.up = True
        write("link_up")

    for at_s in (pick.uniform(700, 1000), pick.uniform(1600, 1900), pick.uniform(2600, 2900)):
        scene.kernel.at(at_s, down)
        scene.kernel.at(at_s + pick.uniform(100, 180), back)


def station_power_loss(scene: Scene) -> None:
    pick = scene.random
    _pinging(scene)
    scene.deciding = {"station"}
    site = _site(scene)
    why = pick.choice(["power-on", "POWERON_RESET", "mains return"])
    at_s = pick.uniform(900, 2000)
    out_s = pick.uniform(60, 700)
    for station in site:
        scene.kernel.at(at_s, station.power_down)
        scene.kernel.at(at_s + out_s, partial(station.power_up, why))


CASES = {
    "csms-restart": csms_restart,
    "reconnect-storm": reconnect_storm,
    "local-controller-drop": local_controller_drop,
    "local-network-flap": local_network_flap,
    "station-power-loss": station_power_loss,
}
