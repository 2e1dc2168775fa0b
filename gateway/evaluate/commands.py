"""`python -m gateway evaluate ...`: does it work, on the center's own rows, on a file, on simulated ones."""

from collections.abc import Generator, Iterable
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

import click
import numpy as np

from gateway.app import today_in_seoul
from gateway.evaluate.backtests import (
    AUTO,
    FAMILIES,
    SEED,
    NothingToJudge,
    evaluate_center,
    evaluate_file,
    evaluate_simulated,
)
from gateway.evaluate.days import Days
from gateway.evaluate.files import BadFile
from gateway.evaluate.json_answers import (
    Answer,
    as_json,
    center_answer,
    interactions_answer,
    simulation_answer,
    visit_answer,
)
from gateway.evaluate.tables import read_interactions, read_transactions
from gateway.evaluate.words import center_lines, interaction_lines, simulation_lines, visit_lines
from gateway.settings import read_settings
from gateway.startup import migrated_database
from insight.evaluation import Family, NothingToFind, Unit, evaluate_interactions

_HOLDOUT_DAYS = 60
_COMMAND_LINE = click.core.ParameterSource.COMMANDLINE
_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
_MOST_SHAPES = 6


@click.group("evaluate", invoke_without_command=True)
@click.option("--holdout", "holdout_days", type=Days(), help="The last days to judge by, 60d by default.")
@click.option("--csv", "file", type=_FILE, help="Transactions (customer,date) instead of the database.")
@click.option("--simulated", type=click.IntRange(1, 1_000_000), help="So many simulated customers instead.")
@click.option(
    "--unit",
    type=click.Choice([str(unit) for unit in Unit]),
    default=str(Unit.WEEK),
    show_default=True,
    help="What time is counted in.",
)
@click.option(
    "--calibration-end",
    type=click.DateTime(["%Y-%m-%d", "%Y/%m/%d", "%Y%m%d"]),
    help="The last day of a file that is learned from.",
)
@click.option(
    "--model",
    type=click.Choice([str(name) for name in FAMILIES]),
    help="BG/CNBD-k, MBG/CNBD-k or the likelier; auto for a file, else mbg as `fit` does.",
)
@click.option(
    "--shape", type=click.IntRange(1, _MOST_SHAPES), help="k of the gaps of a file, else the likeliest."
)
@click.option("--json", "for_programs", is_flag=True, help="Print one JSON object.")
@click.pass_context
def evaluate(  # noqa: PLR0913 - the options of one command
    context: click.Context,
    *,
    holdout_days: int | None,
    file: Path | None,
    simulated: int | None,
    unit: str,
    calibration_end: datetime | None,
    model: str | None,
    shape: int | None,
    for_programs: bool,
) -> None:
    """Say how well visits and services are foreseen, beside simple rules.

    The models learn from all but the last days, which then judge them. With --csv the same is done for any
    transactions: one row each, those of a day are one visit.
    """
    if context.invoked_subcommand is not None:
        _refuse_options_before(context)
        return
    counted_in, today = Unit(unit), today_in_seoul()
    with _errors_in_words():
        if file is not None:
            if calibration_end is None or holdout_days or simulated:
                raise click.UsageError("--csv goes with --calibration-end, without --holdout or --simulated")
            end = calibration_end.date()
            report = evaluate_file(read_transactions(file, today), end, counted_in, model or AUTO, shape)
            _say(visit_answer(report), visit_lines(report, end), for_programs=for_programs)
            return
        if calibration_end or shape:
            raise click.UsageError("--calibration-end and --shape go with --csv")
        judged = (today, holdout_days or _HOLDOUT_DAYS, counted_in, model or str(Family.MBG))
        if simulated:
            found = evaluate_simulated(simulated, *judged)
            _say(simulation_answer(found), simulation_lines(found), for_programs=for_programs)
            return
        with migrated_database(read_settings()) as database:
            center = evaluate_center(database.url, *judged)
        _say(center_answer(center), center_lines(center), for_programs=for_programs)


@evaluate.command("recommend")
@click.option("--csv", "file", type=_FILE, required=True, help="Uses of items: user,item,time.")
@click.option("--json", "for_programs", is_flag=True, help="Print one JSON object.")
def recommend(file: Path, *, for_programs: bool) -> None:
    """Say how well the next new item of each user is found in any file of uses.

    The last item that was new to a user is hidden with all that came after it; popularity, item-to-item and
    a choice model look for it among everything the user had not used.
    """
    with _errors_in_words():
        report = evaluate_interactions(read_interactions(file), np.random.default_rng(SEED))
    _say(interactions_answer(report), interaction_lines(report), for_programs=for_programs)


def _say(answer: Answer, lines: Iterable[str], *, for_programs: bool) -> None:
    if for_programs:
        click.echo(as_json(answer))
        return
    for line in lines:
        click.echo(line)


def _refuse_options_before(context: click.Context) -> None:
    given = [name for name in context.params if context.get_parameter_source(name) is _COMMAND_LINE]
    if given:
        raise click.UsageError(f"options of {context.invoked_subcommand} stand behind it")


@contextmanager
def _errors_in_words() -> Generator[None]:
    try:
        yield
    except (BadFile, NothingToJudge, NothingToFind) as error:
        raise click.ClickException(str(error)) from None
