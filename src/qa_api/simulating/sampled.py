"""How many audits would have been moderated, and what would have been too little to say (§4.5).

Where a sample was drawn, its population and its seed are those of the draw: the same policy draws
the same sample. Any other is drawn by a seed that is told, so that it can be drawn again.
"""

import hashlib
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import TypeAlias

from qa_api.rules.agreement import pairs_needed
from qa_api.rules.judged_on import JudgedOn
from qa_api.rules.local_time import FinancialQuarter, Month
from qa_api.rules.moderation import Unsealed
from qa_api.rules.policy import Policy
from qa_api.rules.policy_values import ModerationFrequency, SecondGrade
from qa_api.rules.sampling import Member, Period, draw
from qa_api.rules.unchanging import Unchanging
from qa_api.simulating.policies import Policies, Year

Group: TypeAlias = str | None
Kind: TypeAlias = tuple[JudgedOn, SecondGrade]
"""Pairs of one kind are counted together: what was judged, and whether it was sealed (R4.5.3)."""


class Audited(Unchanging):
    """A completed audit: on which day, of which group's auditor, and what was judged in it."""

    member: Member
    group: Group
    completed_on: date
    judged_on: tuple[JudgedOn, ...]
    in_error: bool


class Drawn(Unchanging):
    """A sample that was drawn: its days, how, from what, and what it drew."""

    group: Group
    starts_on: date
    ends_before: date
    seed: str
    policy_version: int
    population: Sequence[Member]
    drawn: frozenset[str]


class Moderated(Unchanging):
    """What was judged a second time in a drawn audit, and why that was not sealed, if so."""

    judged_on: tuple[JudgedOn, ...]
    unsealed_because: Unsealed | None


class Moderation(Unchanging):
    """What there was to be moderated, what was drawn of it, and what was moderated, by audit."""

    audits: Sequence[Audited]
    samples: Sequence[Drawn]
    moderated: Mapping[str, Moderated]


class _Draw(Unchanging):
    """What was drawn for a sample, and by which policy."""

    policy: Policy
    drawn: Sequence[str]


def moderated(
    moderation: Moderation, policies: Policies, year: Year, seed: str
) -> Mapping[str, int]:
    """The figures of moderation by their names, over the periods that ended in the year."""
    counted: Counter[str] = Counter()
    pairs: Counter[Kind] = Counter()
    in_population = {
        member.audit_id: member.audit_id in sample.drawn
        for sample in moderation.samples
        for member in sample.population
    }
    by_id = {each.member.audit_id: each for each in moderation.audits}
    for made in _draws(moderation, policies, year, seed):
        if not made.drawn:
            continue
        counted["samples"] += 1
        counted["audits_to_moderate"] += len(made.drawn)
        counted["samples_too_small"] += len(made.drawn) < made.policy.moderation_sample_minimum
        for audit_id in made.drawn:
            if audit_id in in_population and audit_id in by_id:
                audit, before = by_id[audit_id], moderation.moderated.get(audit_id)
                if in_population[audit_id] and before is None:
                    continue  # drawn, and nobody moderated it
                grade = _grade(before, made.policy, policies)
                pairs.update(_pairs(audit, before, grade))
    needed = pairs_needed(policies.on(year.today))
    counted["pairs"] = pairs.total()
    counted["kinds_of_pairs"] = len(pairs)
    counted["pairs_too_few"] = sum(number < needed for number in pairs.values())
    return counted


def _grade(before: Moderated | None, policy: Policy, policies: Policies) -> SecondGrade:
    """Whether its pair is sealed: as it was, unless the policy that decides it is another."""
    if before is None:
        return policy.moderation_second_grade
    because = before.unsealed_because
    if not policies.change("moderation_second_grade"):
        return SecondGrade.SEALED if because is None else SecondGrade.OPEN
    is_free = because in (None, Unsealed.POLICY)
    return policy.moderation_second_grade if is_free else SecondGrade.OPEN


def _pairs(audit: Audited, before: Moderated | None, grade: SecondGrade) -> Iterator[Kind]:
    """The kinds in which a drawn audit has a pair.

    They are those in which it was moderated. One that was in the population and was not drawn
    would have been moderated as it was judged. What was recorded in error has none.
    """
    if not audit.in_error:
        for on in audit.judged_on if before is None else before.judged_on:
            yield on, grade


def _draws(moderation: Moderation, policies: Policies, year: Year, seed: str) -> Iterator[_Draw]:
    """The sample of each group and period."""
    kept = {(each.group, each.starts_on, each.ends_before): each for each in moderation.samples}
    groups: set[Group] = {each.group for each in moderation.audits}
    groups |= {each.group for each in moderation.samples}
    for period in _periods(policies, year):
        for group in sorted(groups, key=lambda group: group or ""):
            sample = kept.get((group, period.starts_on, period.ends_before))
            if sample is not None:
                yield _drawn(sample.population, policies.of(sample.policy_version), sample.seed)
                continue
            population = [
                each.member
                for each in moderation.audits
                if each.group == group
                and period.starts_on <= each.completed_on < period.ends_before
            ]
            lot = hashlib.sha256(f"{seed}|{group}|{period.label}".encode()).hexdigest()
            yield _drawn(population, policies.on(period.ends_before), lot)


def _drawn(population: Sequence[Member], policy: Policy, seed: str) -> _Draw:
    return _Draw(policy, draw(population, policy, seed).drawn)


def _periods(policies: Policies, year: Year) -> Iterator[Period]:
    """The months or quarters that ended in the year, by the policy of the day after each."""
    for month in year.months:
        frequency = policies.on(month.next.starts_on).moderation_frequency
        whole: Month | FinancialQuarter = month
        if frequency is ModerationFrequency.QUARTER:
            whole = FinancialQuarter.of(month.ends_on)
            if whole.ends_on != month.ends_on:
                continue
        yield Period(whole.label, whole.starts_on, whole.next.starts_on)
