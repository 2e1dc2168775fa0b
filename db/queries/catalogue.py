"""What the center offers: single sessions and packages."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import LiteralString

from db import vocabulary
from db.engine import Reader
from db.vocabulary import ServiceCode

_CODES = {str(code): code for code in ServiceCode}


@dataclass(frozen=True, slots=True)
class ServiceOffered:
    """A service as the center lists it: the price of a session in KRW, its length in minutes.

    None where the center did not write it down. `offered` is false for what it no longer sells.
    """

    service: ServiceCode
    name: str
    price: int | None
    minutes: int | None
    offered: bool


@dataclass(frozen=True, slots=True)
class PackageOffered:
    """A package on sale: its price in KRW, for how many months it is good, and its sessions by service."""

    package_id: int
    name: str
    price: int
    valid_months: int
    sessions: tuple[tuple[ServiceCode, int], ...]


# of several entries of one service, the one on sale that stands first
_SERVICES: LiteralString = """
SELECT DISTINCT ON (c.code) c.code, t.service_name, t.default_price, t.default_duration,
       coalesce(t.is_active, true)
  FROM gateway.service_code c
  JOIN public.service_types t USING (service_type_id)
 WHERE c.code = ANY (%(codes)s)
 ORDER BY c.code, coalesce(t.is_active, true) DESC, t.service_type_id
"""

# a package whose content does not add up cannot be told apart from one that is not known
_PACKAGES: LiteralString = """
SELECT p.package_id, p.package_name, p.base_price, p.valid_months,
       array_agg(s.service_code::text ORDER BY s.service_code),
       array_agg(s.sessions ORDER BY s.service_code)
  FROM public.packages p
  JOIN gateway.package_service s USING (package_id)
 WHERE coalesce(p.is_active, true)
 GROUP BY p.package_id
HAVING sum(s.sessions) = p.total_sessions
 ORDER BY p.package_id
"""


async def services_offered(reader: Reader, codes: Sequence[str]) -> list[ServiceOffered | None]:
    """Return the center's entry of each service, in the order of `codes`; None where it has none."""
    rows = await reader.fetch(_SERVICES, {"codes": [str(code) for code in codes]})
    by_code = {row[0]: ServiceOffered(vocabulary.service_code(row[0]), *row[1:]) for row in rows}
    return [by_code.get(str(code)) for code in codes]


async def packages_offered(reader: Reader) -> list[PackageOffered]:
    """Return the packages on sale whose content is known."""
    rows = await reader.fetch(_PACKAGES, {})
    return [PackageOffered(*row[:4], sessions=_contents(row[4], row[5])) for row in rows]


def _contents(codes: Sequence[str], sessions: Sequence[int]) -> tuple[tuple[ServiceCode, int], ...]:
    """Return the sessions by service; a code that is none of ours is another service."""
    held: Counter[ServiceCode] = Counter()
    for code, count in zip(codes, sessions, strict=True):
        held[_CODES.get(code, ServiceCode.OTHER)] += count
    return tuple((service, held[service]) for service in ServiceCode if service in held)
