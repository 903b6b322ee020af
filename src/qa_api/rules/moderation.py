"""Who moderates: teams take turns, and nobody moderates their own audits or cases (R4.5.2)."""

import hashlib
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import field
from datetime import date
from enum import StrEnum
from typing import Final

from qa_api.rules.decision import RuleRefused
from qa_api.rules.policy import Policy
from qa_api.rules.policy_values import SecondGrade
from qa_api.rules.unchanging import Unchanging

CLAUSE: Final = "§4.5, R4.5.2"
SEALING: Final = "§4.5, R4.5.3"


class Conflict(StrEnum):
    """Why somebody may not moderate an audit."""

    OWN_AUDIT = "own_audit"
    OWN_WORK = "own_work"
    OWN_TEAMS_CASE = "own_teams_case"
    NOT_MODERATING = "not_moderating"
    RESTRICTED = "restricted"


class Relation(StrEnum):
    """How a moderator stands to the auditor: no obstacle in itself, but on record."""

    NONE = "none"
    MANAGES_AUDITOR = "manages_auditor"
    SUPERVISES_AUDITOR = "supervises_auditor"


class Unsealed(StrEnum):
    """Why a second grade is not sealed: its moderator saw the judgement, or must be able to."""

    POLICY = "policy"
    READS_ALL = "reads_all"
    ANSWERS_FOR_CASE = "answers_for_case"
    ADDRESSED = "addressed"
    HAS_READ = "has_read"
    COULD_READ = "could_read"


class ModeratedAudit(Unchanging):
    """A sampled audit: who made it or was to make it before them, whose case it was and is."""

    audit_id: str
    auditor: str
    case_teams: frozenset[str]
    restricted: bool = False
    former_auditors: frozenset[str] = frozenset()
    audited_worker: str | None = None


class Moderator(Unchanging):
    """Somebody who could moderate: the teams they work in or lead, and what lets them.

    `may_record` says that a role of theirs records outcomes; `may_see` holds the restricted audits
    that they have a grant for. `knows` has the audits whose judgement they know or must
    be able to read, and why.
    """

    worker: str
    teams: frozenset[str]
    senior_leader: bool = False
    may_record: bool = True
    may_see: frozenset[str] = frozenset()
    knows: Mapping[str, Unsealed] = field(default_factory=dict)


_WHY: Final[Mapping[Conflict, str]] = {
    Conflict.OWN_AUDIT: "Nobody moderates an audit that they are or were the auditor of.",
    Conflict.OWN_WORK: "Nobody moderates an audit of their own work.",
    Conflict.OWN_TEAMS_CASE: "Nobody moderates an audit of a case of their own team.",
    Conflict.NOT_MODERATING: "Moderators belong to a moderating team or to senior leadership.",
    Conflict.RESTRICTED: "Nobody moderates a restricted record that they may not see.",
}


def moderating_teams(
    teams: Collection[str], last_moderated: Mapping[str, date], policy: Policy
) -> tuple[str, ...]:
    """The teams whose turn it is: those that never moderated first, then the longest ago."""
    by_turn = sorted(teams, key=lambda team: (last_moderated.get(team, date.min), team))
    return tuple(by_turn[: policy.moderation_teams_maximum])


def conflict_of(
    moderator: Moderator, audit: ModeratedAudit, teams: Collection[str]
) -> Conflict | None:
    """What keeps a person from moderating an audit; None if nothing does.

    The auditor's manager may moderate it, unless the case is their team's; the outcome then records
    that the auditor is theirs.
    """
    if moderator.worker == audit.auditor or moderator.worker in audit.former_auditors:
        return Conflict.OWN_AUDIT
    if moderator.worker == audit.audited_worker:
        return Conflict.OWN_WORK
    if moderator.teams & audit.case_teams:
        return Conflict.OWN_TEAMS_CASE
    their_turn = moderator.senior_leader or moderator.teams & set(teams)
    if not their_turn or not moderator.may_record:
        return Conflict.NOT_MODERATING
    if audit.restricted and audit.audit_id not in moderator.may_see:
        return Conflict.RESTRICTED
    return None


