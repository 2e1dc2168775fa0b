"""Who is asking."""

import strawberry

from access import Role

strawberry.enum(Role, name="Role", description="A staff role of the center.")


@strawberry.type(description="Who is asking, as the token says.")
class Me:
    """The viewer."""

    subject: str = strawberry.field(description="The token's subject, usually an e-mail address.")
    role: Role = strawberry.field(description="The role, which decides what may be seen.")
    scopes: list[str] = strawberry.field(description="Extra rights, such as health:read.")
    name: str | None = strawberry.field(description="The staff member's name, where the center knows it.")
