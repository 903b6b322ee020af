"""A real PostgreSQL for development and tests, started and stopped with its parent process.

Standard library only, so that it works before anything else does. Never in the image.
"""

from qa_api.embedded.addresses import ROLES, Urls
from qa_api.embedded.errors import EmbeddedPostgresError
from qa_api.embedded.server import EmbeddedPostgres, find_running, running

__all__ = ["ROLES", "EmbeddedPostgres", "EmbeddedPostgresError", "Urls", "find_running", "running"]
