from tests.responses.casework import casework, service

__all__ = ("casework", "service")
