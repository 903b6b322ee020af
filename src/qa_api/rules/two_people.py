"""What takes two people takes two persons, whatever accounts they come in by (C5, R4.1.5, X3, X4).

One person may be let in in several ways. So it is workers of the directory that are compared; an
account that belongs to no worker takes no part in such a step, neither first nor second.
"""

from typing import Final

from qa_api.rules.decision import RuleRefused

CODE: Final = "second-person"


def check_second_person(first: str | None, second: str, clause: str, refusal: str) -> None:
    """Refuse whoever took the first step as the one who takes the second.

    Both are workers' codes. ``first`` is None where it was taken under an account that belonged to
    no worker: nobody can say that the second is another person, so it is to be taken anew.
    """
    if first is None:
        detail = (
            "Nobody can say who took the first step: it was taken under an account that belongs to"
            " no worker. Withdraw it, and let somebody of the directory take it."
        )
        raise RuleRefused(CODE, clause, detail)
    if first == second:
        raise RuleRefused(CODE, clause, refusal)
