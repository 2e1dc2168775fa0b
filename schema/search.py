"""Lists of customers: by page with a total, and by cursor."""

from datetime import date

import strawberry
from strawberry.relay import PageInfo

from resolvers import customers
from resolvers.customers import CustomerConnection as CustomerConnectionRecord
from resolvers.customers import CustomerPage as CustomerPageRecord
from resolvers.domain import CustomerFilter as CustomerFilterRecord
from resolvers.domain import MembershipLevel, PackageStatus, RiskLevel, ServiceCode
from resolvers.inputs import search_text
from schema.customer import Customer
from schema.info import Info
from schema.pagination import page_info


@strawberry.input(description="Which customers; what is left out does not filter.")
class CustomerFilter:
    """Filters of a list of customers."""

    q: str | None = strawberry.field(
        default=None, description="Part of the name, or three or more digits of the phone number."
    )
    services: list[ServiceCode] | None = strawberry.field(
        default=None, description="Who used any of these services."
    )
    package_status: PackageStatus | None = strawberry.field(
        default=None,
        description=(
            "ACTIVE: has a usable package. EXPIRING: the last usable one ends within 30 days. "
            "EXPIRED: had packages, none of them usable today. COMPLETED is not a filter."
        ),
    )
    membership_level: MembershipLevel | None = strawberry.field(
        default=None, description="The level in the contract's words; PREMIUM is silver, gold and platinum."
    )
    risk_level: RiskLevel | None = strawberry.field(
        default=None, description="The risk of staying away; nobody has one until a churn model is fitted."
    )
    last_visit_from: date | None = strawberry.field(default=None, description="Last visit on or after.")
    last_visit_to: date | None = strawberry.field(default=None, description="Last visit on or before.")

    def to_record(self) -> CustomerFilterRecord:
        """Return the filter as the search takes it, its text checked."""
        return CustomerFilterRecord(
            text=search_text(self.q),
            services=tuple(self.services) if self.services else None,
            package_status=self.package_status,
            membership_level=self.membership_level,
            risk_level=self.risk_level,
            last_visit_from=self.last_visit_from,
            last_visit_to=self.last_visit_to,
        )


@strawberry.type(description="Where a page lies in the whole list.")
class Pagination:
    """Pagination of a list."""

    total: int = strawberry.field(description="How many customers match.")
    page: int = strawberry.field(description="This page, counted from 1.")
    size: int = strawberry.field(description="Customers on a page.")
    total_pages: int = strawberry.field(description="How many pages there are.")


@strawberry.type(description="One page of customers.")
class CustomerPage:
    """One page of customers."""

    customers: list[Customer] = strawberry.field(description="The customers of this page.")

    @strawberry.field(description="Where this page lies in the whole list.")
    @staticmethod
    def pagination(root: strawberry.Parent[CustomerPageRecord]) -> Pagination:
        """Return the place of the page."""
        return Pagination(total=root.total, page=root.page, size=root.size, total_pages=root.total_pages)


@strawberry.type(description="One customer and the place in the list.")
class CustomerEdge:
    """One customer and its cursor."""

    node: Customer = strawberry.field(description="The customer.")
    cursor: str = strawberry.field(description="The place of the customer, for `after` and `before`.")


@strawberry.type(description="A stretch of a sorted list of customers.")
class CustomerConnection:
    """A stretch of customers."""

    edges: list[CustomerEdge] = strawberry.field(description="The customers with their cursors.")
    nodes: list[Customer] = strawberry.field(description="The customers without cursors.")

    @strawberry.field(description="Whether and where the list goes on.")
    @staticmethod
    def page_info(root: strawberry.Parent[CustomerConnectionRecord]) -> PageInfo:
        """Return the ends of the stretch."""
        return page_info(
            root.edges, has_next_page=root.has_next_page, has_previous_page=root.has_previous_page
        )

    @strawberry.field(description="How many customers match in all; counted only when asked for.")
    @staticmethod
    async def total_count(root: strawberry.Parent[CustomerConnectionRecord], info: Info) -> int:
        """Count the customers."""
        return await customers.count_in_connection(info.context, root)
