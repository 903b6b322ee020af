"""How Alembic reaches the database: the owner's connection, one migrator at a time."""

from typing import Any

from alembic import context
from sqlalchemy.engine import Connection

from qa_api import table_locks
from qa_api.models import Base

told = context.config.attributes
connection: Connection = told["connection"]


def passed(**_: Any) -> None:
    """Count the migrations that are done."""
    told["passed"] += 1


context.configure(
    connection=connection,
    target_metadata=Base.metadata,
    compare_server_default=False,
    transaction_per_migration=True,
    on_version_apply=passed,
)
with context.begin_transaction():
    if told["alone"]:
        table_locks.take_all(connection)  # until the first migration ends, whose transaction it is
    context.run_migrations()
