"""The same year counted twice: by today's policies, and with other values laid over them."""

from collections import Counter
from collections.abc import Mapping, Sequence

from sqlalchemy import select

from qa_api.models.policy import PolicyVersion
from qa_api.rules.policy_guards import weakened_by
from qa_api.rules.unchanging import Unchanging
from qa_api.simulating.clocks import Clocks, late
from qa_api.simulating.due import Cells, Owed, audits_owed
from qa_api.simulating.figures import FIGURES
from qa_api.simulating.observed import Colleague, observations_owed
from qa_api.simulating.policies import Policies, Year
from qa_api.simulating.reading_clocks import read_clocks
from qa_api.simulating.reading_due import read_owed
from qa_api.simulating.reading_observed import read_colleagues
from qa_api.simulating.reading_sampled import read_moderation
from qa_api.simulating.sampled import Moderation, moderated
from qa_api.work import Work


class Facts(Unchanging):
    """What happened in a year, and the policies by which it did."""

    year: Year
    policies: Policies
    clocks: Clocks
    owed: Owed
    colleagues: Sequence[Colleague]
    moderation: Moderation


class Counted(Unchanging):
    """A year by some policies: each figure by its name; by team and month what fell due."""

    figures: Mapping[str, int]
    audits: Cells
    observations: Cells
    observations_by_month: Mapping[str, int]


class Compared(Unchanging):
    """A year as it was, and as it would have been."""

    today: Counted
    proposed: Counted
    changes: Mapping[str, tuple[object, object]]
    """By key: the value in force today, and the other."""
    weakened: tuple[str, ...]
    """The keys whose new value protects less: two people decide on them."""


async def read_facts(work: Work) -> Facts:
    """Everything that is counted, of one instant; the work must reach as the service does."""
    year = Year.before(work.today)
    return Facts(
        year=year,
        policies=await policies_of(work),
        clocks=await read_clocks(work, year),
        owed=await read_owed(work, year),
        colleagues=await read_colleagues(work),
        moderation=await read_moderation(work, year),
    )


async def policies_of(work: Work) -> Policies:
    """Every version of the authority's policy. ValueError where it has none."""
    versions = await work.session.scalars(select(PolicyVersion.version))
    return Policies([await work.policy(version) for version in versions.all()])


def count(facts: Facts, policies: Policies, seed: str) -> Counted:
    """The year by these policies; the seed is for samples that nobody has drawn."""
    year = facts.year
    of_audits, audits = audits_owed(facts.owed, policies, facts.policies, year)
    of_observations, observations, by_month = observations_owed(facts.colleagues, policies, year)
    found: Counter[str] = Counter(late(facts.clocks, policies, year))
    found.update(of_audits)
    found.update(of_observations)
    found.update(moderated(facts.moderation, policies, year, seed))
    return Counted(
        {figure.name: found[figure.name] for figure in FIGURES}, audits, observations, by_month
    )


def compare(facts: Facts, values: Mapping[str, object], seed: str) -> Compared:
    """Today's policies beside the same with other values laid over each.

    Raises `RuleRefused` where a value, or what stands together then, is refused: as a change of
    the policy in force today would be.
    """
    proposed = facts.policies.but(values)
    before, after = (each.on(facts.year.today) for each in (facts.policies, proposed))
    was, becomes = before.values(), after.values()
    return Compared(
        today=count(facts, facts.policies, seed),
        proposed=count(facts, proposed, seed),
        changes={key: (was[key], becomes[key]) for key in values if was[key] != becomes[key]},
        weakened=weakened_by(before, after),
    )
