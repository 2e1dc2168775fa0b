"""`python -m gateway evaluate`: what it says of files, of a center, and of simulated customers."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner, Result
from evaluation.transactions import lived_visits, written
from harness import TODAY
from process.program import command

from db.migrate import migrate
from gateway.cli import main
from gateway.evaluate.backtests import evaluate_center
from gateway.evaluate.json_answers import as_json, center_answer
from gateway.evaluate.words import center_lines
from gateway.settings import Settings
from insight.churn import ChurnModel
from insight.evaluation import Unit

TRUTH = ChurnModel(1.2, 6.0, 0.9, 5.0, 1)
SCORES = {"mae", "auc", "brier", "ece"}
RULES = {
    "recency", "recency_table", "seen_within_30d", "seen_within_60d", "seen_within_90d", "own_cadence",
    "own_rate", "last_period", "zero",
}  # fmt: skip
RANKING = {"hit@1", "ndcg@3", "map", "ece"}

Run = Callable[..., Result]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Run `evaluate` in an empty folder, with none of the test run's settings."""
    monkeypatch.chdir(tmp_path)

    def run(*arguments: str, **settings: str) -> Result:
        environment: dict[str, str | None] = dict.fromkeys(map(str.upper, Settings.model_fields))
        return CliRunner().invoke(main, ("evaluate", *arguments), env=environment | settings)

    return run


@pytest.fixture(scope="module")
def lived_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return written(lived_visits(TRUTH, 3000), tmp_path_factory.mktemp("lived") / "lived.csv")


@pytest.fixture
def table(tmp_path: Path) -> Callable[..., Path]:
    """Write lines, or bytes as they are, into a file."""

    def table(*lines: str | bytes) -> Path:
        content = [line if isinstance(line, bytes) else line.encode() for line in lines]
        file = tmp_path / "table.csv"
        file.write_bytes(b"\n".join([*content, b""]))
        return file

    return table


def of_file(file: Path, *options: str, end: str = "2021-06-30") -> tuple[str, ...]:
    return ("--csv", str(file), "--calibration-end", end, *options)


def answer_of(result: Result) -> dict[str, Any]:
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


def test_a_file_is_judged_in_the_shape_the_issue_promises_and_nothing_else_is_printed(
    lived_file: Path, tmp_path: Path
) -> None:
    shown = command(
        "evaluate", *of_file(lived_file, "--unit", "week", "--model", "auto", "--json"), cwd=tmp_path
    )

    assert (shown.returncode, shown.stderr) == (0, "")
    assert shown.stdout.count("\n") == 1
    answer = json.loads(shown.stdout)
    assert list(answer) == ["model", "unit", "customers", "parameters", "log_likelihood", "holdout"]
    assert (answer["model"], answer["unit"], answer["customers"]) == ("mbg", "week", 3000)
    assert list(answer["parameters"]) == ["r", "alpha", "a", "b", "k"]
    assert list(answer["holdout"]) == ["periods", "mae", "auc", "brier", "ece", "baselines"]
    assert set(answer["holdout"]["baselines"]) == RULES
    assert all(set(scores) == SCORES for scores in answer["holdout"]["baselines"].values())


def test_the_parameters_of_who_wrote_the_file_are_found_and_the_model_beats_the_rules(
    run: Run, lived_file: Path
) -> None:
    answer = answer_of(run(*of_file(lived_file, "--model", "mbg", "--json")))

    found, holdout = answer["parameters"], answer["holdout"]
    assert found["k"] == TRUTH.k
    assert (found["r"], found["alpha"]) == pytest.approx((TRUTH.r, TRUTH.alpha), rel=0.15)
    assert found["a"] / found["b"] == pytest.approx(TRUTH.a / TRUTH.b, rel=0.25)
    aucs = {name: scores["auc"] for name, scores in holdout["baselines"].items() if scores["auc"] is not None}
    assert holdout["auc"] > max(aucs.values())
    assert holdout["ece"] < 0.03


def test_days_change_alpha_and_the_length_of_the_holdout_only(run: Run, lived_file: Path) -> None:
    weeks, days = (
        answer_of(run(*of_file(lived_file, "--model", "bg", "--shape", "1", "--unit", unit, "--json")))
        for unit in ("week", "day")
    )

    assert days["parameters"]["alpha"] == pytest.approx(7 * weeks["parameters"]["alpha"], rel=1e-3)
    assert days["parameters"]["r"] == pytest.approx(weeks["parameters"]["r"], rel=1e-3)
    assert days["holdout"]["periods"] == pytest.approx(7 * weeks["holdout"]["periods"])
    assert isinstance(days["holdout"]["periods"], int)
    assert days["holdout"]["auc"] == pytest.approx(weeks["holdout"]["auc"], abs=1e-4)
    assert (weeks["model"], weeks["parameters"]["k"]) == ("bg", 1)


