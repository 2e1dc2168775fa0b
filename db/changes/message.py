"""What the dispatcher sends: a position in the server's log, and whose data changed up to there.

`0/1A2B3C4 12,15` names customers, `0/1A2B3C4 *` means everybody, and `0/1A2B3C4` alone is a heartbeat.
"""

from dataclasses import dataclass
from typing import LiteralString

from db.replication import log_position

CHANNEL: LiteralString = "gateway_changes"

_EVERYBODY = "*"


@dataclass(frozen=True, slots=True)
class Change:
    """Whose data changed; nobody's in a heartbeat, everybody's where `customers` is None.

    `position` is one in the server's write-ahead log, in bytes, that none of the changes is behind: a
    standby that has replayed it shows them all.
    """

    position: int
    customers: frozenset[int] | None


def read_message(payload: str) -> Change:
    """Read what was sent; what nobody of ours would send means that anything may have changed."""
    position, _, customers = payload.partition(" ")
    try:
        return Change(log_position(position), _numbers(customers))
    except ValueError:
        return Change(0, None)


def _numbers(customers: str) -> frozenset[int] | None:
    if customers == _EVERYBODY:
        return None
    return frozenset(map(int, customers.split(","))) if customers else frozenset()
