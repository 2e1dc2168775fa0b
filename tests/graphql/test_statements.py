"""How many statements an answer takes: as many as what is asked needs, however many customers answer."""

from collections.abc import Callable

import pytest
from harness import SECRET, Gateway, running_gateway

Statements = Callable[..., int]

FRAGMENTS = """
fragment Everything on Customer {
  id name phone totalVisits averageSatisfaction
  serviceHistory(first: 5) { nodes { sessionId serviceName staffName } totalCount pageInfo { hasNextPage } }
  planned: serviceHistory(statuses: [SCHEDULED]) { edges { cursor node { sessionId } } }
  packages { packageName usageSummary services { service used } }
  activePackage { purchaseId }
  preferences { preferredServices }
  analytics { ...Figures }
  segment { primarySegment peerComparison { spendingPercentile } insufficientData { field } }
}
fragment Figures on Analytics {
  visitPattern { averageIntervalDays monthlyVisits { month visits } insufficientData { field } }
  serviceUsage { mostUsedService growthTrend { service label } }
  revenueContribution { totalRevenue ltvEstimate revenuePercentile insufficientData { field } }
  healthMetrics { goalAchievementRate reportedImprovements { metric change } recommendationCompliance }
  riskAssessment { churnRisk riskFactors insufficientData { field } }
}
"""

TWO_PERIODS = """
short: analytics(period: DAYS_30) { visitPattern { visitFrequency } }
long: analytics(period: YEAR_1) { visitPattern { visitFrequency } }
"""

ALL_OF_THEM = (
    "query ($n: Int!) { customers(first: $n, sortBy: TOTAL_VISITS) { nodes { ...Everything } } }" + FRAGMENTS
)


def test_fifty_customers_take_as_many_statements_as_one(statements: Statements) -> None:
    assert statements(ALL_OF_THEM, {"n": 50}) == statements(ALL_OF_THEM, {"n": 1})


def test_a_hundred_customers_on_a_page_take_as_many_as_one(statements: Statements) -> None:
    page = """query ($n: Int!, $day: Date!) { customerSearch(size: $n, filter: {lastVisitFrom: $day}) {
                customers { name activePackage { status usageSummary } } } }"""

    # two days, since the total of one would be remembered
    assert statements(page, {"n": 100, "day": "2020-03-03"}) == statements(
        page, {"n": 1, "day": "2020-03-04"}
    )


def test_a_total_just_counted_is_remembered(statements: Statements) -> None:
    page = '{ customerSearch(filter: {lastVisitFrom: "2020-04-04"}) { pagination { total } } }'

    assert (statements(page), statements(page)) == (3, 2)


@pytest.mark.parametrize(
    ("selection", "more"),
    [
        ("name", 0),
        ("serviceHistory { nodes { sessionId } }", 1),
        ("serviceHistory { nodes { sessionId } totalCount }", 2),
        ("serviceHistory(first: 1) { nodes { sessionId } } all: serviceHistory { totalCount }", 3),
        ("packages { status } activePackage { status } active: packages(statuses: [ACTIVE]) { status }", 1),
        ("preferences { preferredTime }", 1),
        ("analytics { period }", 0),
        ("analytics { visitPattern { visitFrequency } }", 1),
        ("analytics { visitPattern { visitFrequency } serviceUsage { mostUsedService } }", 1),
        ("analytics { revenueContribution { totalRevenue } }", 1),
        ("analytics { revenueContribution { totalRevenue revenuePercentile } }", 1),
        ("analytics { riskAssessment { churnProbability } }", 2),
        ("analytics { riskAssessment { riskFactors } visitPattern { visitFrequency } } packages { status }",
         2),
        ("analytics { healthMetrics { recommendationCompliance } }", 4),
        ("segment { primarySegment }", 3),
        ("analytics { healthMetrics { goalAchievementRate } }", 1),
        (TWO_PERIODS, 1),
        ("analytics { period __typename } __typename", 0),
        ("preferences @skip(if: true) { preferredTime }", 0),
    ],
)  # fmt: skip
def test_a_field_costs_its_own_statements_and_an_unasked_one_none(
    statements: Statements, selection: str, more: int
) -> None:
    assert statements(f"{{ customer(id: 123) {{ name {selection} }} }}") == 1 + more


def test_the_same_customers_under_many_names_are_read_once(statements: Statements) -> None:
    names = " ".join(f"c{number}: customer(id: {120 + number}) {{ name preferences {{ preferredTime }} }}"
                     for number in range(1, 20))  # fmt: skip

    assert statements(f"{{ {names} }}") == 2


def test_a_customer_and_the_node_of_it_are_read_once(statements: Statements) -> None:
    assert statements('{ customer(id: 123) { name } node(id: "Q3VzdG9tZXI6MTIz") { id } }') == 1


def test_the_same_field_under_two_names_is_read_once(statements: Statements) -> None:
    twice = "a: serviceHistory { nodes { sessionId } } b: serviceHistory { nodes { serviceDate } totalCount }"

    assert statements(f"{{ customer(id: 123) {{ {twice} }} }}") == 3


def test_introspection_takes_no_statement(statements: Statements) -> None:
    assert statements("{ __schema { types { name } } }") == 0


def test_a_customer_met_in_a_list_is_not_read_again(statements: Statements) -> None:
    document = "{ customers(first: 5) { nodes { analytics { period } } } }"

    assert statements(document) == 2


def test_production_does_not_tell_how_many_statements(gateway: Gateway) -> None:
    with running_gateway(gateway.database_url, environment="production") as production:
        response = production.request("POST", "/graphql", json={"query": "{ me { role } }"})

    assert response.status_code == 200
    assert "server-timing" not in response.headers
    assert SECRET not in response.text
