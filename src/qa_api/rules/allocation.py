"""Who audits what under a quarter plan, and which cases, by lot where they are drawn (§4.4).

Auditors are proposed so that the work is spread as evenly as conflicts of interest allow; Quality
& Standards decide. Every choice and everybody passed over is explained with the clause.
"""

import hashlib
import json
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import date
from enum import StrEnum
from typing import Final

from qa_api.rules.cadence import months_after
from qa_api.rules.decision import Explanation
from qa_api.rules.policy import Policy
from qa_api.rules.unchanging import Unchanging

CLAUSE: Final = "§4.4, R4.4.3"
METHOD: Final = "sha256-lot-1"


class PassedOver(StrEnum):
    """Why somebody is not proposed for an audit; the first that holds is the one given."""

    EXEMPT = "exempt"
    NOT_AVAILABLE = "not_available"
    OWN_WORK = "own_work"
    OWN_TEAM = "own_team"
    SUPERVISES_WORKER = "supervises_worker"
    OTHER_GROUP = "other_group"
    LOAD_LIMIT = "load_limit"
    CARRIES_MORE = "carries_more"


CLAUSES: Final[Mapping[PassedOver, str]] = {
    PassedOver.EXEMPT: "§4.4, R4.4.2",
    PassedOver.NOT_AVAILABLE: "§4.1, R4.1.8",
    PassedOver.OWN_WORK: "§4.1, R4.1.8",
    PassedOver.OWN_TEAM: CLAUSE,
    PassedOver.SUPERVISES_WORKER: "§4.1, R4.1.8",
    PassedOver.OTHER_GROUP: "§4.4, R4.4.1",
    PassedOver.LOAD_LIMIT: CLAUSE,
    PassedOver.CARRIES_MORE: CLAUSE,
}


class Auditor(Unchanging):
    """Somebody the plan counts on, as the directory has them today.

    ``load`` counts the audits of the plan that are theirs already. Who belongs to no group, such
    as an auditor of Quality & Standards, may audit for every group.
    """

    code: str
    teams: frozenset[str] = frozenset()
    groups: frozenset[str] = frozenset()
    supervises: frozenset[str] = frozenset()
    load: int = 0
    available: bool = True
    exempt: bool = False


class OpenAudit(Unchanging):
    """A planned audit of the plan that nobody has yet; without a case no worker is known."""

    id: str
    team: str | None
    group: str | None = None
    worker: str | None = None
    case_audited_on: date | None = None
    """When this case was last audited, whatever asked for it, this audit apart."""


class Exclusion(Unchanging):
    """An auditor who is not proposed for an audit, and the clause that says so."""

    auditor: str
    because: PassedOver

    @property
    def clause(self) -> str:
        """The clause behind it."""
        return CLAUSES[self.because]


class Proposal(Unchanging):
    """The auditor that the service proposes for an audit; None where nobody can do it."""

    audit_id: str
    auditor: str | None
    exclusions: tuple[Exclusion, ...]
    explanation: Explanation


def propose_auditors(
    audits: Iterable[OpenAudit],
    auditors: Collection[Auditor],
    *,
    policy: Policy,
    today: date,
    seed: str,
) -> tuple[Proposal, ...]:
    """An auditor for each audit: never in conflict, and nobody with two more than they need have.

    As many audits as possible are placed, and among all ways to do that the loads are as even as
    they can be. Between equals the lot of the ``seed`` decides, so that it is not always the same
    person. The proposals come in the order of the audits' ids.
    """
    by_id = {audit.id: audit for audit in sorted(audits, key=lambda audit: audit.id)}
    barred = {
        id_: {a.code: why for a in auditors if (why := conflict(audit, a)) is not None}
        for id_, audit in by_id.items()
    }
    lot = _lot(seed)
    may = {
        id_: sorted((a.code for a in auditors if a.code not in barred[id_]), key=lot)
        for id_, audit in by_id.items()
        if not recently_audited(audit.case_audited_on, policy, today)
    }
    loads = {auditor.code: auditor.load for auditor in auditors}
    placed = share_out(may, loads, policy.auditor_load_limit)
    for auditor in placed.values():
        loads[auditor] += 1
    return tuple(
        _proposal(audit, placed.get(id_), barred[id_], loads, recent=id_ not in may, policy=policy)
        for id_, audit in by_id.items()
    )


def conflict(audit: OpenAudit, auditor: Auditor) -> PassedOver | None:
    """What bars an auditor from an audit, whatever their load; None where nothing does."""
    other_group = audit.group is not None and bool(auditor.groups)
    reasons = (
        (PassedOver.EXEMPT, auditor.exempt),
        (PassedOver.NOT_AVAILABLE, not auditor.available),
        (PassedOver.OWN_WORK, auditor.code == audit.worker),
        (PassedOver.OWN_TEAM, audit.team in auditor.teams),
        (PassedOver.SUPERVISES_WORKER, audit.worker in auditor.supervises),
        (PassedOver.OTHER_GROUP, other_group and audit.group not in auditor.groups),
    )
    return next((reason for reason, holds in reasons if holds), None)


def recently_audited(audited_on: date | None, policy: Policy, today: date) -> bool:
    """Whether a case was audited too short a time ago to be audited again (R4.4.3)."""
    return audited_on is not None and today < months_after(audited_on, policy.same_case_months)


