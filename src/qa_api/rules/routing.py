"""Who acts for a team now, and who reviews a response if the manager may not (R4.2.4).

If the team manager and the deputy are missing the head of service acts, else the Quality &
Standards team. The record says who acts as what, and why.
"""

from collections.abc import Mapping
from enum import StrEnum

from qa_api.rules.decision import Explanation
from qa_api.rules.unchanging import Unchanging


class ActingAs(StrEnum):
    """In which capacity somebody acts for a team, in the order in which they are asked."""

    TEAM_MANAGER = "team_manager"
    DEPUTY = "deputy"
    HEAD_OF_SERVICE = "head_of_service"
    QUALITY_STANDARDS = "quality_standards"


class TeamLeads(Unchanging):
    """Worker codes of those in post today, as the directory has them now; None is a vacancy."""

    manager: str | None
    deputy: str | None
    head_of_service: str | None

    def in_order(self) -> tuple[tuple[ActingAs, str | None], ...]:
        """The people to ask, the first choice first."""
        return (
            (ActingAs.TEAM_MANAGER, self.manager),
            (ActingAs.DEPUTY, self.deputy),
            (ActingAs.HEAD_OF_SERVICE, self.head_of_service),
        )


class Routed(Unchanging):
    """Who acts and as what; ``worker`` is None when it falls to the Q&S team as a whole."""

    worker: str | None
    acting_as: ActingAs
    explanation: Explanation


_NO_REASONS: Mapping[str, str] = {}


def who_acts(
    leads: TeamLeads, policy_version: int, cannot: Mapping[str, str] = _NO_REASONS
) -> Routed:
    """Who acts for the team now: manager, else deputy, else HoS, else Q&S (§4.2, §4.3).

    `cannot`: who holds a post and cannot act in it today, and why.
    """
    return _first_free("who_acts", "§4.2, §4.3, directory", leads, cannot, policy_version)


def who_reviews(
    leads: TeamLeads,
    auditor: str | None,
    judged: frozenset[str],
    policy_version: int,
    responded: frozenset[str] = frozenset(),
    cannot: Mapping[str, str] = _NO_REASONS,
) -> Routed:
    """Who reviews a response: never the auditor, who is judged, or who responded (§4.2, R4.2.4)."""
    barred = dict(cannot) | dict.fromkeys(responded, "responded")
    barred |= dict.fromkeys(judged, "is judged by the audit")
    if auditor is not None:
        barred[auditor] = "is the auditor"
    return _first_free("who_reviews", "§4.2, R4.2.4", leads, barred, policy_version)


def acts_as(person: str, leads: TeamLeads) -> ActingAs:
    """In which place somebody acts for a team: in the post they hold, else as Q&S (R4.2.4)."""
    posts = (post for post, worker in leads.in_order() if worker == person)
    return next(posts, ActingAs.QUALITY_STANDARDS)


def who_is_told(leads: TeamLeads, by: str | None, policy_version: int) -> Routed:
    """Who of a team's leads is told of what somebody did: never the one who did it (R4.2.6)."""
    barred = {} if by is None else {by: "did it"}
    return _first_free("who_is_told", "§4.2, R4.2.6", leads, barred, policy_version)


def _first_free(
    rule: str, clause: str, leads: TeamLeads, barred: Mapping[str, str], policy_version: int
) -> Routed:
    passed_over: list[str] = []
    for acting_as, worker in leads.in_order():
        if worker is not None and worker not in barred:
            break
        why = "nobody in post" if worker is None else barred[worker]
        passed_over.append(f"{acting_as}: {why}")
    else:
        acting_as, worker = ActingAs.QUALITY_STANDARDS, None
    explanation = Explanation(
        rule,
        clause,
        policy_version,
        facts={"acting_as": acting_as.value, "passed_over": tuple(passed_over)},
    )
    return Routed(worker, acting_as, explanation)
