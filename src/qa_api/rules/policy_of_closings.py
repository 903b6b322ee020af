"""What an authority says of closings: since when they are looked after, what they need (§3)."""

from dataclasses import field
from datetime import date

from qa_api.rules.policy_values import (
    FIRST_DAY,
    ClosureActionStandard,
    codes,
    day,
    one_of,
    said,
)
from qa_api.rules.references import fold
from qa_api.rules.unchanging import Unchanging


class PolicyOfClosings(Unchanging, kw_only=True):
    """The part of a policy that is about closings."""

    in_use_from: date = field(
        default=FIRST_DAY,
        metadata=said(
            "§3, C3",
            "date",
            day(),
            "The first day on which closings are looked after here: what was proposed or closed"
            " before it is kept as history, and needs no audit.",
        ),
    )
    closure_action_standard: ClosureActionStandard = field(
        default=ClosureActionStandard.DONE,
        metadata=said(
            "§3, C3",
            "choice",
            one_of(ClosureActionStandard),
            "How far an action needed before closure must be for the gate to clear.",
        ),
    )
    closure_exempt_reasons: tuple[str, ...] = field(
        default=(),
        metadata=said(
            "§3, C3",
            "closure reason codes",
            codes(),
            "Closure reasons that need no closure audit. Compared without case.",
        ),
    )

    def exempts(self, reason_code: str | None) -> bool:
        """Whether a case that closes for this reason needs no closure audit, however it is spelt.

        `rc1` of a case system is the `RC1` of a policy.
        """
        if reason_code is None:
            return False
        told = fold(reason_code)
        return any(fold(reason) == told for reason in self.closure_exempt_reasons)
