"""Rows of `payments`, `package_purchases` and `package_breakdown`."""

import numpy as np

from db.demo import copying
from db.demo.arrays import Ints, joined, pick
from db.demo.catalogue import PACKAGE_IDS, PACKAGE_QUOTAS
from db.demo.chunk import Chunk
from db.demo.copying import Rows
from db.demo.packages import NONE
from db.demo.payments import PACKAGE, REFUND, STATES, TYPES
from db.demo.rows.customers import STAFF_NAMES
from db.demo.rows.stamps import seoul_moment
from db.demo.services import SERVICES

_METHODS = ("card", "cash", "transfer", "other")
_METHOD_SHARES = [76, 8, 13, 3]
_REFERENCES = ("package_purchase", "service_usage")


def payment_rows(chunk: Chunk, ids: Ints, purchase_ids: Ints, session_ids: Ints) -> Rows:
    """Return the payments, each with the purchase or the session it is for."""
    payments = chunk.payments
    for_package = payments.purchase != NONE
    reference = np.where(
        for_package,
        _at(purchase_ids, payments.purchase),
        _at(session_ids, payments.session),
    )
    columns = {
        "payment_id": copying.int4(ids),
        "customer_id": copying.int4(chunk.ids[payments.customer]),
        "payment_date": copying.int4(payments.day),
        "amount": copying.int4(payments.amount),
        "payment_method": copying.choice(pick(chunk.details(3), _METHOD_SHARES, len(ids)), _METHODS),
        "payment_type": copying.choice(payments.kind, TYPES),
        "payment_status": copying.choice(payments.state, STATES),
        "reference_id": copying.int4(reference),
        "reference_type": copying.choice(np.where(for_package, 0, 1), _REFERENCES),
        "notes": copying.choice(np.where(payments.kind == REFUND, 0, -1), ("환불",)),
        "payment_staff": copying.choice(chunk.therapist[payments.customer], STAFF_NAMES),
        "payment_number": copying.text(joined(b"P", (ids + 100_000_000).astype(np.bytes_))),
        "created_at": seoul_moment(payments.day),
        "updated_at": seoul_moment(payments.day),
    }
    return Rows(("public", "payments"), columns)


def purchase_rows(chunk: Chunk, ids: Ints, payment_ids: Ints) -> Rows:
    """Return the packages bought; what is used follows from the sessions that name them."""
    purchases, payments = chunk.history.purchases, chunk.payments
    sold = payments.kind == PACKAGE
    payment = np.zeros(len(ids), np.int32)
    payment[payments.purchase[sold]] = payment_ids[sold]
    total = PACKAGE_QUOTAS.sum(axis=1)[purchases.package]
    used = purchases.used.sum(axis=1)
    columns = {
        "purchase_id": copying.int4(ids),
        "customer_id": copying.int4(chunk.ids[purchases.customer]),
        "package_id": copying.int4(_at(PACKAGE_IDS, purchases.package)),
        "purchase_date": copying.int4(purchases.day),
        "expiry_date": copying.int4(purchases.expires),
        "total_sessions": copying.int4(total),
        "used_sessions": copying.int4(used),
        "remaining_sessions": copying.int4(total - used),
        "price_paid": copying.int4(purchases.price),
        "payment_id": copying.int4(payment),
        "is_active": copying.boolean(~chunk.refunded),
        "notes": copying.choice(np.where(chunk.refunded, 0, -1), ("환불 처리",)),
        "created_at": seoul_moment(purchases.day),
        "updated_at": seoul_moment(purchases.day),
    }
    return Rows(("public", "package_purchases"), columns)


def breakdown_rows(chunk: Chunk, purchase_ids: Ints) -> Rows:
    """Return the sessions of each service in each package."""
    purchases = chunk.history.purchases
    quotas = PACKAGE_QUOTAS[purchases.package]
    row, service = np.nonzero(quotas)
    columns = {
        "customer_id": copying.int4(chunk.ids[purchases.customer[row]]),
        "purchase_id": copying.int4(purchase_ids[row]),
        "service_code": copying.choice(service, SERVICES),
        "total_sessions": copying.int4(quotas[row, service]),
        "used_sessions": copying.int4(purchases.used[row, service]),
    }
    return Rows(("gateway", "package_breakdown"), columns)


def _at(values: Ints, rows: Ints) -> Ints:
    """Return the values at these rows, 0 at the rows that are `NONE`."""
    return np.append(values, np.int32(0))[rows].astype(np.int32)
