"""What an operation costs, told before anything of it runs."""

from typing import Any

import pytest
from graphql import build_schema, parse, validate

from execution import Costs, InvalidDocument, PageSizes

SCHEMA = build_schema("""
type Query {
  one(id: ID): Thing
  page(size: Int! = 20): Page
  list(first: Int = null, last: Int): Page
  few: [Thing!]!
  node(id: ID): Node
}
type Mutation { change: Thing }
type Page { things: [Thing!]! edges: [Edge!]! total: Int }
type Edge { node: Thing! }
interface Node { id: ID }
type Thing implements Node { id: ID name: String figures(days: Int): Figures advice: Figures
  friends(first: Int! = 20): Page }
type Place implements Node { id: ID figures(days: Int): Figures }
type Figures { total: Int parts: [Part!]! }
type Part { of: Int }
""")
PRICES = {"Thing.figures": "figures", "Thing.advice": "advice", "Place.figures": "figures"}
PAGES = PageSizes(("first", "last", "size"), default=20, largest=100)
PLACE = " fragment P on Place { a: figures { total } b: figures { total } }"
NODE = '{ node(id: "1") { %s } }'


def cost(document: str, *, max_nodes: int = 50_000, operation: str | None = None, **variables: Any) -> Any:
    parsed = parse(document)
    assert validate(SCHEMA, parsed) == []
    return Costs(SCHEMA, PRICES, PAGES, max_nodes=max_nodes).of(parsed, operation, variables)


def units(document: str, **variables: Any) -> dict[str, int]:
    return dict(cost(document, **variables).units)


@pytest.mark.parametrize(
    ("document", "figures"),
    [
        ("{ one { name } }", 0),
        ("{ one { figures { total } } }", 1),
        ("mutation { change { figures { total } } }", 1),
        ("{ one { a: figures { total } b: figures(days: 7) { total } } }", 2),
        ("{ " + " ".join(f"t{number}: one {{ figures {{ total }} }}" for number in range(20)) + " }", 20),
        ("{ one { figures { total } figures { parts { of } } } }", 1),
        ("{ one { figures { total } } one { figures { total } name } }", 1),
        ("{ __schema { types { fields { name } } } }", 0),
    ],
    ids=["none", "one", "after a change", "two names", "twenty names", "merged", "merged above", "schema"],
)
def test_a_field_costs_a_unit_for_each_object_it_is_computed_for(document: str, figures: int) -> None:
    assert units(document).get("figures", 0) == figures


@pytest.mark.parametrize(
    ("document", "figures"),
    [
        ("{ page { things { figures { total } } } }", 20),
        ("{ page(size: 7) { things { figures { total } } } }", 7),
        ("{ page(size: 7) { things { figures { total } } edges { node { figures { total } } } } }", 14),
        ("{ list { things { figures { total } } } }", 20),
        ("{ list(last: 3) { edges { node { figures { total } } } } }", 3),
        ("{ list(first: null, last: 3) { edges { node { figures { total } } } } }", 3),
        ("{ page(size: 3) { things { friends(first: 5) { things { figures { total } } } } } }", 15),
        ("{ page(size: 3) { total things { name } } one { figures { total } } }", 1),
        ("{ few { figures { total } } }", 10),
        ("{ page(size: 2147483647) { things { figures { total } } } }", 100),
        ("{ page(size: -5) { things { figures { total } } } }", 1),
    ],
)  # fmt: skip
def test_a_page_costs_as_many_units_as_it_may_hold(document: str, figures: int) -> None:
    assert units(document) == {"figures": figures}


@pytest.mark.parametrize(
    ("variables", "figures"),
    [({"size": 3}, 3), ({"size": 3.0}, 3), ({}, 8), ({"size": 1000}, 100)],
)
def test_a_page_size_may_be_a_variable(variables: dict[str, Any], figures: int) -> None:
    document = "query ($size: Int! = 8) { page(size: $size) { things { figures { total } } } }"

    assert units(document, **variables) == {"figures": figures}


@pytest.mark.parametrize(("variables", "figures"), [({"n": 3}, 3), ({"n": None}, 20), ({}, 20)])
def test_a_size_that_is_left_out_is_the_default_of_the_server(
    variables: dict[str, Any], figures: int
) -> None:
    document = "query ($n: Int) { list(first: $n) { things { figures { total } } } }"

    assert units(document, **variables) == {"figures": figures}


@pytest.mark.parametrize(
    ("document", "figures"),
    [
        ("{ one { ...F } } fragment F on Thing { figures { total } }", 1),
        ("{ one { ...F ...F ... on Thing { ...F } } } fragment F on Thing { figures { total } }", 1),
        ("{ one { ...F figures { parts { of } } } } fragment F on Thing { figures { total } }", 1),
        ("{ a: one { ...F } b: one { ...F } } fragment F on Thing { figures { total } }", 2),
        (NODE % "... on Thing { figures { total } }", 1),
        (NODE % "id ... on Thing { figures { total } } ... on Place { figures { total } }", 1),
        (NODE % "... on Thing { figures { total } } ... on Place { ...P }" + PLACE, 2),
        (NODE % "... on Node { ... on Thing { figures { total } } }", 1),
    ],
)  # fmt: skip
def test_fragments_cost_what_they_select(document: str, figures: int) -> None:
    assert units(document) == {"figures": figures}


