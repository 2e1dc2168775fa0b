"""Rows of `customer_summary`, counted here: to sum the rows up in SQL takes longer than to load them."""

import numpy as np

from db.demo import copying
from db.demo.arrays import Ints, Words
from db.demo.catalogue import PACKAGE_QUOTAS
from db.demo.chunk import Chunk
from db.demo.copying import Rows
from db.demo.sessions import COMPLETED
from db.demo.totals import LEVELS
from db.vocabulary import MEMBERSHIP_LABELS

_BITS = np.array([1, 2, 4, 8, 16, 32], dtype=np.int32)  # of the five services and of the consultation
_NEVER = 0  # a day number before every package


def summary_rows(chunk: Chunk) -> Rows:
    """Return what `gateway.summarize_customers` would store; a test compares the two."""
    totals, purchases = chunk.totals, chunk.history.purchases
    usable = (PACKAGE_QUOTAS.sum(axis=1)[purchases.package] > purchases.used.sum(axis=1)) & ~chunk.refunded
    every_end = _latest(chunk, purchases.customer, purchases.expires)
    usable_end = _latest(chunk, purchases.customer[usable], purchases.expires[usable])
    columns = {
        "customer_id": copying.int4(chunk.ids),
        "first_visit_on": copying.int4(totals.first),
        "last_visit_on": copying.int4(totals.last),
        "total_visits": copying.int4(totals.visits),
        "average_interval_days": copying.int4(totals.interval, totals.single),
        "total_revenue": copying.hundredths(totals.revenue * 100),
        "average_satisfaction": copying.hundredths(totals.satisfaction.astype(np.int64), totals.unrated),
        "services": copying.int4(_services(chunk)),
        "package_ends_on": copying.int4(usable_end, usable_end == _NEVER),
        "last_package_ends_on": copying.int4(every_end, every_end == _NEVER),
        # no invented name has spaces or capitals
        "name": copying.text(chunk.people.name),
        "name_key": copying.text(chunk.people.name),
        "phone_digits": copying.text(_digits(chunk)),
        "membership_level": copying.choice(totals.level, [str(MEMBERSHIP_LABELS[level]) for level in LEVELS]),
    }
    return Rows(("gateway", "customer_summary"), columns)


def _digits(chunk: Chunk) -> Words:
    """Return the phones' digits: what is written of a text is every byte that is not NUL."""
    phones = np.where(chunk.people.no_phone, np.bytes_(b""), chunk.people.phone)
    letters = phones.view(np.uint8).copy()
    letters[letters == ord("-")] = 0
    return letters.view(phones.dtype)


def _services(chunk: Chunk) -> Ints:
    held = chunk.sessions.status == COMPLETED
    services = np.zeros(len(chunk.ids), np.int32)
    np.bitwise_or.at(services, chunk.sessions.customer[held], _BITS[chunk.sessions.service[held]])
    return services


def _latest(chunk: Chunk, customer: Ints, day: Ints) -> Ints:
    latest = np.full(len(chunk.ids), _NEVER, np.int32)
    np.maximum.at(latest, customer, day)
    return latest