def test_people_read_a_table_with_the_model_before_the_rules(run: Run, lived_file: Path) -> None:
    shown = run(*of_file(lived_file))

    assert shown.exit_code == 0
    assert "mbg with k = 1, fitted to 3,000 customers up to 2021-06-30, in weeks" in shown.stdout
    lines = [line.split("  ")[1] for line in shown.stdout.splitlines() if line.startswith("  ")]
    assert lines[1:4] == ["mbg", "recency", "recency table"]
    assert "by AUC the model beats every rule" in shown.stdout


def test_a_file_is_read_however_it_was_saved(run: Run, table: Callable[..., Path]) -> None:
    plain = table("customer,date", "kim,2021-01-05", "kim,2021-02-05", "lee,2021-01-07", "lee,2021-08-01")
    expected = run(*of_file(plain, "--json")).stdout
    saved = table(
        b"\xef\xbb\xbfAmount; DATE ;Customer;Note\r",
        '1;2021/1/5 09:30;"kim";"a;b"\r',
        ";20210205;kim;\r",
        ";2021-02-05T10:00:00+09:00;kim;the same day\r",
        "\r",
        ";;;\r",
        "-3,5;2021.01.07;lee;\r",
        ";2021-08-01; lee ;\r",
    )

    assert run(*of_file(saved, "--json")).stdout == expected
    assert json.loads(expected)["customers"] == 2


@pytest.mark.parametrize(
    ("lines", "words"),
    [
        ([b""], "empty"),
        (["customer,date"], "no row below the header"),
        (["kim,2021-01-05", "kim,2021-02-05"], "line 1: the header must name customer and date"),
        (["customer,date,date", "kim,2021-01-05,2021-01-05"], "line 1: the header must name"),
        (["customer,date", "kim,2021-01-05", "kim,2021-02-30"], "line 3: the date '2021-02-30' is no day"),
        (["customer,date", "kim,05/01/2021"], "line 2: the date '05/01/2021' is no day"),
        (["customer,date", "kim,9021-01-01"], "line 2: the date '9021-01-01' is yet to come"),
        (["customer,date", ",2021-01-01"], "line 2: no customer"),
        (["customer,date", "kim,2021-01-05", "lee"], "line 3: 1 cells where the header has 2"),
        (["customer,date", "kim,2021-01-05", b"\xb1\xe8,2021-01-05"], "line 3: not UTF-8"),
        (["customer,date", '"kim,2021-01-05'], "line 2: unexpected end of data"),
        (["customer,date", "kim,2021-01-05"], "all transactions are of one day, 2021-01-05"),
        (["customer,date", "kim,2021-01-05", "kim,2021-02-05"], "a day from 2021-01-05 to 2021-02-04"),
    ],
)
def test_what_is_wrong_with_a_file_is_said_in_words(
    run: Run, table: Callable[..., Path], lines: list[str | bytes], words: str
) -> None:
    refused = run(*of_file(table(*lines), "--json"))

    assert refused.exit_code == 1
    assert refused.stdout == ""
    assert refused.stderr.startswith("Error: ")
    assert words in refused.stderr
    assert isinstance(refused.exception, SystemExit)


def test_one_customer_who_never_comes_again_is_an_answer_with_nulls(
    run: Run, table: Callable[..., Path]
) -> None:
    answer = answer_of(run(*of_file(table("customer,date", "a,2021-01-01", "a,2021-09-01"), "--json")))

    assert answer["customers"] == 1
    assert answer["holdout"]["auc"] is None
    assert all(np.isfinite(list(answer["parameters"].values())))


@pytest.mark.parametrize(
    "arguments",
    [
        ("--csv", "table.csv"),
        ("--csv", "table.csv", "--calibration-end", "2021-01-01", "--holdout", "60d"),
        ("--calibration-end", "2021-01-01"),
        ("--holdout", "60"),
        ("--holdout", "0d"),
        ("--json", "recommend", "--csv", "table.csv"),
        ("--csv", "missing.csv", "--calibration-end", "2021-01-01"),
    ],
)
def test_options_that_do_not_go_together_are_refused(
    run: Run, table: Callable[..., Path], arguments: tuple[str, ...]
) -> None:
    table("customer,date", "a,2021-01-01")

    assert run(*arguments).exit_code == 2


