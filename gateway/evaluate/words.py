"""Reports in lines for people."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import astuple
from datetime import date

from gateway.evaluate.backtests import CenterReport, SimulationReport
from insight.evaluation import (
    ChanceScores,
    Family,
    RankingScores,
    RecommendationReport,
    Recovery,
    Scores,
    VisitReport,
)
from insight.recommend.service_evaluation import ServiceChoicesFound, ServiceRanking

_VISIT_HEADINGS = ("", "visits off by", "AUC", "Brier", "ECE")
_VISIT_NOTES = (
    "visits off by: mean error of the number of visits; AUC, Brier, ECE: of coming again at all",
    "AUC 1 is best and 0.5 is chance; Brier and ECE (10 bins of equal width) are best at 0",
)
_RANKING_HEADINGS = ("", "hit@1", "NDCG@3", "MAP", "ECE")
_RANKING_NOTE = "hit@1, NDCG@3, MAP: 1 is best; ECE: how far probabilities are from what happened, 0 is best"
_CHOICES = {
    "next_new": "the next service that was new to a customer",
    "first": "the first service of a newcomer",
    "again": "the known service that was taken up again",
}


def visit_lines(report: VisitReport, calibration_end: date) -> Iterator[str]:
    """Say what was fitted, and what it and the rules are worth."""
    fitted, model = report.fitted, report.fitted.model
    family = Family.of(model)
    yield (
        f"{family} with k = {model.k}, fitted to {fitted.customers:,} customers up to {calibration_end}, "
        f"in {report.unit}s"
    )
    yield (
        f"r {model.r:.4f}  alpha {model.alpha:.4f}  a {model.a:.4f}  b {model.b:.4f}  "
        f"log-likelihood {fitted.log_likelihood:,.1f}"
    )
    yield ""
    yield f"the {report.periods:.4g} {report.unit}s after it"
    rows = {str(family): report.scores, **report.baselines}
    yield from aligned([_VISIT_HEADINGS, *(_figures(name, scores) for name, scores in rows.items())])
    yield from _VISIT_NOTES
    yield from _verdict(report)


def interaction_lines(report: RecommendationReport) -> Iterator[str]:
    """Say how well the last new item of users was found."""
    yield (
        f"{report.users:,} users, {report.items:,} items; learned from {report.choices:,} choices, "
        f"judged by the last new item of {report.judged:,} users"
    )
    yield from _ranking_lines({"model": report.scores, **report.baselines})
    yield _RANKING_NOTE


def center_lines(report: CenterReport) -> Iterator[str]:
    """Say how well visits and services of a center are foreseen."""
    yield from visit_lines(report.visits, report.calibration_end)
    yield ""
    if report.services is None:
        yield "services: too few choices to learn from"
        return
    for name, words in _CHOICES.items():
        found: ServiceChoicesFound = getattr(report.services, name)
        yield f"{words}, of {found.choices:,} customers whom the model had not seen"
        yield from _ranking_lines({"model": found.scores, **found.baselines})
        yield ""
    yield _RANKING_NOTE


def simulation_lines(report: SimulationReport) -> Iterator[str]:
    """Say the same of simulated customers, and how far the truth was found."""
    yield from center_lines(report.center)
    for words, found in (
        ("all customers", report.everybody),
        ("those who came within the last 90 days", report.seen_lately),
    ):
        yield ""
        yield f"the truth about {words} ({found.customers:,}), as of today"
        yield from _recovery_lines(found)


def aligned(rows: Sequence[Sequence[str]]) -> Iterator[str]:
    """Yield rows as lines of a table, names to the left and figures to the right."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for name, *figures in rows:
        cells = [figure.rjust(width) for figure, width in zip(figures, widths[1:], strict=True)]
        yield f"  {name.ljust(widths[0])}  {'  '.join(cells)}".rstrip()


def _recovery_lines(found: Recovery) -> Iterator[str]:
    by_recency = ("  by the last visit alone", _figure(found.comes_by_recency), "-", "-")
    rows = [
        ("", "AUC", "Brier", "ECE"),
        _figures("still a customer", found.alive),
        _figures("comes within the time of the holdout", found.comes),
        by_recency,
    ]
    yield from aligned(rows)
    alike = _figure(found.rate_correlation)
    yield f"rank correlation of the expected rate of visits with the true one: {alike}"


def _verdict(report: VisitReport) -> Iterator[str]:
    aucs = {name: scores.auc for name, scores in report.baselines.items() if scores.auc is not None}
    if report.scores.auc is None or not aucs:
        yield "nothing can be said of AUC: everybody came again, or nobody"
        return
    best = max(aucs, key=aucs.__getitem__)
    better = report.scores.auc > aucs[best]
    yield (
        f"by AUC the model {'beats every rule' if better else 'does not beat every rule'}; "
        f"the best rule is {_plain(best)} with {aucs[best]:.3f}"
    )


def _ranking_lines(rows: Mapping[str, RankingScores | ServiceRanking]) -> Iterator[str]:
    cells = [
        (_plain(name), *(_figure(figure) for figure in astuple(scores)[: len(_RANKING_HEADINGS) - 1]))
        for name, scores in rows.items()
    ]
    return aligned([_RANKING_HEADINGS, *cells])


def _figures(name: str, scores: Scores | ChanceScores) -> tuple[str, ...]:
    return (_plain(name), *(_figure(figure) for figure in astuple(scores)))


def _plain(name: str) -> str:
    return name.replace("_", " ")


def _figure(value: float | None) -> str:
    return "-" if value is None else f"{value:.3f}"
