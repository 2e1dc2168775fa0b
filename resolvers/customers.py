"""One customer, and lists of customers by page and by cursor."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from access import FieldClass, Verdict
from db.queries.customers import Customer
from db.search import (
    CustomerFilter,
    CustomerSort,
    Search,
    Slice,
    customer_page,
    customer_slice,
    prepare_search,
)
from db.vocabulary import PackageStatus
from resolvers.context import OperationContext
from resolvers.cursors import Cursors
from resolvers.errors import CustomerNotFound, InvalidInput, NotVisible
from resolvers.inputs import DEFAULT_PAGE, page_number, page_size


@dataclass(frozen=True, slots=True)
class CustomerEdge:
    """One customer and the place in the list."""

    node: Customer
    cursor: str


@dataclass(frozen=True, slots=True)
class CustomerConnection:
    """A stretch of a sorted list of customers."""

    search: Search
    edges: tuple[CustomerEdge, ...]
    has_next_page: bool
    has_previous_page: bool

    @property
    def nodes(self) -> list[Customer]:
        """The customers without their cursors."""
        return [edge.node for edge in self.edges]


@dataclass(frozen=True, slots=True)
class CustomerPage:
    """One page of a sorted list of customers, with the total of all its pages."""

    customers: list[Customer]
    total: int
    page: int
    size: int

    @property
    def total_pages(self) -> int:
        """How many pages there are; 0 when nobody matches."""
        return -(-self.total // self.size)


@dataclass(frozen=True, slots=True)
class Stretch:
    """What a client asks of a list: `first` after `after`, or `last` before `before`."""

    first: int | None
    after: str | None
    last: int | None
    before: str | None


async def customer(context: OperationContext, customer_id: int) -> Customer:
    """Return one customer.

    Raises:
        CustomerNotFound: there is none.
    """
    found = await find_customer(context, customer_id)
    if found is None:
        raise CustomerNotFound(customer_id)
    return found


async def find_customer(context: OperationContext, customer_id: int) -> Customer | None:
    """Return one customer; None where there is none."""
    found = await context.loaders.customer.load(customer_id)
    if found is not None:
        context.disclosures.note(customer_id, FieldClass.OPEN, Verdict.VALUE)
    return found


async def search_customers(
    context: OperationContext, wanted: CustomerFilter, sort: CustomerSort, *, page: int, size: int
) -> CustomerPage:
    """Return one page of the customers that match, and how many match in all.

    Raises:
        InvalidInput: the page or its size is out of bounds, or the visit dates are the wrong way round.
        NotVisible: the viewer does not see what the list would be sorted by.
    """
    wanted = _permitted(context, wanted, sort)
    page, size = page_number(page), page_size("size", size)
    search = await prepare_search(context.replica_reader, wanted, context.today)
    # the total comes first: it tells which end of the list is nearer, and whether there is such a page
    total = await context.counts.count(context.replica_reader, search)
    ids = await customer_page(context.replica_reader, search, sort, page=page, size=size, total=total)
    return CustomerPage(await _load(context, ids), total, page, size)


async def customers(
    context: OperationContext, wanted: CustomerFilter, sort: CustomerSort, stretch: Stretch
) -> CustomerConnection:
    """Return a stretch of the list of customers that match.

    Raises:
        InvalidInput: a size is out of bounds, a cursor is of another list, or both directions are asked for.
        NotVisible: the viewer does not see what the list would be sorted by.
    """
    wanted = _permitted(context, wanted, sort)
    part = _slice(context.cursors, stretch, sort)
    search = await prepare_search(context.replica_reader, wanted, context.today)
    places = await customer_slice(context.replica_reader, search, sort, part)
    has_more = len(places) == part.limit
    if has_more:
        places = places[1:] if part.backwards else places[:-1]
    cursors = {place.customer_id: context.cursors.customer(sort, place) for place in places}
    found = await _load(context, list(cursors))
    edges = tuple(CustomerEdge(one, cursors[one.customer_id]) for one in found)
    behind = part.anchor is not None
    return CustomerConnection(
        search,
        edges,
        has_next_page=behind if part.backwards else has_more,
        has_previous_page=has_more if part.backwards else behind,
    )


async def count_in_connection(context: OperationContext, connection: CustomerConnection) -> int:
    """Return how many customers the whole list holds."""
    return await context.counts.count(context.replica_reader, connection.search)


def _slice(cursors: Cursors, stretch: Stretch, sort: CustomerSort) -> Slice:
    """Return the part to read: one more than asked for, which tells whether the list goes on."""
    backwards = stretch.last is not None or stretch.before is not None
    if backwards and (stretch.first is not None or stretch.after is not None):
        raise InvalidInput({"first": "first/after와 last/before는 함께 쓸 수 없습니다"})
    name, cursor = ("before", stretch.before) if backwards else ("after", stretch.after)
    size_name, size = ("last", stretch.last) if backwards else ("first", stretch.first)
    limit = page_size(size_name, DEFAULT_PAGE if size is None else size) + 1
    anchor = cursors.read_customer(name, cursor, sort) if cursor else None
    return Slice(limit, anchor, backwards)


async def _load(context: OperationContext, ids: Sequence[int]) -> list[Customer]:
    # a customer deleted between the two statements is left out
    found = [customer for customer in await context.loaders.customer.load_many(ids) if customer is not None]
    for customer in found:
        context.disclosures.note(customer.customer_id, FieldClass.OPEN, Verdict.VALUE)
    return found


def _permitted(context: OperationContext, wanted: CustomerFilter, sort: CustomerSort) -> CustomerFilter:
    """Return the filter that the viewer may use: nobody sorts or searches by what they can't see."""
    _check(wanted)
    if sort is CustomerSort.REVENUE and context.verdicts[FieldClass.MONEY] is not Verdict.VALUE:
        raise NotVisible("sort_by", FieldClass.MONEY)
    sees_phones = context.verdicts[FieldClass.CONTACT] is Verdict.VALUE
    return wanted if sees_phones else replace(wanted, phone_parts=False)


def _check(wanted: CustomerFilter) -> None:
    if wanted.package_status is PackageStatus.COMPLETED:
        raise InvalidInput({"package_status": "ACTIVE, EXPIRING, EXPIRED 중 하나여야 합니다"})
    if wanted.last_visit_from and wanted.last_visit_to and wanted.last_visit_from > wanted.last_visit_to:
        raise InvalidInput({"last_visit_from": "last_visit_to보다 늦을 수 없습니다"})