def check_moderator(moderator: Moderator, audit: ModeratedAudit, teams: Collection[str]) -> None:
    """Refuse a person who may not moderate the audit, saying why. There is no override."""
    conflict = conflict_of(moderator, audit, teams)
    if conflict is not None:
        raise RuleRefused(conflict.value.replace("_", "-"), CLAUSE, _WHY[conflict], "moderator")


def unsealed_because(
    moderator: Moderator, audit: ModeratedAudit, grade: SecondGrade
) -> Unsealed | None:
    """Why somebody's second grade of an audit is not sealed (R4.5.3); None where it is.

    It is not where the policy of the draw says so, and where they have read the judgement or could
    have, are or were asked about an escalation of the audit, or hold a role from which safety hides
    none.
    """
    return of_nobody(grade) or moderator.knows.get(audit.audit_id)


def of_nobody(grade: SecondGrade) -> Unsealed | None:
    """Why a pair is not sealed whoever has it: the policy of the draw says so."""
    return Unsealed.POLICY if grade is SecondGrade.OPEN else None


def who_can_judge(
    audit: ModeratedAudit,
    candidates: Collection[Moderator],
    teams: Collection[str],
    grade: SecondGrade,
) -> list[Moderator]:
    """Those who may moderate an audit; where some can judge it sealed, these alone (R4.5.3)."""
    free = [each for each in candidates if conflict_of(each, audit, teams) is None]
    return [each for each in free if unsealed_because(each, audit, grade) is None] or free


def check_sealed(
    moderator: Moderator,
    audit: ModeratedAudit,
    candidates: Collection[Moderator],
    teams: Collection[str],
) -> None:
    """Refuse who could not judge an audit sealed, while somebody is left who could (R4.5.3)."""
    grade = SecondGrade.SEALED
    because = unsealed_because(moderator, audit, grade)
    could = who_can_judge(audit, candidates, teams, grade)
    if because is None or all(unsealed_because(each, audit, grade) for each in could):
        return
    told = (
        f"{_WHY_UNSEALED[because]} Somebody is left who would judge it sealed: choose them, or say"
        " `unsealed` if it is to be this person all the same."
    )
    raise RuleRefused("would-not-be-sealed", SEALING, told, "moderator")


_WHY_UNSEALED: Final[Mapping[Unsealed, str]] = {
    Unsealed.POLICY: "The policy of the draw lets every moderator read the judgement.",
    Unsealed.READS_ALL: "This person holds a role that reads every completed audit.",
    Unsealed.ANSWERS_FOR_CASE: "This person answers for the case.",
    Unsealed.ADDRESSED: "This person was asked about an escalation of the audit.",
    Unsealed.HAS_READ: "This person has read the auditor's judgement.",
    Unsealed.COULD_READ: "This person could read the auditor's judgement for a time.",
}


def why_unsealed(because: Unsealed) -> str:
    """In words why a second grade is not sealed."""
    return _WHY_UNSEALED[because]


def share_moderation(
    audits: Sequence[ModeratedAudit],
    candidates: Collection[Moderator],
    teams: Collection[str],
    seed: str,
    grade: SecondGrade = SecondGrade.SEALED,
) -> dict[str, str]:
    """A moderator for each audit that one may moderate, the load spread; the lot breaks ties.

    Whoever can judge it sealed comes first; only where nobody is left it is somebody else (R4.5.3).
    An audit that nobody may moderate is left out: Quality & Standards finds somebody.
    """
    load: Counter[str] = Counter()
    chosen: dict[str, str] = {}

    def choices(audit: ModeratedAudit) -> list[str]:
        return [each.worker for each in who_can_judge(audit, candidates, teams, grade)]

    # Who has the fewest choices chooses first.
    for audit in sorted(audits, key=lambda each: len(choices(each))):
        free = choices(audit)
        if free:
            chosen[audit.audit_id] = min(
                free, key=lambda who: (load[who], _lot(seed, audit.audit_id, who))
            )
            load[chosen[audit.audit_id]] += 1
    return chosen


def _lot(*parts: str) -> str:
    return hashlib.sha256("|".join(parts).encode()).hexdigest()
