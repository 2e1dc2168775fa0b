"""What can be asked."""

from datetime import datetime
from typing import Annotated, Any

import strawberry
from strawberry import relay
from strawberry.scalars import JSON

from access import Role, Viewer
from resolvers import audit, customers, staff
from resolvers.customers import Stretch
from resolvers.domain import AuditFilter, CustomerSort
from resolvers.errors import InvalidInput
from schema.access import AccessExplanation
from schema.audit import AuditLogConnection
from schema.customer import Customer, customer_id_of, customer_id_of_global
from schema.info import Info
from schema.search import CustomerConnection, CustomerFilter, CustomerPage
from schema.viewer import Me

_Filter = Annotated[
    CustomerFilter | None, strawberry.argument(description="Which customers; all by default.")
]
_Sort = Annotated[CustomerSort, strawberry.argument(description="NAME upwards, everything else downwards.")]


@strawberry.type(description="What can be asked.")
class Query:
    """The root of every query."""

    @strawberry.field(
        description="What the policy would do with an operation of somebody else, told without running it."
    )
    @staticmethod
    async def access_explain(  # noqa: PLR0913, PLR0917 - an operation, and whose it would be
        info: Info,
        document: Annotated[str, strawberry.argument(description="The text of a GraphQL document.")],
        role: Annotated[Role, strawberry.argument(description="Whose it would be.")],
        scopes: Annotated[list[str], strawberry.argument(description="The scopes of their token.")] = [],  # noqa: B006 - Strawberry copies it
        operation_name: Annotated[
            str | None, strawberry.argument(description="Which operation, where there are several.")
        ] = None,
        variables: Annotated[
            JSON | None, strawberry.argument(description="The operation's variables, as an object.")
        ] = None,
    ) -> AccessExplanation:
        """Explain the access of an operation."""
        if not isinstance(variables, dict | None):
            raise InvalidInput({"variables": "객체여야 합니다"})
        viewer = Viewer(info.context.viewer.subject, role, frozenset(scopes))
        found: Any = info.context.explainer.explain(viewer, document, operation_name, variables or {})
        return found

    @strawberry.field(description="Who saw whose data, and what was refused: the audit, newest first.")
    @staticmethod
    async def audit_log(  # noqa: PLR0913, PLR0917 - the ways to look through it
        info: Info,
        customer_id: Annotated[
            strawberry.ID | None,
            strawberry.argument(description="Only what is about this customer, by number or global id."),
        ] = None,
        actor: Annotated[
            str | None, strawberry.argument(description="Only what this subject of a token did.")
        ] = None,
        outcome: Annotated[
            str | None, strawberry.argument(description="Only this outcome: OK, STARTED or an error code.")
        ] = None,
        since: Annotated[datetime | None, strawberry.argument(description="Not before this moment.")] = None,
        until: Annotated[datetime | None, strawberry.argument(description="Before this moment.")] = None,
        first: Annotated[int, strawberry.argument(description="How many records, 1 to 100.")] = 20,
        after: Annotated[str | None, strawberry.argument(description="Go on after this cursor.")] = None,
    ) -> AuditLogConnection:
        """Return one page of the audit log."""
        wanted = AuditFilter(
            customer_id=None if customer_id is None else customer_id_of(customer_id, "customer_id"),
            actor=actor,
            outcome=outcome,
            since=since,
            until=until,
        )
        found: Any = await audit.audit_log(info.context, wanted, first=first, after=after)
        return found

    @strawberry.field(description="One customer, by number or global id.")
    @staticmethod
    async def customer(
        info: Info,
        id: Annotated[  # noqa: A002 - the contract's name
            strawberry.ID, strawberry.argument(description="The customer's number (123) or global id.")
        ],
    ) -> Customer | None:
        """Return one customer."""
        found: Any = await customers.customer(info.context, customer_id_of(id))
        return found

    @strawberry.field(description="Customers page by page, with a total.")
    @staticmethod
    async def customer_search(
        info: Info,
        filter: _Filter = None,  # noqa: A002 - the field's word for it
        sort_by: _Sort = CustomerSort.LAST_VISIT,
        page: Annotated[int, strawberry.argument(description="The page, counted from 1.")] = 1,
        size: Annotated[int, strawberry.argument(description="Customers on a page, 1 to 100.")] = 20,
    ) -> CustomerPage:
        """Return one page of customers."""
        wanted = (filter or CustomerFilter()).to_record()
        found: Any = await customers.search_customers(info.context, wanted, sort_by, page=page, size=size)
        return found

    @strawberry.field(description="Customers by cursor, forwards or backwards.")
    @staticmethod
    async def customers(  # noqa: PLR0913, PLR0917 - Relay's arguments
        info: Info,
        filter: _Filter = None,  # noqa: A002 - the field's word for it
        sort_by: _Sort = CustomerSort.LAST_VISIT,
        first: Annotated[int | None, strawberry.argument(description="How many, 1 to 100; else 20.")] = None,
        after: Annotated[str | None, strawberry.argument(description="Go on after this cursor.")] = None,
        last: Annotated[int | None, strawberry.argument(description="How many before a cursor.")] = None,
        before: Annotated[str | None, strawberry.argument(description="Go back from this cursor.")] = None,
    ) -> CustomerConnection:
        """Return a stretch of customers."""
        wanted = (filter or CustomerFilter()).to_record()
        stretch = Stretch(first, after, last, before)
        found: Any = await customers.customers(info.context, wanted, sort_by, stretch)
        return found

    @strawberry.field(description="Who is asking.")
    @staticmethod
    async def me(info: Info) -> Me:
        """Return the viewer."""
        viewer = info.context.viewer
        return Me(
            subject=viewer.subject,
            role=viewer.role,
            scopes=sorted(viewer.scopes),
            name=await staff.name_of(info.context, viewer),
        )

    @strawberry.field(description="Any object that has a global id; null where there is none.")
    @staticmethod
    async def node(
        info: Info,
        id: Annotated[strawberry.ID, strawberry.argument(description="The global id.")],  # noqa: A002
    ) -> relay.Node | None:
        """Return an object by its global id."""
        found: Any = await customers.find_customer(info.context, customer_id_of_global(id))
        return found
