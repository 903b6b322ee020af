"""How Alembic reaches the database: the owner's connection, one migrator at a time."""

from alembic import context
from sqlalchemy.engine import Connection

from qa_api.models import Base

connection: Connection = context.config.attributes["connection"]

context.configure(
    connection=connection,
    target_metadata=Base.metadata,
    compare_server_default=False,
    transaction_per_migration=True,
)
with context.begin_transaction():
    context.run_migrations()
