"""Alembic's entry: runs the migrations on the connection that `db.migrate` hands over."""

from alembic import context

from db.tables import audit, gateway, metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    # `public.alembic_version` may belong to the center's own application
    version_table_schema=gateway.SCHEMA,
    include_schemas=True,
    include_name=audit.is_modelled,
)
with context.begin_transaction():
    context.run_migrations()