def share_out(
    may: Mapping[str, Sequence[str]], loads: Mapping[str, int], limit: int
) -> dict[str, str]:
    """Each audit to one of those who may do it, as evenly as that goes (an optimal semi-matching).

    One audit after another goes to whoever carries least among all who could take it, directly or
    because somebody hands one of theirs on. That keeps the loads as even as they can be.
    """
    placed: dict[str, str] = {}
    carried = dict(loads)
    for audit in may:
        reached: dict[str, str] = {}
        waiting = [audit]
        for asked in waiting:
            for auditor in may[asked]:
                if auditor not in reached:
                    reached[auditor] = asked
                    waiting += [other for other, by in placed.items() if by == auditor]
        free = [auditor for auditor in reached if carried[auditor] < limit]
        if not free:
            continue
        taker = min(free, key=lambda auditor: carried[auditor])
        carried[taker] += 1
        while True:
            handed = reached[taker]
            giver = placed.get(handed)
            placed[handed] = taker
            if giver is None:
                break
            taker = giver
    return placed


def _proposal(
    audit: OpenAudit,
    auditor: str | None,
    barred: Mapping[str, PassedOver],
    loads: Mapping[str, int],
    *,
    recent: bool,
    policy: Policy,
) -> Proposal:
    limit = policy.auditor_load_limit
    exclusions = []
    for code in sorted(loads):
        if code in barred:
            exclusions.append(Exclusion(code, barred[code]))
        elif code != auditor and not recent:
            full = loads[code] >= limit
            because = PassedOver.LOAD_LIMIT if full else PassedOver.CARRIES_MORE
            exclusions.append(Exclusion(code, because))
    if recent:
        reason = "the case was audited too short a time ago"
    elif auditor is None:
        reason = "nobody of the plan can take it on"
    else:
        reason = "the loads are as even as conflicts of interest allow"
    facts = {
        "because": reason,
        "load": loads[auditor] if auditor is not None else None,
        "load_limit": limit,
        "able": len(loads) - len(barred),
        "case_audited_on": audit.case_audited_on,
        "same_case_months": policy.same_case_months,
    }
    explanation = Explanation("propose_auditor", CLAUSE, policy.version, facts=facts)
    return Proposal(audit.id, auditor, tuple(exclusions), explanation)


# --- which cases ---


class CaseExclusion(StrEnum):
    """Why a case cannot be audited under the plan."""

    UNKNOWN = "unknown"
    ANOTHER_NAME = "another_name"
    OTHER_KIND = "other_kind"
    OTHER_TEAM = "other_team"
    AUDITED_RECENTLY = "audited_recently"


class Case(Unchanging):
    """A case that might be chosen, and why it cannot be, if it cannot.

    Of a caseload ``digest`` is that of its row. It stays when the child goes, so the lot is of it:
    then the draw can still be repeated. Of a posted list it is None, and the lot is of ``ref``.
    """

    ref: str
    excluded: CaseExclusion | None = None
    digest: str | None = None

    @property
    def drawn_by(self) -> str:
        """What the lot is of."""
        return self.digest or self.ref


class CaseDraw(Unchanging):
    """Which cases were drawn, from which and how; ``drawn`` is in the order of the lot."""

    method: str
    seed: str
    population_hash: str
    drawn: tuple[str, ...]
    chance: float
    """With which chance each of those that could be chosen was drawn; 0 where there was none."""
    explanation: Explanation


def case_exclusion(
    *, right_kind: bool, right_team: bool, audited_on: date | None, policy: Policy, today: date
) -> CaseExclusion | None:
    """Why a known case cannot be audited under the plan for its team; None where it can."""
    if not right_kind:
        return CaseExclusion.OTHER_KIND
    if not right_team:
        return CaseExclusion.OTHER_TEAM
    if recently_audited(audited_on, policy, today):
        return CaseExclusion.AUDITED_RECENTLY
    return None


def hash_of_cases(population: Iterable[Case]) -> str:
    """The fingerprint of a list of references, whatever order it was posted in."""
    facts = sorted([case.drawn_by, case.excluded and case.excluded.value] for case in population)
    return hashlib.sha256(json.dumps(facts, separators=(",", ":")).encode()).hexdigest()


def draw_cases(
    population: Collection[Case], places: int, *, seed: str, policy_version: int
) -> CaseDraw:
    """So many of the cases that can be chosen, by lot: anybody can draw them again (R4.4.3)."""
    population_hash = hash_of_cases(population)
    lot = _lot(f"{seed}|{population_hash}")
    eligible = [case for case in population if case.excluded is None]
    by_lot = sorted(eligible, key=lambda case: lot(case.drawn_by))
    drawn = [case.ref for case in by_lot[:places]]
    explanation = Explanation(
        "draw_cases",
        "§4.4, R4.4.3, §4.5, R4.5.1",
        policy_version,
        facts={
            "method": METHOD,
            "posted": len(population),
            "eligible": len(eligible),
            "places": places,
            "drawn": len(drawn),
        },
    )
    chance = len(drawn) / len(eligible) if eligible else 0.0
    return CaseDraw(METHOD, seed, population_hash, tuple(drawn), chance, explanation)


def _lot(seed: str) -> Callable[[str], str]:
    return lambda name: hashlib.sha256(f"{seed}|{name}".encode()).hexdigest()