def test_recommendations_are_judged_for_any_file_of_uses(run: Run, table: Callable[..., Path]) -> None:
    rng = np.random.default_rng(1)
    lines = [f"u{user},i{rng.integers(4) * 2 + user % 2},{at}" for at in range(6) for user in range(80)]
    file = str(table("user,item,time", *lines))
    answer = answer_of(run("recommend", "--csv", file, "--json"))

    assert (answer["users"], answer["items"]) == (80, 8)
    holdout = answer["holdout"]
    assert set(holdout) == {"users", "baselines", *RANKING}
    assert {name: set(scores) for name, scores in holdout["baselines"].items()} == {
        "popularity": RANKING,
        "item_to_item": RANKING,
    }
    assert holdout["hit@1"] > holdout["baselines"]["popularity"]["hit@1"]
    assert "item to item" in run("recommend", "--csv", file).stdout


@pytest.mark.parametrize(
    ("lines", "words"),
    [
        (["user,item,time", "a,b,soon"], "line 2: the time 'soon' is neither a number nor a time"),
        (["user,item,time", "a,b,1", "a,c,2021-01-01"], "line 3: the time '2021-01-01' is of another kind"),
        (["user,item,time", "a,b,1"], "a next item is found for users of two items"),
    ],
)
def test_what_is_wrong_with_uses_is_said_in_words(
    run: Run, table: Callable[..., Path], lines: list[str], words: str
) -> None:
    refused = run("recommend", "--csv", str(table(*lines)))

    assert refused.exit_code == 1
    assert words in refused.stderr


def test_times_order_uses_whether_as_numbers_or_as_times(run: Run, table: Callable[..., Path]) -> None:
    rng = np.random.default_rng(1)
    uses = [(user, int(rng.integers(6)), at) for at in range(6) for user in range(40)]
    as_numbers = table("user,item,time", *(f"{user},{item},{at}" for user, item, at in reversed(uses)))
    expected = answer_of(run("recommend", "--csv", str(as_numbers), "--json"))
    as_times = table(
        "user,item,time",
        *(f"{user},{item},2021-01-01T{9 + at:02d}:00:00Z" for user, item, at in reversed(uses)),
    )

    assert answer_of(run("recommend", "--csv", str(as_times), "--json")) == expected


def test_simulated_customers_are_judged_by_the_truth_too(run: Run) -> None:
    answer = answer_of(run("--simulated", "1500", "--json"))

    assert (answer["model"], answer["unit"]) == ("mbg", "week")
    assert answer["customers"] <= 1500
    truth = answer["truth"]
    assert truth["everybody"]["customers"] == 1500
    assert truth["everybody"]["alive"]["ece"] < 0.03
    assert truth["everybody"]["comes"]["auc"] > truth["everybody"]["comes_by_recency"]
    assert truth["everybody"]["rate_correlation"] > 0.85
    assert truth["seen_within_90d"]["customers"] < 1500
    services = answer["recommendations"]
    assert services["next_new"]["hit@1"] > services["next_new"]["baselines"]["popularity"]["hit@1"]


def test_a_center_is_judged_by_its_last_days(demo_url: str) -> None:
    report = evaluate_center(demo_url, TODAY, 60, Unit.WEEK, "mbg")
    answer = json.loads(as_json(center_answer(report)))
    lines = list(center_lines(report))

    assert lines[0].startswith(
        f"mbg with k = 2, fitted to {answer['customers']:,} customers up to 2026-04-16"
    )
    assert any(line.startswith("the next service that was new to a customer") for line in lines)
    assert list(answer)[:6] == ["model", "unit", "customers", "parameters", "log_likelihood", "holdout"]
    assert answer["holdout"]["periods"] == pytest.approx(60 / 7)
    assert answer["holdout"]["auc"] > answer["holdout"]["baselines"]["recency"]["auc"]
    assert set(answer["recommendations"]["next_new"]) == {"customers", "baselines", *RANKING}


def test_a_center_without_visits_or_without_tables_is_told_what_is_missing(
    run: Run, empty_database_url: str
) -> None:
    refused = run("--holdout", "60d", DATABASE_URL=empty_database_url)
    assert (refused.exit_code, refused.stdout) == (1, "")
    assert "python -m gateway migrate" in refused.stderr

    migrate(empty_database_url)
    refused = run("--holdout", "60d", DATABASE_URL=empty_database_url)
    assert (refused.exit_code, refused.stdout) == (1, "")
    assert "nobody had come up to" in refused.stderr
