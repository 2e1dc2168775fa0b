"""The command line: serve, and everything an operator needs beside it."""

import re
import sys
from datetime import timedelta
from pathlib import Path

import click

from access import Role
from db.demo import LOADING, CenterNotEmpty, DemoPlan, load_demo, usual_days
from db.embedded import EmbeddedPostgresError
from db.migrate import CenterBusy, NeedsDirectConnection, UnknownCenterDatabase, migrate
from gateway.app import today_in_seoul
from gateway.audit.commands import audit
from gateway.doctor import examine
from gateway.doctor_summaries import recount_finding
from gateway.evaluate.commands import evaluate
from gateway.fitting.command import fit
from gateway.fitting.fit import fit_models
from gateway.identity import token_maker
from gateway.policy_page import changes_since, policy_page
from gateway.progress import ProgressBar
from gateway.serve import serve
from gateway.settings import BadSettings, read_settings
from gateway.startup import CannotStart, running_database
from schema import build_schema

_DURATION = re.compile(r"(\d{1,9})([smhd])")
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}
_LONGEST = timedelta(days=3650)


_IN_WORDS = (
    CannotStart,
    CenterBusy,
    CenterNotEmpty,
    EmbeddedPostgresError,
    NeedsDirectConnection,
    UnknownCenterDatabase,
)


class Duration(click.ParamType[timedelta]):
    """A length of time such as 30m, 1h or 7d."""

    name = "duration"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> timedelta:
        """Read the length."""
        if isinstance(value, timedelta):
            return value
        match = _DURATION.fullmatch(str(value))
        if match is None:
            self.fail(f"{value} is not a length of time such as 30m, 1h or 7d", param, ctx)
        length = timedelta(**{_UNITS[match[2]]: int(match[1])})
        if not timedelta() < length <= _LONGEST:
            self.fail(f"{value} is not between 1s and {_LONGEST.days}d", param, ctx)
        return length


class _Commands(click.Group):
    """Tells expected errors in words instead of a traceback."""

    def invoke(self, ctx: click.Context) -> object:
        try:
            return super().invoke(ctx)
        except BadSettings as error:
            raise click.ClickException(f"the settings cannot be used\n{error}") from None
        except _IN_WORDS as error:
            raise click.ClickException(str(error)) from None


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
def main() -> None:
    """A GraphQL gateway over a wellness center's PostgreSQL database.

    Settings come from the environment or a .env file: HOST, PORT, WORKERS, ENVIRONMENT, DATABASE_URL,
    JWT_SECRET, ... (`doctor` lists them). Without DATABASE_URL an embedded server runs under .data/.
    """


main.add_command(audit)
main.add_command(fit)
main.add_command(evaluate)


@main.command("serve")
def serve_command() -> None:
    """Set the database up and serve until Ctrl-C or SIGTERM.

    Development migrates, and loads the demo center into an empty database; production does neither.
    """
    serve(read_settings())


@main.command("token")
@click.option(
    "--role",
    type=click.Choice([str(role) for role in Role], case_sensitive=False),
    help="What the token may do.",
)
@click.option("--no-role", is_flag=True, help="Leave the role to the center's users.")
@click.option(
    "--sub", "subject", default="admin@center.example", show_default=True, help="Whose token it is."
)
@click.option(
    "--scope", "scopes", multiple=True, help="An extra right, such as health:read; may be repeated."
)
@click.option("--ttl", type=Duration(), default="1h", show_default=True, help="How long it is good for.")
def token_command(
    role: str | None, subject: str, scopes: tuple[str, ...], ttl: timedelta, *, no_role: bool
) -> None:
    """Print a bearer token signed with JWT_SECRET (in development, with the secret under .data/)."""
    if (role is None) != no_role:
        raise click.UsageError("give either --role or --no-role")
    tokens = token_maker(read_settings())
    if tokens is None:
        raise click.ClickException("tokens come from the issuer of the key set: there is no JWT_SECRET")
    words = frozenset(word for scope in scopes for word in scope.split())
    click.echo(
        tokens.make(subject=subject, role=Role(role.upper()) if role else None, scopes=words, lifetime=ttl)
    )


