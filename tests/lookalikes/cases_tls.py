"""TLS handshakes that fail: five reasons which the other side cannot tell apart."""

from collections.abc import Iterable

from tests.lookalikes.checks import s_client
from tests.lookalikes.scene import Scene
from tests.lookalikes.station import Station

__all__ = ["CASES"]


def _stage(scene: Scene) -> list[Station]:
    """A fleet in which some stations dial anew all the time, since their links are poor."""
    pick = scene.random
    scene.use_csms("proxy-only", heartbeat_s=60)
    if pick.random() < 0.6:
        scene.use_proxy(None, only=("nginx", "haproxy"))
    scene.deciding = {"station", "check"}
    scene.until_s = 2700.0
    return [
        scene.station(scene.link(pick.choice(["wired", "cellular"])), log=pick.random() < 0.5)
        for _ in range(pick.randrange(5, 8))
    ]


def _cut(scene: Scene, stations: Iterable[Station], fault: str, at_s: float) -> None:
    """A new certificate is loaded: the proxy or CSMS restarts, all have to shake hands again."""
    names = [each.name for each in stations]

    def load() -> None:
        for name in names:
            scene.front.tls_faults[name] = fault
        for session in list(scene.csms.sessions.values()):
            session.channel.cut()

    scene.kernel.at(at_s, load)
    scene.affected |= set(names)
    scene.acceptable = {"proxy-reload", "csms-restart", "csms-crash"}


def tls_incomplete_chain(scene: Scene) -> None:
    stations = _stage(scene)
    _cut(scene, stations[:-1], "chain", scene.random.uniform(600, 1200))
    scene.checks["checks/s_client.txt"] = s_client(20, 21, whole=False)


def tls_trust_anchor_changed(scene: Scene) -> None:
    stations = _stage(scene)
    for station in stations[: len(stations) // 2]:
        station.firmware = "2.9.0"
    _cut(scene, stations[: len(stations) // 2], "anchor", scene.random.uniform(600, 1200))
    scene.checks["checks/s_client.txt"] = s_client()


def tls_certificate_expired(scene: Scene) -> None:
    stations = _stage(scene)
    at_s = scene.random.uniform(600, 1200)
    _cut(scene, stations, "expired", at_s)
    ends = scene.kernel.start.strftime("%b %d %H:%M:%S %Y GMT")
    scene.checks["checks/s_client.txt"] = s_client(10, ends=ends)


def tls_hostname_mismatch(scene: Scene) -> None:
    stations = _stage(scene)
    _cut(scene, stations, "host", scene.random.uniform(600, 1200))
    scene.checks["checks/s_client.txt"] = s_client(subject="old-ocpp.example.net")


def tls_clock_skew(scene: Scene) -> None:
    """A flat battery: the clock starts in the past and is right only after NTP answered."""
    stations = _stage(scene)
    pick = scene.random
    scene.checks["checks/s_client.txt"] = s_client()
    station = stations[0]
    at_s, blind_s = pick.uniform(700, 1200), pick.uniform(300, 700)
    year = pick.choice([1970, 2000, 2019])
    back_s = (
        scene.kernel.start.replace(year=year, month=1, day=1) - scene.kernel.start
    ).total_seconds()

    def set_clock() -> None:
        scene.front.tls_faults.pop(station.name)
        station.tell("clock_set", step=-round(back_s))

    scene.kernel.at(at_s, station.power_down)
    scene.kernel.at(at_s + 5, lambda: scene.front.tls_faults.update({station.name: "clock"}))
    scene.kernel.at(at_s + 30, lambda: station.power_up("power-on"))
    scene.kernel.at(at_s + blind_s, set_clock)
    scene.wrong_clock(station, lambda t: back_s if at_s + 20 < t < at_s + blind_s else 0.0)
    scene.affected = {station.name}
    scene.acceptable = {"station-power-loss"}


CASES = {
    "tls-incomplete-chain": tls_incomplete_chain,
    "tls-trust-anchor-changed": tls_trust_anchor_changed,
    "tls-clock-skew": tls_clock_skew,
    "tls-certificate-expired": tls_certificate_expired,
    "tls-hostname-mismatch": tls_hostname_mismatch,
}
