"""Service history: sessions, and a page of them."""

from datetime import date, time

import strawberry
from strawberry.relay import PageInfo

from resolvers import history
from resolvers.domain import ServiceCode, SessionStatus
from resolvers.history import SessionConnection as SessionConnectionRecord
from schema import enums
from schema.info import Info
from schema.pagination import page_info

_ = enums  # the domain's enums become the schema's on import


@strawberry.type(description="One service that a customer had, or is to have, on one day.")
class ServiceSession:
    """One session."""

    session_id: int = strawberry.field(description="The center's number of the session.")
    service_date: date = strawberry.field(description="The day of the session.")
    start_time: time | None = strawberry.field(description="When it began; null where only the day is known.")
    service: ServiceCode = strawberry.field(description="Which service, whatever the center calls it.")
    service_name: str | None = strawberry.field(description="The center's name of the service.")
    status: SessionStatus = strawberry.field(description="What became of it.")
    duration_minutes: int | None = strawberry.field(
        description="Length in minutes; the service's usual one where nothing was recorded."
    )
    satisfaction_rating: int | None = strawberry.field(
        description="The customer's rating, 1 to 5; null where none was given."
    )
    session_notes: str | None = strawberry.field(description="What staff wrote about it.")
    staff_name: str | None = strawberry.field(description="Who attended.")
    package_name: str | None = strawberry.field(
        description="The package it was taken from, in short; null for a single session."
    )


@strawberry.type(description="One session and its place in the history.")
class ServiceSessionEdge:
    """One session and its cursor."""

    node: ServiceSession = strawberry.field(description="The session.")
    cursor: str = strawberry.field(description="The place just after it, for `after`.")


@strawberry.type(description="One page of a customer's service history, newest first.")
class ServiceSessionConnection:
    """One page of sessions."""

    edges: list[ServiceSessionEdge] = strawberry.field(description="The sessions with their cursors.")
    nodes: list[ServiceSession] = strawberry.field(description="The sessions without cursors.")

    @strawberry.field(description="Whether and where the history goes on.")
    @staticmethod
    def page_info(root: strawberry.Parent[SessionConnectionRecord]) -> PageInfo:
        """Return the ends of the page."""
        behind = root.wanted.after is not None
        return page_info(root.edges, has_next_page=root.has_next_page, has_previous_page=behind)

    @strawberry.field(description="How many sessions match on all pages; counted only when asked for.")
    @staticmethod
    async def total_count(root: strawberry.Parent[SessionConnectionRecord], info: Info) -> int:
        """Count the sessions."""
        return await history.count_sessions(info.context, root)
