"""A kept store with the history of a fleet: seeded, of any number of stations and days.

The tables are those that the pipeline makes of a log of one line per station, filled by
history.sql: a log of ten thousand stations and ninety days would have forty million lines.
"""

from pathlib import Path
from tempfile import TemporaryDirectory

from ocpp_forensics import api
from ocpp_forensics.store import Store

__all__ = ["write_history"]

_LINE = (
    "2026-01-01 00:00:00,000 INFO ocpp: DE*CPO*E{:05}: receive message "
    '[2,"1","StatusNotification",{{}}]\n'
)


def write_history(path: Path, stations: int = 10_000, days: int = 90, seed: int = 1) -> None:
    """Write the store that a seed stands for."""
    with TemporaryDirectory() as folder:
        log = Path(folder) / "csms.log"
        log.write_text("".join(map(_LINE.format, range(stations))), encoding="utf-8")
        api.analyze([log], api.Request(store=path))
    with Store(path) as store:
        for name, value in (("stations", stations), ("days", days), ("seed", seed)):
            store.execute(f"SET VARIABLE {name} = {value}")
        store.execute(Path(__file__).with_name("history.sql").read_text(encoding="utf-8"))
