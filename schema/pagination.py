"""Where a page of a connection lies in its list."""

from collections.abc import Sequence
from typing import Protocol

from strawberry.relay import PageInfo


class _Edge(Protocol):
    @property
    def cursor(self) -> str: ...


def page_info(edges: Sequence[_Edge], *, has_next_page: bool, has_previous_page: bool) -> PageInfo:
    """Return the ends of a page; an empty one has no cursors."""
    return PageInfo(
        has_next_page=has_next_page,
        has_previous_page=has_previous_page,
        start_cursor=edges[0].cursor if edges else None,
        end_cursor=edges[-1].cursor if edges else None,
    )
