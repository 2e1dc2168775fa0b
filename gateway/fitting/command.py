"""`python -m gateway fit`."""

import click

from db.fitting.lock import FitRunning
from gateway.app import today_in_seoul
from gateway.fitting.fit import FitReport, fit_for_today, fit_models
from gateway.progress import ProgressBar
from gateway.settings import read_settings
from gateway.startup import migrated_database
from insight.churn import ChurnModel


@click.command("fit")
@click.option("--force", is_flag=True, help="Fit again although the models of today are there.")
def fit(*, force: bool) -> None:
    """Fit the models to the center's rows; every running server uses them within a minute.

    Cut off at any moment and started again on the same day, it goes on where it stopped.
    """
    today = today_in_seoul()
    with migrated_database(read_settings()) as database:
        try:
            with ProgressBar() as bar:
                report = (fit_models if force else fit_for_today)(database.url, today, bar.show)
        except FitRunning as running:
            click.echo(str(running))
            return
    if report is None:
        click.echo(f"the models of {today} are there already; --force fits them again")
        return
    for name, value in _lines(report):
        click.echo(f"{name:<10} {value}")


def _lines(report: FitReport) -> list[tuple[str, str]]:
    data = report.data
    window = f"{data.data_from} to {data.data_until}" if data.data_from else "nobody ever came"
    seconds = [f"{name} {value:.2f}" for name, value in report.seconds.items()]
    lines = [
        ("version", report.version),
        ("customers", f"{data.customers:,}"),
        ("window", window),
        ("churn", _parameters(report.churn) if report.churn else "nobody to fit it to"),
        ("seconds", f"{sum(report.seconds.values()):.2f} ({', '.join(seconds)})"),
    ]
    return [*lines, ("too little", f"for {', '.join(report.missing)}")] if report.missing else lines


def _parameters(churn: ChurnModel) -> str:
    return f"r {churn.r:.4g}, alpha {churn.alpha:.4g}, a {churn.a:.4g}, b {churn.b:.4g}, k {churn.k} (weeks)"
