"""Change a customer's profile and preferences, in one transaction."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

from db.queries.customers import Customer
from db.updates import lock_customer, update_preferences, update_profile
from resolvers.context import OperationContext
from resolvers.customers import customer
from resolvers.errors import CustomerNotFound, InvalidInput, UpdateConflict
from resolvers.profile_rules import PREFERENCE_RULES, Rule, profile_rules


@dataclass(frozen=True, slots=True)
class CustomerChanges:
    """What a client wants changed, by column; None clears. Columns that are not there stay as they are.

    `read_at` is the `updated_at` that the client saw; None asks for no check.
    """

    profile: Mapping[str, object] = field(default_factory=dict[str, object])
    preferences: Mapping[str, object] = field(default_factory=dict[str, object])
    read_at: datetime | None = None


async def update_customer(context: OperationContext, customer_id: int, changes: CustomerChanges) -> Customer:
    """Write the changes and return the customer as stored.

    Raises:
        InvalidInput: a value breaks its rule, or nothing is to be changed.
        CustomerNotFound: there is no such customer.
        UpdateConflict: the customer changed since the client read it.
    """
    profile, preferences = _checked(context, changes)
    async with context.database.transaction() as connection:
        locked = await lock_customer(connection, customer_id)
        if locked is None:
            raise CustomerNotFound(customer_id)
        if changes.read_at is not None and _naive(changes.read_at) != locked[0]:
            raise UpdateConflict(customer_id)
        await update_profile(connection, customer_id, profile)
        if preferences:
            await update_preferences(connection, customer_id, preferences)
    context.forget(customer_id)
    context.counts.forget()
    return await customer(context, customer_id)


def _checked(
    context: OperationContext, changes: CustomerChanges
) -> tuple[dict[str, object], dict[str, object]]:
    problems: dict[str, str] = {}
    profile = _apply(profile_rules(context.today), changes.profile, "", problems)
    preferences = _apply(PREFERENCE_RULES, changes.preferences, "preferences.", problems)
    if problems:
        raise InvalidInput(problems)
    if not profile and not preferences:
        raise InvalidInput({"input": "바꿀 항목이 없습니다"})
    return profile, preferences


def _apply(
    rules: Mapping[str, Rule], changes: Mapping[str, object], prefix: str, problems: dict[str, str]
) -> dict[str, object]:
    values: dict[str, object] = {}
    for column, value in changes.items():
        # only a name cannot be cleared, and its rule says so
        if value is None and column != "name":
            values[column] = None
            continue
        try:
            values[column] = rules[column](value)
        except ValueError as error:
            problems[prefix + column] = str(error)
    return values


def _naive(moment: datetime) -> datetime:
    return moment.astimezone(UTC).replace(tzinfo=None)
