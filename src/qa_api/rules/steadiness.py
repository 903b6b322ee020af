"""How steady an auditor judges: how often moderation changes it, against the others (R4.5.4).

Somebody who judges too leniently is lowered by moderation more often than others are. A handful of
pairs cannot show that, and whoever reads a difference into them wrongs a colleague. So nothing is
said until the numbers can tell: until an auditor of whom every second judgement is lowered, among
others of whom every fourth is, would be found with a power of 0.8.

Several judgements of one audit, as its domains are, may all have been too lenient for one reason.
So together they count as no more than that audit: see `Changed.counts_as`.
"""

from enum import StrEnum
from functools import cache
from math import comb
from typing import Final

from qa_api.rules.coefficients import CLAUSE
from qa_api.rules.decision import Explanation
from qa_api.rules.intervals import Interval, of_difference
from qa_api.rules.policy import Policy
from qa_api.rules.shares import Share, counted, hundredths, percent, share_of_audits
from qa_api.rules.unchanging import Unchanging

__all__ = [
    "CLAUSE",
    "AgainstOthers",
    "Changed",
    "Steadiness",
    "SteadinessOf",
    "Verdict",
    "power",
    "steadiness",
]
PLANTED: Final = 0.50
"""The share changed by moderation of an auditor who is to be found."""
USUAL: Final = 0.25
"""The share changed of the others among whom they are to be found."""
POWER_NEEDED: Final = 0.80
"""In so many of a hundred such samples the difference must show."""
_MOST: Final = 200
"""More pairs than so many are weighed as so many: the power is as good as 1 by then."""
_STEP: Final = 20
"""The others' pairs are weighed in steps of so many, rounded down: never as more than they are."""


class Verdict(StrEnum):
    """What the numbers say of an auditor beside the others."""

    NOT_KNOWN_YET = "not_known_yet"
    NO_DIFFERENCE = "no_difference"
    MORE_OFTEN = "more_often"
    LESS_OFTEN = "less_often"


class SteadinessOf(StrEnum):
    """What the judgements are of whose steadiness is told (R4.1.3)."""

    OVERALL = "overall"
    DOMAIN = "domain"
    DOMAINS_TOGETHER = "domains_together"


class Changed(Unchanging):
    """So many judgements that were moderated, and how many of them moderation changed.

    Of each audit there is one, unless `further` and `beside` say otherwise.
    """

    raised: int
    lowered: int
    pairs: int
    further: int = 0
    """How many of them are of an audit that has one already."""
    beside: int = 0
    """For each of them how many others of the same audit there are, summed up."""

    def __add__(self, other: "Changed") -> "Changed":
        """Those of both."""
        return Changed(
            self.raised + other.raised,
            self.lowered + other.lowered,
            self.pairs + other.pairs,
            self.further + other.further,
            self.beside + other.beside,
        )

    @property
    def audits(self) -> int:
        """How many audits they are of."""
        return self.pairs - self.further

    @property
    def counts_as(self) -> float:
        """As how many judgements that have nothing to do with each other they count at least.

        The effective sample size of grouped judgements, all of a group alike (Killip, Mahfoud &
        Pearce 2004, doi:10.1370/afm.141, with a correlation of 1): the number of audits where each
        has as many domains. If they are less alike they know more: then intervals are too wide and
        less is said, and never too much.
        """
        return self.pairs**2 / (self.pairs + self.beside) if self.pairs else 0.0


class Steadiness(Unchanging):
    """How often moderation changed one's judgements in one direction, and whether others' less.

    `others` is their share from 0 to 1, and `difference` the interval of one's own share minus
    theirs: both None until it is known, and where it is told in words alone.
    """

    own: Share
    others: float | None
    difference: Interval | None
    verdict: Verdict
    sentence: str


class AgainstOthers(Unchanging):
    """What is said of one auditor on one scale."""

    raised: Steadiness
    lowered: Steadiness
    explanation: Explanation


