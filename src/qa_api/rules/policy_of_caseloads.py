"""What an authority says of its caseloads: what counts as looked at, how long they are kept."""

from dataclasses import field
from typing import Final

from qa_api.rules.policy_values import said, whole
from qa_api.rules.unchanging import Unchanging

_CLAUSE: Final = "§4.4, R4.4.4"


class PolicyOfCaseloads(Unchanging, kw_only=True):
    """The part of a policy that is about the caseloads of case systems."""

    coverage_months: int = field(
        default=12,
        metadata=said(
            _CLAUSE,
            "months",
            whole(1, 60),
            "An open child counts as looked at who was audited within so many months.",
        ),
    )
    caseload_kept_days: int = field(
        default=35,
        metadata=said(
            "§4.4, R4.4.4, X4",
            "days",
            whole(1, 366),
            "How long a caseload is kept after its day where nothing was drawn from it, and no"
            " report of the Board tells of it.",
        ),
    )
