"""How much of what each role may ask in a while: classes of limits, quotas, and how settings write them."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from access.viewer import Role

_SECONDS = {"second": 1, "minute": 60, "hour": 3600, "day": 86_400}
_QUOTA = re.compile(r"([1-9][0-9]{0,8})/(second|minute|hour|day)")


class LimitClass(StrEnum):
    """What is counted: every request, customers analysed, customers recommended for."""

    GENERAL = "general"
    ANALYTICS = "analytics"
    RECOMMENDATIONS = "recommendations"


@dataclass(frozen=True, slots=True)
class Quota:
    """So many units in so many seconds."""

    amount: int
    seconds: int


def read_quotas(text: str) -> Mapping[Role, Quota]:
    """Read a quota for each role: `1000/hour` for all, `1000/hour, ADMIN=5000/hour` with one of its own.

    Raises:
        ValueError: the text has another form, or names a role twice or one that there is not.
    """
    first, *others = (part.strip() for part in text.split(","))
    quotas = dict.fromkeys(Role, _read_quota(first))
    named: set[Role] = set()
    for other in others:
        name, _, quota = other.partition("=")
        if name not in list(Role) or Role(name) in named:
            raise ValueError(
                f"after the first comma comes one of {', '.join(Role)}, each once, and its quota"
            )
        named.add(Role(name))
        quotas[Role(name)] = _read_quota(quota)
    return quotas


def _read_quota(text: str) -> Quota:
    match = _QUOTA.fullmatch(text)
    if match is None:
        raise ValueError("a quota looks like 1000/hour (or second, minute, day)")
    return Quota(int(match[1]), _SECONDS[match[2]])
