"""What tests of replicas share with those of casework."""

from tests.responses.casework import casework, service

__all__ = ["casework", "service"]