@pytest.mark.parametrize(("yes", "figures"), [(True, 1), (False, 0)])
@pytest.mark.parametrize(
    "selection",
    [
        "figures @include(if: $yes) { total }",
        "figures @skip(if: $no) { total }",
        "... @include(if: $yes) { figures { total } }",
        "...F @skip(if: $no)",
    ],
)
def test_what_a_directive_leaves_out_costs_nothing(selection: str, yes: bool, figures: int) -> None:  # noqa: FBT001
    document = f"""query ($yes: Boolean! = true, $no: Boolean! = false) {{
        one {{ id {selection} ...F @include(if: false) a: name @skip(if: $yes) b: name @skip(if: $no) }}
    }}
    fragment F on Thing {{ figures {{ total }} }}"""

    assert units(document, yes=yes, no=not yes).get("figures", 0) == figures


def test_each_kind_of_unit_is_counted_for_itself() -> None:
    assert units(
        "{ page(size: 4) { things { figures { total } advice { total } x: advice { total } } } }"
    ) == {
        "figures": 4,
        "advice": 8,
    }


def test_only_the_operation_that_runs_costs() -> None:
    document = "query A { one { figures { total } } } query B { a: one { name } }"

    assert cost(document, operation="A").units == {"figures": 1}
    assert cost(document, operation="B").units == {}


def test_a_document_asked_again_with_other_values_costs_anew() -> None:
    document = parse("query ($n: Int!) { page(size: $n) { things { figures { total } } } }")
    costs = Costs(SCHEMA, PRICES, PAGES, max_nodes=50_000)

    asked = [costs.of(document, None, {"n": size}).units["figures"] for size in (3, 5, 3)]

    assert asked == [3, 5, 3]


def test_variables_that_do_not_fit_cost_nothing_since_nothing_will_run() -> None:
    assert units("query ($n: Int!) { page(size: $n) { things { figures { total } } } }", n="many") == {}


def test_a_condition_of_null_stops_the_whole_operation() -> None:
    # the execution would stop at that field alone, and run the others
    document = "query ($yes: Boolean = true) { one { figures { total } } a: one { name @skip(if: $yes) } }"

    with pytest.raises(InvalidDocument):
        cost(document, yes=None)


@pytest.mark.parametrize(
    ("document", "nodes"),
    [
        ("{ one { name } }", 1),
        ("{ one { figures { total } } }", 2),
        ("{ page(size: 100) { things { friends(first: 100) { things { name } } } } }", 1 + 100 * 102),
        ("{ few { name } }", 10),
        ('{ node(id: "1") { id ... on Thing { figures { total } } } }', 2),
        ("{ __schema { types { fields { name } } } }", 0),
    ],
)  # fmt: skip
def test_every_object_that_the_answer_may_hold_is_counted(document: str, nodes: int) -> None:
    assert cost(document).nodes == nodes


def test_an_answer_of_too_many_objects_is_refused() -> None:
    document = "{ page(size: 100) { things { friends(first: 100) { things { name } } } } }"

    with pytest.raises(InvalidDocument, match="more than 10200 objects"):
        cost(document, max_nodes=10_200)
    assert cost(document, max_nodes=10_201).nodes == 10_201


def test_fragments_that_spread_each_other_twice_are_measured_once_each() -> None:
    fragments = " ".join(
        f"fragment F{level} on Thing {{ ...F{level + 1} ... on Node {{ ...F{level + 1} }} }}"
        for level in range(18)
    )
    document = f"{{ one {{ ...F0 }} }} {fragments} fragment F18 on Thing {{ figures {{ total }} }}"

    assert Costs(SCHEMA, PRICES, PAGES, max_nodes=50_000).of(parse(document), None, {}).units == {
        "figures": 1
    }


def test_an_answer_that_doubles_at_each_level_is_counted_without_being_walked() -> None:
    one = "friends(first: 1)"
    levels = " ".join(
        f"fragment F{level} on Thing {{ a: {one} {{ ...P{level} }} b: {one} {{ ...P{level} }} }}"
        f"fragment P{level} on Page {{ things {{ ...F{level + 1} }} }}"
        for level in range(40)
    )
    document = f"{{ one {{ ...F0 }} }} {levels} fragment F40 on Thing {{ figures {{ total }} }}"

    cost = Costs(SCHEMA, PRICES, PAGES, max_nodes=2**50).of(parse(document), None, {})

    assert cost.units == {"figures": 2**40}


def test_costs_are_forgotten_with_their_document() -> None:
    costs = Costs(SCHEMA, PRICES, PAGES, max_nodes=50_000)

    for size in range(1, 50):
        document = parse(f"{{ page(size: {size}) {{ things {{ figures {{ total }} }} }} }}")
        assert costs.of(document, None, {}).units == {"figures": size}

    assert len(costs._known) <= 1