def steadiness(
    own: Changed, others: Changed, policy: Policy, by: str = "moderation", fewest: int = 1
) -> AgainstOthers:
    """How often moderation raised and lowered an auditor's judgements, against the others'.

    `by`: what raised and lowered them, if not moderation. `fewest`: so many counts of the others
    are told as one: in words alone, and only what is so for each. Else who reads the Board's pairs
    would work out how many of the others' were changed where that is withheld.
    """
    chance = power(int(own.counts_as), int(others.counts_as))
    known = chance >= POWER_NEEDED

    def against(count: int, among_others: int, done: str) -> Steadiness:
        share = share_of_audits(count, own.pairs, own.audits, own.counts_as, policy)
        if not known:
            return Steadiness(share, None, None, Verdict.NOT_KNOWN_YET, _not_known_yet(own))
        mine = count / own.pairs

        def apart_from(theirs: int) -> Interval:
            share = theirs / others.pairs * others.counts_as
            return of_difference(mine * own.counts_as, own.counts_as, share, others.counts_as)

        if fewest > 1:
            ends = _told_as_one(among_others, others.pairs, fewest)
            verdicts = {_verdict(apart_from(end)) for end in ends}
            if len(verdicts) > 1:
                return Steadiness(share, None, None, Verdict.NOT_KNOWN_YET, _TOO_NEAR)
        apart = apart_from(among_others)
        verdict = _verdict(apart)
        said = _SAID[verdict].format(by=by, By=by.capitalize(), done=done)
        if fewest > 1:
            return Steadiness(share, None, None, verdict, said.removesuffix(":") + ".")
        told = f"{said} {_told(mine, among_others / others.pairs, apart)}"
        return Steadiness(share, among_others / others.pairs, apart, verdict, told)

    return AgainstOthers(
        raised=against(own.raised, others.raised, "raised"),
        lowered=against(own.lowered, others.lowered, "lowered"),
        explanation=Explanation(
            "auditor_steadiness",
            CLAUSE,
            policy.version,
            facts={
                "pairs": own.pairs,
                "audits": own.audits,
                "power_percent": int(100 * chance),
                "power_needed_percent": round(100 * POWER_NEEDED),
            },
        ),
    )


_SAID: Final = {
    Verdict.NO_DIFFERENCE: "No difference shown in how often {by} {done} their judgements:",
    Verdict.MORE_OFTEN: "{By} {done} their judgements more often than the others':",
    Verdict.LESS_OFTEN: "{By} {done} their judgements less often than the others':",
}


def _told_as_one(count: int, of: int, fewest: int) -> tuple[int, int]:
    """The least and the greatest of the counts that are told as this one: at least so many."""
    last = max((of + 1) // fewest - 1, 0)
    at = min(count // fewest, last)
    return at * fewest, of if at == last else (at + 1) * fewest - 1


_TOO_NEAR: Final = "Not known yet: this share and the others' are too near each other to say."


def _not_known_yet(own: Changed) -> str:
    of = f" of {counted(own.audits, 'audit')}" if own.further else ""
    pairs = counted(own.pairs, "pair")
    return f"Not known yet: {pairs}{of}, or those of the others, are too few to tell."


def _told(own: float, others: float, apart: Interval) -> str:
    low, high = hundredths(apart.low, apart.high)
    return (
        f"{percent(own)} against {percent(others)}; the difference is likely between"
        f" {low} and {high} hundredths."
    )


def _verdict(apart: Interval) -> Verdict:
    if apart.low > 0:
        return Verdict.MORE_OFTEN
    return Verdict.LESS_OFTEN if apart.high < 0 else Verdict.NO_DIFFERENCE


def power(pairs: int, of_others: int) -> float:
    """How likely planted leniency is found in so many pairs, against so many of the others.

    Exactly: every outcome that there can be is weighed by how likely it is. The difference is found
    where its interval of 95 % lies above nought.
    """
    rounded = min(of_others, _MOST) // _STEP * _STEP
    return _power(min(pairs, _MOST), rounded) if pairs and rounded else 0.0


@cache
def _power(pairs: int, of_others: int) -> float:
    chances = _chances(of_others, USUAL)
    found, most, so_far = 0.0, 0, 0.0
    for count, chance in enumerate(_chances(pairs, PLANTED)):
        # The more of one's own are lowered, the more of the others' may be.
        while most <= of_others and of_difference(count, pairs, most, of_others).low > 0:
            so_far += chances[most]
            most += 1
        found += chance * so_far
    return found


def _chances(of: int, share: float) -> list[float]:
    """How likely each count is among so many, each of which is counted with this chance."""
    return [comb(of, n) * share**n * (1 - share) ** (of - n) for n in range(of + 1)]
