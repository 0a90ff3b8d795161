"""Alembic's entry: the connection is always handed in by ``reporting.store.engine``."""

from alembic import context

from reporting.store.tables import Base

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Base.metadata,
    render_as_batch=True,
    compare_type=True,
)
with context.begin_transaction():
    context.run_migrations()
