"""How far auditors and moderators agree, on one ordinal scale, and how sure that is (§4.5, R4.5.4).

Judgements have an order and nothing else: ranks are compared, never averaged, and pairs of
different scales, or of different numbers of one scale, never meet.
"""

from collections import Counter
from collections.abc import Callable, Collection
from enum import StrEnum
from math import ceil, floor
from typing import Final

from qa_api.rules.coefficients import (
    CLAUSE,
    Estimate,
    Pair,
    Table,
    ac2,
    alpha,
    interval_of,
    kappa,
    table_of,
)
from qa_api.rules.decision import Explanation, Fact
from qa_api.rules.intervals import Interval
from qa_api.rules.policy import Policy
from qa_api.rules.policy_values import KappaWeights
from qa_api.rules.shares import Share, is_narrow, share_to_the_nearest
from qa_api.rules.unchanging import Unchanging

__all__ = ["CLAUSE", "Agreement", "Coefficient", "Compared", "Pair", "Withheld", "agreement"]

SETTLED_FROM: Final = {KappaWeights.LINEAR: 60, KappaWeights.QUADRATIC: 120}
"""The pairs from which an interval of 95 % holds the truth in at least 93 of 100 samples.

Tried on three kinds of judging (`tests/rules/test_coverage_of_agreement.py`): with fewer pairs the
interval of kappa promises more than it keeps where nearly everything has one judgement."""
_ONE_JUDGEMENT: Final = 0.75
"""From this share on nearly everything has one judgement, and kappa collapses."""
_WITH_MODERATOR: Final = "Auditor and moderator gave the same judgement"


class Withheld(StrEnum):
    """Why a figure is not shown."""

    TOO_FEW_PAIRS = "too_few_pairs"
    NO_VARIATION = "no_variation"
    SMALL_CELLS = "small_cells"


class Compared(StrEnum):
    """How a moderated judgement stands to the auditor's; `within_one` holds `exact` too."""

    EXACT = "exact"
    WITHIN_ONE = "within_one"
    RAISED = "raised"
    LOWERED = "lowered"


class Coefficient(Unchanging):
    """Agreement beyond chance: 1 is full agreement, 0 is what chance alone would give.

    `interval` is None where there is no figure, where all pairs agree in full, and where they vary
    too little for one (somebody judged everything the same). `enough` is whether the figure says
    something.
    """

    value: float | None
    interval: Interval | None
    withheld: Withheld | None
    enough: bool
    sentence: str


class Agreement(Unchanging):
    """The figures of one scale. Below the minimum of pairs only `exact` and `within_one`.

    `raised` and `lowered` are None where they are withheld.
    """

    pairs: int
    minimum_pairs: int
    """The policy's, or what the interval needs if that is more."""
    exact: Share
    within_one: Share
    raised: Share | None
    lowered: Share | None
    kappa: Coefficient
    ac2: Coefficient
    alpha: Coefficient
    weights: KappaWeights
    withheld: Withheld | None
    sentence: str
    """What the figures say together, and whether it is enough, for a manager."""
    explanation: Explanation


def agreement(
    pairs: Collection[Pair],
    points: int,
    policy: Policy,
    *,
    nearest: int = 1,
    alike: str = _WITH_MODERATOR,
) -> Agreement:
    """The figures over pairs of one scale of so many points.

    `raised` counts audits that moderation judged better than their auditor did, `lowered` worse.
    `alike` says in words what it is to agree, where it is not with a moderator. Counts
    are told to the `nearest` of so many; where that is more than 1, pairs must come as many at a
    time, coefficients are told in tenths, and none where hardly any pair agrees or hardly any
    differs. So neither 'none of them' nor 'all of them' says what each one gave.
    """
    weights, minimum = policy.agreement_kappa_weights, pairs_needed(policy)
    enough = len(pairs) >= minimum
    table = table_of(pairs)

    def counted(number: int) -> Share:
        return share_to_the_nearest(number, len(pairs), policy, nearest)

    exact = counted(sum(p.auditor == p.moderator for p in pairs))
    told = _in_tenths(exact) if nearest > 1 else coefficient
    coefficients = {
        name: told(estimate, len(pairs), policy)
        for name, estimate in _estimates(table, points, weights, enough=enough).items()
    }
    return Agreement(
        pairs=len(pairs),
        minimum_pairs=minimum,
        exact=exact,
        within_one=counted(sum(abs(p.auditor - p.moderator) <= 1 for p in pairs)),
        raised=counted(sum(p.moderator < p.auditor for p in pairs)) if enough else None,
        lowered=counted(sum(p.moderator > p.auditor for p in pairs)) if enough else None,
        **coefficients,
        weights=weights,
        withheld=None if enough else Withheld.TOO_FEW_PAIRS,
        sentence=f"{alike}: {_sentence(exact, table, coefficients, minimum)}",
        explanation=_explained(len(pairs), policy, nearest),
    )


def pairs_needed(policy: Policy) -> int:
    """From how many pairs on agreement beyond chance is told."""
    return max(policy.agreement_minimum_pairs, SETTLED_FROM[policy.agreement_kappa_weights])


