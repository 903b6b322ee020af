from tests.responses.casework import casework

__all__ = ("casework",)
