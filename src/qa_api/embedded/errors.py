"""What is said when the embedded database cannot be had."""

from pathlib import Path


class EmbeddedPostgresError(RuntimeError):
    """The embedded PostgreSQL could not be found, prepared or started; the message says why."""


def unusable(path: Path, fault: OSError) -> EmbeddedPostgresError:
    """A place that the server needs cannot be read or written."""
    return EmbeddedPostgresError(f"{path} cannot be used: {fault.strerror or type(fault).__name__}")
