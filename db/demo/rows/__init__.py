"""A chunk of invented customers as rows of the center's and the gateway's tables."""

from db.demo.chunk import Chunk
from db.demo.copying import Rows
from db.demo.numbering import Numbering
from db.demo.recommendations import draw_recommendations
from db.demo.rows.customers import customer_rows, preference_rows
from db.demo.rows.health import answer_rows, observation_rows, response_rows, scan_rows
from db.demo.rows.money import breakdown_rows, payment_rows, purchase_rows
from db.demo.rows.recommendations import feedback_rows, recommendation_ids, recommendation_rows
from db.demo.rows.sessions import detail_rows, reservation_rows, session_rows
from db.demo.rows.summaries import summary_rows
from db.demo.sessions import SCHEDULED

__all__ = ["chunk_rows", "summary_rows"]


def chunk_rows(chunk: Chunk, numbering: Numbering) -> list[Rows]:
    """Number the rows of a chunk and return them table by table, those first that others refer to."""
    answered = len(chunk.health.answered.day)
    sessions = numbering.sessions.take(chunk.sessions.count)
    purchases = numbering.purchases.take(chunk.history.purchases.count)
    payments = numbering.payments.take(chunk.payments.count)
    responses = numbering.responses.take(answered)
    given = draw_recommendations(chunk)
    recommendation = recommendation_ids(chunk, given.count)
    planned = int((chunk.sessions.status == SCHEDULED).sum())
    return [
        customer_rows(chunk),
        preference_rows(chunk),
        payment_rows(chunk, payments, purchases, sessions),
        purchase_rows(chunk, purchases, payments),
        breakdown_rows(chunk, purchases),
        session_rows(chunk, sessions),
        detail_rows(chunk, sessions, purchases),
        reservation_rows(chunk, numbering.reservations.take(planned)),
        scan_rows(chunk, numbering.scans.take(len(chunk.health.scans.day))),
        response_rows(chunk, responses),
        answer_rows(chunk, responses, numbering.answers.take(3 * answered)),
        observation_rows(chunk),
        recommendation_rows(chunk, given, recommendation),
        feedback_rows(chunk, given, recommendation),
    ]
