"""What a customer prefers."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import LiteralString

from db import vocabulary
from db.engine import Reader, Row
from db.queries.rows import words
from db.vocabulary import Channel, Intensity, ServiceCode, TimeSlot


@dataclass(frozen=True, slots=True)
class Preferences:
    """A customer's stated preferences; None where nothing, or nothing known, was stated."""

    customer_id: int
    preferred_services: tuple[ServiceCode, ...]
    preferred_time: TimeSlot | None
    preferred_intensity: Intensity | None
    health_interests: tuple[str, ...]
    communication_preference: Channel | None
    marketing_consent: bool | None


_PREFERENCES: LiteralString = """
SELECT customer_id, preferred_services, preferred_time, preferred_intensity, health_interests,
       communication_preference, marketing_consent
  FROM public.customer_preferences
 WHERE customer_id = ANY (%(ids)s)
"""


async def preferences_by_customer(reader: Reader, ids: Sequence[int]) -> list[Preferences | None]:
    """Return the preferences of each customer, in the order of `ids`; None where there are none."""
    rows = await reader.fetch(_PREFERENCES, {"ids": list(ids)})
    by_id = {row[0]: _preferences(row) for row in rows}
    return [by_id.get(customer_id) for customer_id in ids]


def _preferences(row: Row) -> Preferences:
    return Preferences(
        customer_id=row[0],
        preferred_services=tuple(vocabulary.service_code(word) for word in words(row[1])),
        preferred_time=vocabulary.time_slot(row[2]),
        preferred_intensity=vocabulary.intensity(row[3]),
        health_interests=words(row[4]),
        communication_preference=vocabulary.channel(row[5]),
        marketing_consent=row[6],
    )
