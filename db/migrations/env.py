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
    # locks are given back after each migration, and one that was cut off leaves those before it done
    transaction_per_migration=True,
)
with context.begin_transaction():
    context.run_migrations()
