"""What is said when the embedded database cannot be had."""


class EmbeddedPostgresError(RuntimeError):
    """The embedded PostgreSQL could not be found, prepared or started; the message says why."""
