"""Drawing audits by lot, so that anybody can draw them again and get the same (§4.5, R4.5.1).

The order of the lot comes from SHA-256 over the seed, the population and the audit: no generator of
random numbers whose next version could decide otherwise. A seed that is made at the draw cannot be
chosen to fit, and a population that is one audit different gives another order altogether.
"""

import hashlib
import json
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import date
from enum import StrEnum
from typing import Final

from qa_api.rules.decision import Explanation, RuleRefused
from qa_api.rules.local_time import FinancialQuarter, Month
from qa_api.rules.policy import Policy
from qa_api.rules.policy_values import ModerationFrequency, SampleStratum
from qa_api.rules.unchanging import Unchanging

CLAUSE: Final = "§4.5, R4.5.1"
METHOD: Final = "sha256-largest-remainder-1"
"""How the sample is drawn; another way of drawing gets another name."""

EVERYTHING: Final = "all"


class Exclusion(StrEnum):
    """Why an audit of the population cannot be drawn."""

    RECORDED_IN_ERROR = "recorded_in_error"
    RESTRICTED = "restricted"


class Member(Unchanging):
    """A completed audit of the population, as it was when the sample was drawn.

    ``judgement`` is that of the whole; of an audit whose domains alone were judged, their lowest.
    """

    audit_id: str
    audit_type: str
    judgement: str
    team: str | None
    exclusion: Exclusion | None = None


class Stratum(Unchanging):
    """A part of the population that the sample is spread over: how many it has, how many drawn."""

    name: str
    population: int
    drawn: int


class Sample(Unchanging):
    """What was drawn, from what and how; `drawn` is in the order of the lot."""

    method: str
    seed: str
    population_hash: str
    drawn: tuple[str, ...]
    strata: tuple[Stratum, ...]
    stratum_of: Mapping[str, str]
    explanation: Explanation


class Period(Unchanging):
    """The days whose completed audits make the population: `starts_on` in, `ends_before` out."""

    label: str
    starts_on: date
    ends_before: date


def moderated_period(label: str | None, today: date, policy: Policy) -> Period:
    """The month or quarter named, else the one before today's (R4.5.1); it must be over.

    London's days: an audit completed at half past midnight on 1 April in summer time is April's,
    though it is still March in UTC.
    """
    quarterly = policy.moderation_frequency is ModerationFrequency.QUARTER
    if label is None:
        whole = FinancialQuarter.of(today).previous if quarterly else Month.of(today).previous
    else:
        whole = _quarter(label) if quarterly else _month(label)
    if whole.ends_on >= today:
        raise RuleRefused("period-not-over", CLAUSE, "The period is not over yet.", "period")
    return Period(whole.label, whole.starts_on, whole.next.starts_on)


def check_not_before_all(period: Period, first_completed_on: date | None) -> None:
    """Refuse a period that somebody named and in which nothing can be (R4.5.1).

    It was over before any audit of the authority was completed: a slip in the year, whose empty
    sample would stand for ever.
    """
    if first_completed_on is None or period.ends_before <= first_completed_on:
        message = (
            "No audit had been completed by the end of that period: see whether its year is right."
        )
        raise RuleRefused("before-first-audit", CLAUSE, message, "period")


def _quarter(label: str) -> FinancialQuarter:
    try:
        return FinancialQuarter.labelled(label)
    except ValueError as error:
        message = "Samples are drawn for a quarter, written like 2026-27 Q1."
        raise RuleRefused("not-a-quarter", CLAUSE, message, "period") from error


def _month(label: str) -> Month:
    try:
        return Month.labelled(label)
    except ValueError as error:
        message = "Samples are drawn for a month, written like 2026-10."
        raise RuleRefused("not-a-month", CLAUSE, message, "period") from error


def hash_of(population: Iterable[Member]) -> str:
    """The fingerprint of a population, whatever order it is listed in."""
    facts = sorted(
        [m.audit_id, m.audit_type, m.judgement, m.team, m.exclusion and m.exclusion.value]
        for m in population
    )
    return hashlib.sha256(json.dumps(facts, separators=(",", ":")).encode()).hexdigest()


def sample_size(eligible: int, policy: Policy) -> int:
    """The policy's share, rounded up, between its bounds; never more than there is."""
    share = -(-eligible * policy.moderation_sample_percent // 100)
    least, most = policy.moderation_sample_minimum, policy.moderation_sample_maximum
    return min(eligible, most, max(share, least))


def draw(population: Collection[Member], policy: Policy, seed: str) -> Sample:
    """The sample: a function of these three and of nothing else.

    Each stratum gets its share of the places, the largest remainders the places left over; within
    a stratum, and between equal remainders, the lot decides.
    """
    population_hash = hash_of(population)

    def lot(name: str) -> str:
        return hashlib.sha256(f"{seed}|{population_hash}|{name}".encode()).hexdigest()

    eligible = [member for member in population if member.exclusion is None]
    stratum_of = {m.audit_id: _stratum(m, policy.moderation_strata) for m in eligible}
    size = sample_size(len(eligible), policy)
    members: dict[str, list[str]] = {}
    for audit_id, name in stratum_of.items():
        members.setdefault(name, []).append(audit_id)
    places = _share_out(size, {name: len(found) for name, found in members.items()}, lot)
    drawn = [
        audit_id
        for name, found in members.items()
        for audit_id in sorted(found, key=lot)[: places[name]]
    ]
    return Sample(
        METHOD,
        seed,
        population_hash,
        tuple(sorted(drawn, key=lot)),
        tuple(Stratum(name, len(members[name]), places[name]) for name in sorted(members)),
        stratum_of,
        _explained(len(eligible), size, policy),
    )


def _stratum(member: Member, strata: Sequence[SampleStratum]) -> str:
    values = {
        SampleStratum.AUDIT_TYPE: member.audit_type,
        SampleStratum.JUDGEMENT: member.judgement,
        SampleStratum.TEAM: member.team or "no-team",
    }
    return " / ".join(values[stratum] for stratum in strata) or EVERYTHING


def _share_out(size: int, members: Mapping[str, int], lot: Callable[[str], str]) -> dict[str, int]:
    whole = sum(members.values())
    if not whole:
        return {}
    places = {name: size * count // whole for name, count in members.items()}
    by_remainder = sorted(members, key=lambda name: (-(size * members[name] % whole), lot(name)))
    for name in by_remainder[: size - sum(places.values())]:
        places[name] += 1
    return places


def _explained(eligible: int, size: int, policy: Policy) -> Explanation:
    return Explanation(
        "moderation_draw",
        CLAUSE,
        policy.version,
        facts={
            "method": METHOD,
            "eligible": eligible,
            "percent": policy.moderation_sample_percent,
            "minimum": policy.moderation_sample_minimum,
            "maximum": policy.moderation_sample_maximum,
            "spread_over": tuple(stratum.value for stratum in policy.moderation_strata),
            "drawn": size,
        },
    )
