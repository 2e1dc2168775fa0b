"""What can go wrong in the domain, as types. Codes and messages for clients are given at the roof."""

from collections.abc import Mapping

from access import Capability, FieldClass


class DomainError(Exception):
    """An answer that is not data: expected, and told to the client."""


class CustomerNotFound(DomainError):
    """No customer has this number."""

    def __init__(self, customer_id: int) -> None:
        super().__init__(f"no customer {customer_id}")
        self.customer_id = customer_id


class RecommendationNotFound(DomainError):
    """Nothing with this id was ever recommended to this customer."""

    def __init__(self, customer_id: int, recommendation_id: str) -> None:
        super().__init__(f"no such recommendation for customer {customer_id}")
        self.customer_id = customer_id
        self.recommendation_id = recommendation_id


class ModelsNotReady(DomainError):
    """No models have been fitted yet; worth trying again."""

    def __init__(self) -> None:
        super().__init__("no published models")


class InsufficientData(DomainError):
    """Nothing at all can be computed: the customer has no completed session."""

    def __init__(self, customer_id: int) -> None:
        super().__init__(f"customer {customer_id} has no completed session")
        self.customer_id = customer_id


class NotAllowed(DomainError):
    """The viewer's role lacks a capability."""

    def __init__(self, capability: Capability) -> None:
        super().__init__(f"the role lacks {capability}")
        self.capability = capability


class NotVisible(DomainError):
    """A list was to be sorted by what the viewer does not see; `argument` is the client's name for it."""

    def __init__(self, argument: str, field_class: FieldClass) -> None:
        super().__init__(f"{argument} would tell about {field_class} fields")
        self.argument = argument
        self.field_class = field_class


class InvalidInput(DomainError):
    """Values the client sent cannot be accepted; `fields` says which, by the client's name, and why."""

    def __init__(self, fields: Mapping[str, str]) -> None:
        super().__init__(", ".join(f"{name}: {reason}" for name, reason in fields.items()))
        self.fields = dict(fields)


class UpdateConflict(DomainError):
    """The row changed since the client read it."""

    def __init__(self, customer_id: int) -> None:
        super().__init__(f"customer {customer_id} changed in between")
        self.customer_id = customer_id
