"""How far auditors and moderators agree, on one ordinal scale (§4.5, R4.5.4).

Judgements have an order and nothing else: ranks are compared, never averaged, and pairs of
different scales, or of different numbers of one scale, never meet.
"""

from collections import Counter
from collections.abc import Collection
from enum import StrEnum
from fractions import Fraction
from typing import Final

from qa_api.rules.decision import Explanation
from qa_api.rules.policy import Policy
from qa_api.rules.policy_values import KappaWeights
from qa_api.rules.unchanging import Unchanging

CLAUSE: Final = "§4.5, R4.5.4"


class Withheld(StrEnum):
    """Why a figure is not shown."""

    TOO_FEW_PAIRS = "too_few_pairs"
    NO_VARIATION = "no_variation"


class Compared(StrEnum):
    """How a moderated judgement stands to the auditor's; `within_one` holds `exact` too."""

    EXACT = "exact"
    WITHIN_ONE = "within_one"
    RAISED = "raised"
    LOWERED = "lowered"


class Pair(Unchanging):
    """The ranks of the auditor's and of the moderated judgement of one audit; the best is 1."""

    auditor: int
    moderator: int


class Agreement(Unchanging):
    """The figures of one scale. A count of pairs, or None where the figures are withheld.

    `weighted_kappa` is 1 for full agreement and 0 for what chance alone would give.
    """

    pairs: int
    exact: int | None
    within_one: int | None
    raised: int | None
    lowered: int | None
    weighted_kappa: Fraction | None
    weights: KappaWeights
    withheld: Withheld | None
    kappa_withheld: Withheld | None
    explanation: Explanation


def agreement(pairs: Collection[Pair], policy: Policy) -> Agreement:
    """The figures over pairs of one scale; none below the policy's minimum of pairs.

    `raised` counts audits that moderation judged better than their auditor did, `lowered` worse.
    """
    enough = len(pairs) >= policy.agreement_minimum_pairs
    kappa = weighted_kappa(pairs, policy.agreement_kappa_weights) if enough else None
    withheld = None if enough else Withheld.TOO_FEW_PAIRS

    def counted(found: int) -> int | None:
        return found if enough else None

    return Agreement(
        pairs=len(pairs),
        exact=counted(sum(p.auditor == p.moderator for p in pairs)),
        within_one=counted(sum(abs(p.auditor - p.moderator) <= 1 for p in pairs)),
        raised=counted(sum(p.moderator < p.auditor for p in pairs)),
        lowered=counted(sum(p.moderator > p.auditor for p in pairs)),
        weighted_kappa=kappa,
        weights=policy.agreement_kappa_weights,
        withheld=withheld,
        kappa_withheld=withheld or (Withheld.NO_VARIATION if kappa is None else None),
        explanation=Explanation(
            "moderation_agreement",
            CLAUSE,
            policy.version,
            facts={
                "pairs": len(pairs),
                "minimum_pairs": policy.agreement_minimum_pairs,
                "weights": policy.agreement_kappa_weights.value,
            },
        ),
    )


def weighted_kappa(pairs: Collection[Pair], weights: KappaWeights) -> Fraction | None:
    """Cohen's weighted kappa: one minus observed over expected disagreement.

    A disagreement weighs its distance in ranks (linear) or the square of it (quadratic). None when
    no disagreement was to be expected: everybody judged everything the same. The size of the scale
    cancels out.
    """

    def weight(one: int, other: int) -> int:
        distance = abs(one - other)
        return distance if weights is KappaWeights.LINEAR else distance * distance

    by_auditor = Counter(pair.auditor for pair in pairs)
    by_moderator = Counter(pair.moderator for pair in pairs)
    observed = sum(weight(pair.auditor, pair.moderator) for pair in pairs)
    expected = sum(
        weight(one, other) * often * as_often
        for one, often in by_auditor.items()
        for other, as_often in by_moderator.items()
    )
    return None if expected == 0 else 1 - Fraction(observed * len(pairs), expected)
