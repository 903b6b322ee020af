"""What takes two people takes two persons, whatever accounts they come in by (C5, R4.1.5, X3, X4).

One person may be let in in several ways. So it is workers of the directory that are compared; an
account that belongs to no worker takes no part in such a step, neither first nor second.
"""

from typing import Final

from qa_api.rules.decision import RuleRefused
from qa_api.rules.unchanging import Unchanging

CODE: Final = "second-person"


class TwoPersonStep(Unchanging):
    """Two columns of a table that never name one person; ``operation`` is the second's step.

    ``by_account``: the columns keep accounts, so that the persons behind them are compared.
    """

    table: str
    first: str
    second: str
    clause: str
    operation: str
    by_account: bool = False


TWO_PERSON_STEPS: Final = (
    TwoPersonStep(
        "closure_gates",
        "override_requested_by",
        "override_approved_by",
        "C5",
        "approve_override",
        by_account=True,
    ),
    TwoPersonStep(
        "audits",
        "error_reported_by",
        "error_confirmed_by",
        "R4.1.5",
        "confirm_audit_error",
        by_account=True,
    ),
    TwoPersonStep(
        "rights_changes",
        "proposed_by",
        "decided_by",
        "X3",
        "confirm_rights_change",
        by_account=True,
    ),
    TwoPersonStep("unusual_reads", "worker", "looked_into_by", "X3", "look_into_unusual_read"),
    TwoPersonStep("retention_runs", "proposed_by", "approved_by", "X4", "approve_retention_run"),
    TwoPersonStep("restorative_actions", "done_by", "verified_by", "R4.2.6", "verify_action"),
    TwoPersonStep(
        "restorative_actions", "done_reported_by", "verified_by", "R4.2.6", "verify_action"
    ),
    TwoPersonStep("learning_actions", "done_by", "verified_by", "R4.5.5", "verify_learning_action"),
    TwoPersonStep("response_rounds", "submitted_by", "reviewed_by", "R4.2.4", "review_response"),
    TwoPersonStep("response_rounds", "on_behalf_of", "reviewed_by", "R4.2.4", "review_response"),
)
"""Every step that takes two people, where the database keeps who they were and holds it too."""


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