@main.command("migrate")
def migrate_command() -> None:
    """Bring the database to the newest migration, while its center works.

    Repeat it when it was cut off. DATABASE_URL must lead to the server itself, not to a pooler.
    """
    with running_database(read_settings()) as database:
        before = migrate(database.url, lambda words: click.echo(words, err=True))
    if before.up_to_date:
        click.echo(f"already at {before.head}")
    else:
        click.echo(f"migrated from {before.current or 'an empty database'} to {before.head}")


@main.command("seed")
@click.option(
    "--customers", type=click.IntRange(1, 5_000_000), default=892, show_default=True, help="How many."
)
@click.option(
    "--days",
    type=click.IntRange(1, 3650),
    default=None,
    show_default="1095, and 180 for more than 200,000 customers",
    help="Over how many days they signed up: 180 make some 11 sessions each, three years 37.",
)
@click.option("--rng", "seed", type=int, default=20240606, show_default=True, help="Seed of the simulator.")
def seed_command(customers: int, days: int | None, seed: int) -> None:
    """Load an invented center into an empty database, and fit its models.

    The same numbers give the same center on the same day.
    """
    settings = read_settings()
    if not settings.development:
        raise click.ClickException("demo data is not for production (ENVIRONMENT=production)")
    today = today_in_seoul()
    plan = DemoPlan(customers=customers, days=days or usual_days(customers), seed=seed, today=today)
    with running_database(settings, LOADING) as database:
        migrate(database.url)
        with ProgressBar() as bar:
            report = load_demo(database.url, plan, bar.show)
        click.echo(
            f"{report.customers:,} customers, {report.sessions:,} sessions, {report.purchases:,} packages, "
            f"{report.payments:,} payments, {report.observations:,} measurements in {report.seconds:.1f} s"
        )
        with ProgressBar() as bar:
            fitted = fit_models(database.url, today, bar.show)
        click.echo(f"models fitted in {sum(fitted.seconds.values()):.1f} s")


@main.command("schema")
@click.option(
    "--check", "file", type=click.Path(path_type=Path), help="Compare with a file instead of printing."
)
def schema_command(file: Path | None) -> None:
    """Print the GraphQL schema."""
    printed = build_schema().as_str() + "\n"
    if file is None:
        click.echo(printed, nl=False)
    elif not file.exists() or file.read_text(encoding="utf-8") != printed:
        raise click.ClickException(
            f"{file} is not the schema of the code: run make schema and review the change"
        )


@main.command("policy")
@click.option(
    "--check", "file", type=click.Path(path_type=Path), help="Compare with a file instead of printing."
)
def policy_command(file: Path | None) -> None:
    """Print who sees which field, as a table."""
    schema = build_schema()
    page = policy_page(schema)
    if file is None:
        click.echo(page, nl=False)
        return
    printed = file.read_text(encoding="utf-8") if file.exists() else ""
    if printed != page:
        changes = "\n".join(changes_since(printed, schema))
        raise click.ClickException(
            f"{file} is not the policy of the code: run make schema and review the change\n{changes}"
        )


@main.command("doctor")
@click.option("--recount", is_flag=True, help="Compare every customer's summary with the rows, and mend it.")
def doctor_command(*, recount: bool) -> None:
    """Check settings, database and migrations, and say what to do; end with 1 if something has to be done.

    A recount that mended summaries ends with 1 too, so that a nightly one is heard. The center may go on
    working meanwhile.
    """
    findings = examine(read_settings(), *([recount_finding] if recount else []))
    for finding in findings:
        mark = click.style("ok  ", fg="green") if finding.fine else click.style("FAIL", fg="red")
        click.echo(f"{mark} {finding.subject}: {finding.words}")
        if finding.advice:
            click.echo(f"     -> {finding.advice}")
    sys.exit(0 if all(finding.fine for finding in findings) else 1)
