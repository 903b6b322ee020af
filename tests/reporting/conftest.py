"""What tests of datasets share: people's doings, and copies that follow them."""

from tests.responses.casework import casework, service

__all__ = ["casework", "service"]
