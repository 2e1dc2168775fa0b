"""A customer's service history, page by page."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from db.queries.sessions import Session, SessionFilter
from db.vocabulary import ServiceCode, SessionStatus
from resolvers.context import OperationContext
from resolvers.errors import InvalidInput
from resolvers.inputs import page_size


@dataclass(frozen=True, slots=True)
class SessionEdge:
    """One session and its place in the history."""

    node: Session
    cursor: str


@dataclass(frozen=True, slots=True)
class SessionConnection:
    """One page of a customer's service history, newest first."""

    customer_id: int
    wanted: SessionFilter
    edges: tuple[SessionEdge, ...]
    has_next_page: bool

    @property
    def nodes(self) -> list[Session]:
        """The sessions without their cursors."""
        return [edge.node for edge in self.edges]


async def service_history(  # noqa: PLR0913 - the filters of the contract
    context: OperationContext,
    customer_id: int,
    *,
    services: Sequence[ServiceCode] | None,
    statuses: Sequence[SessionStatus],
    since: date | None,
    until: date | None,
    first: int,
    after: str | None,
) -> SessionConnection:
    """Return one page of a customer's sessions; ones completed or missed in the future count as mistakes.

    Raises:
        InvalidInput: `first` is out of bounds, `after` is no cursor of this history, or `since` is after
            `until`.
    """
    if since and until and since > until:
        raise InvalidInput({"since": "until보다 늦을 수 없습니다"})
    wanted = SessionFilter(
        services=tuple(services) if services else None,
        statuses=tuple(statuses),
        since=since,
        until=until,
        today=context.today,
        after=context.cursors.read_session(after, customer_id) if after else None,
        limit=page_size("first", first),
    )
    page = await context.loaders.session_page(wanted).load(customer_id)
    edges = tuple(SessionEdge(session, context.cursors.session(session)) for session in page.sessions)
    return SessionConnection(customer_id, wanted, edges, page.has_more)


async def count_sessions(context: OperationContext, connection: SessionConnection) -> int:
    """Return how many sessions the history holds on all its pages."""
    return await context.loaders.session_count(connection.wanted).load(connection.customer_id)