def _explained(pairs: int, policy: Policy, nearest: int) -> Explanation:
    facts: dict[str, Fact] = {
        "pairs": pairs,
        "minimum_pairs": pairs_needed(policy),
        "weights": policy.agreement_kappa_weights.value,
        "widest_interval_hundredths": policy.figure_widest_interval,
    }
    if nearest > 1:
        facts["counts_to_the_nearest"] = nearest
    return Explanation("moderation_agreement", CLAUSE, policy.version, facts=facts)


def coefficient(estimate: Estimate | None, pairs: int, policy: Policy) -> Coefficient:
    """An estimate as it is told: its interval, and whether it says enough."""
    if pairs < (needed := pairs_needed(policy)):
        told = f"Too few to say: {pairs} pairs, and it takes {needed}."
        return Coefficient(None, None, Withheld.TOO_FEW_PAIRS, False, told)
    if estimate is None:
        told = "Everything was judged the same by both, so chance alone would agree as well."
        return Coefficient(None, None, Withheld.NO_VARIATION, False, told)
    interval = interval_of(estimate)
    if interval is None and estimate.value == 1:
        told = f"{estimate.value:z.2f} for all {pairs} pairs alike: there is no interval to state."
        return Coefficient(estimate.value, None, None, True, told)
    if interval is None:
        told = f"{estimate.value:z.2f}, but these pairs vary too little to say how sure that is."
        return Coefficient(estimate.value, None, None, False, told)
    low, high = interval.low, interval.high
    between = f"{estimate.value:z.2f}, likely between {low:z.2f} and {high:z.2f}"
    enough = is_narrow(interval, policy)
    told = f"{between}." if enough else f"Too few to say: {between}."
    return Coefficient(estimate.value, interval, None, enough, told)


def _in_tenths(exact: Share) -> Callable[[Estimate | None, int, Policy], Coefficient]:
    """How coefficients are told where no pair is to be worked out from them."""

    def told(estimate: Estimate | None, pairs: int, policy: Policy) -> Coefficient:
        found = coefficient(estimate, pairs, policy)
        if found.withheld is Withheld.TOO_FEW_PAIRS:
            return found
        if found.value is None or found.interval is None or exact.count in {0, exact.of}:
            why = f"Not told: {_few_that(exact)}, and it would tell of single ones."
            return Coefficient(None, None, Withheld.SMALL_CELLS, False, why)
        value = round(found.value, 1) + 0.0  # no -0.0
        low, high = floor(found.interval.low * 10) / 10, ceil(found.interval.high * 10) / 10
        between = f"{value:.1f}, likely between {low:.1f} and {high:.1f}"
        said = f"{between}." if found.enough else f"Too few to say: {between}."
        return Coefficient(value, Interval(low, high), None, found.enough, said)

    return told


def _estimates(
    table: Table, points: int, weights: KappaWeights, *, enough: bool
) -> dict[str, Estimate | None]:
    if not enough:
        return {"kappa": None, "ac2": None, "alpha": None}
    return {
        "kappa": kappa(table, weights),
        "ac2": ac2(table, points, weights),
        "alpha": alpha(table),
    }


def _few_that(exact: Share) -> str:
    """Of which pairs there are too few to tell of, as the count of those that agree says it."""
    if exact.count == 0:
        return "hardly any pair agrees, or none"
    return (
        "hardly any pair differs, or none" if exact.count == exact.of else "pairs vary too little"
    )


def _sentence(exact: Share, table: Table, found: dict[str, Coefficient], minimum: int) -> str:
    """What the figures say together, after what it is to agree."""
    beyond = found["kappa"]
    match beyond.withheld:
        case Withheld.TOO_FEW_PAIRS:
            said = f"Agreement beyond chance is told from {minimum} pairs on."
        case Withheld.SMALL_CELLS:
            why = f"{_few_that(exact)}, and it would tell of single ones"
            said = f"Agreement beyond chance is not told: {why}."
        case Withheld.NO_VARIATION:
            said = "Everything has one judgement, and chance alone would agree as well."
        case None if _mostly_one_judgement(table) and found["ac2"].value is not None:
            said = "Nearly everything has one judgement: read AC2 rather than kappa."
        case None if not beyond.enough and beyond.interval is None:
            said = "How far they agree beyond chance, these pairs vary too little to say."
        case None if not beyond.enough:
            said = "How far they agree beyond chance, these pairs are too few to say."
        case None if beyond.value is not None and beyond.value <= 0:
            said = f"They agree no more often than by chance: {beyond.sentence}"
        case None:
            said = f"Beyond chance they agree by {beyond.sentence}"
    return f"{_lower(exact.sentence)} {said}"


def _mostly_one_judgement(table: Table) -> bool:
    given = Counter[int]()
    for ranks, often in table.items():
        for rank in ranks:
            given[rank] += often
    return max(given.values()) >= _ONE_JUDGEMENT * given.total()


def _lower(sentence: str) -> str:
    return sentence[:1].lower() + sentence[1:]
