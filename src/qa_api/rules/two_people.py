"""A step for two people needs two persons, whatever accounts they use (C5, R4.1.5, X3, X4).

One person may have several accounts. So workers of the directory are compared; an account that
belongs to no worker can take neither the first nor the second step.
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
    """Refuse the person who took the first step as the one who takes the second.

    Both are workers' codes. ``first`` is None if the first account belonged to no worker: nobody
    can say that the second is another person, so the first step must be taken again.
    """
    if first is None:
        detail = (
            "Nobody can say who took the first step: it was taken under an account that belongs to"
            " no worker. Withdraw it, and let somebody of the directory take it."
        )
        raise RuleRefused(CODE, clause, detail)
    if first == second:
        raise RuleRefused(CODE, clause, refusal)
