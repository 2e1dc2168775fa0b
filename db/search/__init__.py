"""Find customers: by words, services, packages, membership, risk and visit dates; by page or by cursor.

Everything is found in one row of `gateway.customer_summary`, whose indexes hold whatever is filtered by, so
that lists are walked without reading the table. Only rare words are looked up first, by the grams of
`public.customers`. Statements return places; what is shown comes through the loaders.
"""

from db.search.counts import CustomerCounts
from db.search.filters import CustomerFilter, CustomerSort
from db.search.lists import ListPlace, Slice, SortKey, count_customers, customer_page, customer_slice
from db.search.plan import Search, prepare_search

__all__ = [
    "CustomerCounts",
    "CustomerFilter",
    "CustomerSort",
    "ListPlace",
    "Search",
    "Slice",
    "SortKey",
    "count_customers",
    "customer_page",
    "customer_slice",
    "prepare_search",
]
