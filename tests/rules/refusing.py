"""What a rule refuses with, so that a table can say it."""

from collections.abc import Callable
from typing import NamedTuple, ParamSpec

from qa_api.rules.decision import RuleRefused

_P = ParamSpec("_P")


class Refusal(NamedTuple):
    """What callers go by; the words are for people."""

    code: str
    clause: str
    field: str | None = None


def refusal(check: Callable[_P, object], *args: _P.args, **kwargs: _P.kwargs) -> Refusal | None:
    """What a check refuses with; None where it refuses nothing."""
    try:
        check(*args, **kwargs)
    except RuleRefused as refused:
        return Refusal(refused.code, refused.clause, refused.field)
    return None
