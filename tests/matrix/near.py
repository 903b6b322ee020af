"""Who is near to what, and how much they see of it: a plain model over the rows as they are.

It knows the table and the rows, and nothing of the service's statements: what `visible_to` and the
database's policies say is said here a second time, in other words.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any, Final
from uuid import UUID

from qa_api.auth.matrix import THINGS, Relation, Sight, Standing, Thing
from qa_api.auth.roles import Role
from qa_api.models.base import Base
from tests.matrix.world import NOW, Row, Tables

BY_NAME: Final = {thing.name: thing for thing in THINGS}
TABLES: Final[Mapping[str, str]] = {
    "audit": "audits",
    "response": "audit_responses",
    "restorative action": "restorative_actions",
    "notification": "notifications",
    "escalation": "escalations",
    "comment": "comments",
    "closure gate": "closure_gates",
    "case event": "case_events",
    "subject": "subjects",
    "record": "subjects",
    "redaction": "redactions",
    "grant": "restriction_grants",
    "legal hold": "legal_holds",
    "retention run": "retention_runs",
    "moderation sample": "moderation_samples",
    "moderation outcome": "moderation_outcomes",
    "learning action": "learning_actions",
    "practice observation": "practice_observations",
    "practice case": "practice_cases",
    "practice standard": "practice_standards",
    "practice audit": "practice_audits",
    "exemption from observations": "observation_exemptions",
    "learning highlight": "learning_highlights",
    "quarter plan": "quarter_plans",
    "QA update": "qa_updates",
    "board report": "board_reports",
    "board decision": "board_decisions",
    "principal": "principals",
    "change of rights": "rights_changes",
    "hand-over": "hand_overs",
    "unusual read": "unusual_reads",
    "webhook": "deliveries",
}
"""The table of each thing that is a row; the others are walked by what they are made of."""

_FINISHED, _OPEN = {"completed", "closed"}, {"planned", "in_progress"}
_Near = Callable[["Model", "Person", Role, Row], Iterable[Relation]]


@dataclass(frozen=True)
class Person:
    """Somebody as the directory has them."""

    name: str
    principal: UUID
    worker: str | None
    system: str | None
    roles: frozenset[Role]
    teams: Mapping[Role, frozenset[str]]
    services: frozenset[str]

    def leads(self, role: Role, team: str | None) -> Iterator[Relation]:
        """By a role over a team, or over its service."""
        if team in self.teams.get(role, ()):
            yield Relation.OWN_SERVICE if role is Role.HEAD_OF_SERVICE else Relation.OWN_TEAM

    def is_(self, worker: Any) -> bool:
        """Whether a code is theirs."""
        return self.worker is not None and worker == self.worker


@dataclass
class Model:
    """The rows, and what follows from them by the table."""

    tables: Tables
    seen: dict[tuple[str, str, Any], Sight] = field(default_factory=dict)

    @cached_property
    def by_id(self) -> Mapping[str, Mapping[Any, Row]]:
        """Each table's rows by their id."""
        return {
            name: {row["id"]: row for row in rows if "id" in row}
            for name, rows in self.tables.items()
        }

    @cached_property
    def texts(self) -> Mapping[str, Mapping[str, Row]]:
        """The rows that may hold a text, by their primary key as a mark writes it."""
        return {
            name: {
                "/".join(
                    str(row[column.name]) for column in Base.metadata.tables[name].primary_key
                ): row
                for row in rows
            }
            for name, rows in self.tables.items()
        }

    @cached_property
    def refs(self) -> set[str]:
        """Every reference of a child."""
        return {str(row["ref"]) for row in self.tables["subject_aliases"]}

    def person(self, subject: str) -> Person:
        """Whom a token lets in."""
        (principal,) = (row for row in self.tables["principals"] if row["subject"] == subject)
        held = [
            row for row in self.tables["role_assignments"] if row["principal_id"] == principal["id"]
        ]
        teams: dict[Role, set[str]] = {}
        for row in held:
            of = {row["team"]} - {None} | {
                each["team"]
                for each in self.tables["team_services"]
                if row["service"] is not None and each["service"] == row["service"]
            }
            teams.setdefault(Role(row["role"]), set()).update(of)
        return Person(
            subject,
            principal["id"],
            principal["worker"],
            principal["system"],
            frozenset(Role(row["role"]) for row in held),
            {role: frozenset(codes) for role, codes in teams.items()},
            frozenset(row["service"] for row in held if row["service"]),
        )

    # --- what is asked of rows ---

    def sight(self, person: Person, thing: Thing, row: Row) -> Sight:
        """How much somebody sees of a row."""
        key = (person.name, thing.name, row.get("id") or row.get("case_id") or row["code"])
        if key not in self.seen:
            self.seen[key] = self._sight(person, thing, row)
        return self.seen[key]

    def _sight(self, person: Person, thing: Thing, row: Row) -> Sight:
        if thing.name == "restorative action" and row["set_at"] is None:
            return Sight.NOTHING  # of a draft: it is read there
        stands, found = set(self.standings(thing, row)), Sight.NOTHING
        withheld = thing.restricted and self.is_withheld(person, thing, row)
        for rule in thing.rules:
            for role in rule.roles & person.roles:
                if withheld and role not in thing.even_restricted:
                    continue
                if self.is_in_error(thing, row) and role not in (thing.in_error or ()):
                    continue
                if rule.when and rule.when.isdisjoint(stands):
                    continue
                if rule.relation in self.relations(person, role, thing, row):
                    found = max(found, rule.sight)
        return found

    def relations(self, person: Person, role: Role, thing: Thing, row: Row) -> frozenset[Relation]:
        """How near somebody is to a row in a role."""
        near = {Relation.NONE, *person.leads(role, row.get("team"))}
        if role is Role.WORKER or thing.name == "restorative action":
            near |= {Relation.ALLOCATED} if person.is_(row.get("worker")) else set()
        return frozenset(near | set(_NEAR.get(thing.name, _nothing)(self, person, role, row)))

    def standings(self, thing: Thing, row: Row) -> Iterator[Standing]:
        """How a row stands."""
        state = row.get("state")
        if thing.name == "audit":
            if state == "planned" and row["auditor"] is None:
                yield Standing.UNASSIGNED
            yield (
                Standing.COMPLETED if state in _FINISHED else Standing(str(state).replace("_", " "))
            )
        elif thing.name == "moderation outcome":
            if self.by_id["moderation_samples"][row["sample_id"]]["state"] == "open":
                yield Standing.OPEN_SAMPLE
            elif row["moderated_at"] is not None:
                yield Standing.CLOSED_SAMPLE
            if row["sealed"] and row["moderated_at"] is not None:
                yield Standing.REVEALED
        elif thing.name == "board decision":
            yield from self.standings(
                BY_NAME["board report"], self.by_id["board_reports"][row["report_id"]]
            )
        elif state in {"submitted", "presented"}:
            yield Standing(state)

    def subjects_of(self, thing: Thing, row: Row) -> set[UUID]:
        """Whom a row is about."""
        if thing.name in {"subject", "record"}:
            return {row["id"]}
        if thing.name == "case event":
            return {
                each["subject_id"]
                for each in self.tables["case_event_outcomes"]
                if each["case_event_id"] == row["id"]
            } - {None}
        subject = row.get("subject_id")
        return set() if subject is None else {subject}

    def is_withheld(self, person: Person, thing: Thing, row: Row) -> bool:
        """About somebody whose record is restricted, without a grant."""
        now = datetime.fromisoformat(NOW)
        granted = {
            grant["subject_id"]
            for grant in self.tables["restriction_grants"]
            if grant["principal_id"] == person.principal and grant["expires_at"] > now
        }
        subjects = self.by_id["subjects"]
        return any(
            subjects[subject]["restricted"] and subject not in granted
            for subject in self.subjects_of(thing, row)
        )

    def is_in_error(self, thing: Thing, row: Row) -> bool:
        """An audit recorded in error, or something that hangs on one."""
        if thing.in_error is None:
            return False
        if thing.name == "learning action":
            row = self.by_id["moderation_outcomes"][row["outcome_id"]]
        audit = row if thing.name == "audit" else self.audit_of(row)
        return audit is not None and audit["recorded_in_error_at"] is not None

    def audit_of(self, row: Row) -> Row | None:
        """The audit that a row hangs on."""
        return self.by_id["audits"].get(row.get("audit_id"))

    def must_know(self, person: Person, audit_id: UUID) -> bool:
        """Whether somebody answers for the case of an audit, or was asked about it."""
        wide = {Role.QUALITY_STANDARDS, Role.SENIOR_LEADER, Role.REPORTING} & person.roles
        audit, teams = self.by_id["audits"][audit_id], set().union(*person.teams.values())
        led = set().union(
            *(person.teams.get(role, set()) for role in (Role.TEAM_MANAGER, Role.HEAD_OF_SERVICE))
        )
        escalations = {
            row["id"] for row in self.tables["escalations"] if row["audit_id"] == audit_id
        }
        asked = any(
            row["escalation_id"] in escalations
            and (person.is_(row["recipient"]) or row["for_team"] in led)
            for row in self.tables["escalation_recipients"]
        )
        holds = audit["team"] in teams or person.is_(audit["worker"])
        return bool(wide) or holds or asked or _handed(self, person, audit_id)

    def workers_teams(self, worker: str) -> set[str]:
        """Where somebody belongs."""
        return {row["team"] for row in self.tables["team_memberships"] if row["worker"] == worker}


# --- nearness, thing by thing ---


def _nothing(_: Model, __: Person, ___: Role, ____: Row) -> Iterator[Relation]:
    yield from ()


def _handed(model: Model, person: Person, audit_id: UUID) -> bool:
    return any(
        response["audit_id"] == audit_id
        and person.is_(response["handed_to"])
        and response["state"] != "adequate"
        for response in model.tables["audit_responses"]
    )


def _looks_back(model: Model, person: Person, audit: Row) -> bool:
    return audit["state"] in _FINISHED and any(
        person.is_(later["auditor"])
        and later["recorded_in_error_at"] is None
        and later["id"] != audit["id"]
        and (
            (later["subject_id"] == audit["subject_id"] and later["state"] in _OPEN)
            or (later["re_audit_of"] == audit["id"] and later["state"] != "cancelled")
        )
        for later in model.tables["audits"]
    )


def has_own_view(model: Model, person: Person, audit: Row) -> bool:
    """Whether their own work was audited, and they may write their view of it or wrote one."""
    told = [
        each["notified_at"]
        for each in model.tables["notifications"]
        if each["audit_id"] == audit["id"] and each["notified_at"] is not None
    ]
    if not told or not person.is_(audit["audited_worker"]):
        return False
    wrote = any(view["audit_id"] == audit["id"] for view in model.tables["own_views"])
    asked = any(each["audit_id"] == audit["id"] for each in model.tables["audit_responses"])
    if wrote or asked:
        return wrote or str(audit["state"]) == "completed"
    return bool(datetime.fromisoformat(NOW) - min(told) < timedelta(days=28))


def _to_audit(model: Model, person: Person, role: Role, row: Row) -> Iterator[Relation]:
    if role is Role.AUDITOR:
        if person.is_(row["auditor"]):
            yield Relation.OWN_WORK
        if _looks_back(model, person, row):
            yield Relation.LOOKED_BACK
    if role is Role.WORKER and _handed(model, person, row["id"]):
        yield Relation.OWN_WORK
    if has_own_view(model, person, row):
        yield Relation.AUDITED
    for outcome in model.tables["moderation_outcomes"]:
        sample = model.by_id["moderation_samples"][outcome["sample_id"]]
        drawn = outcome["audit_id"] == row["id"] and sample["state"] == "open"
        if drawn and person.is_(outcome["moderator"]):
            yield Relation.MODERATED


def _to_response(model: Model, person: Person, role: Role, row: Row) -> Iterator[Relation]:
    audit = model.audit_of(row)
    to_give = person.is_(row["handed_to"]) and row["state"] != "adequate"
    if role is Role.WORKER and to_give:
        yield Relation.OWN_WORK
    if role is Role.AUDITOR and audit and person.is_(audit["auditor"]):
        yield Relation.OWN_WORK


def _to_action(model: Model, person: Person, role: Role, row: Row) -> Iterator[Relation]:
    audit = model.audit_of(row)
    assert audit is not None
    if role is Role.AUDITOR:
        if person.is_(audit["auditor"]):
            yield Relation.OWN_WORK
        if _looks_back(model, person, audit):
            yield Relation.LOOKED_BACK
    elif person.is_(row["owner"]) and row["state"] not in {"verified", "cancelled"}:
        yield Relation.OWN_WORK
    if role is Role.WORKER and _handed(model, person, audit["id"]):
        yield Relation.OWN_WORK


def _to_notification(model: Model, person: Person, role: Role, row: Row) -> Iterator[Relation]:
    subject = model.by_id["subjects"][row["subject_id"]]
    if role is Role.CASE_SYSTEM and subject["system"] == person.system:
        yield Relation.OWN_WORK


def _sent(_: Model, person: Person, role: Role, row: Row) -> Iterator[Relation]:
    if role is Role.CASE_SYSTEM and row["system"] == person.system:
        yield Relation.OWN_WORK


def _to_delivery(model: Model, person: Person, role: Role, row: Row) -> Iterator[Relation]:
    endpoint = model.by_id["webhook_endpoints"][row["endpoint_id"]]
    yield from _sent(model, person, role, endpoint)


def _to_escalation(model: Model, person: Person, role: Role, row: Row) -> Iterator[Relation]:
    audit = model.audit_of(row)
    if role is Role.AUDITOR and row["finding_id"] and audit and person.is_(audit["auditor"]):
        yield Relation.OWN_WORK
    for recipient in model.tables["escalation_recipients"]:
        if recipient["escalation_id"] == row["id"] and [*person.leads(role, recipient["for_team"])]:
            yield Relation.ADDRESSED


_TALKED_ABOUT: Final[Mapping[str, tuple[str, str]]] = {
    "audit": ("audit", "audit_id"),
    "question": ("audit", "audit_id"),
    "audit_response": ("response", "response_id"),
    "restorative_action": ("restorative action", "action_id"),
    "escalation": ("escalation", "escalation_id"),
    "moderation_outcome": ("moderation outcome", "outcome_id"),
}
"""Of each kind of comment, the thing that it is about and the column that names it."""


def _to_comment(model: Model, person: Person, _: Role, row: Row) -> Iterator[Relation]:
    name, column = _TALKED_ABOUT[row["kind"]]
    thing = BY_NAME[name]
    about = model.by_id[TABLES[name]][row[column]]
    first = model.by_id["comments"][row["reply_to"] or row["id"]]
    asked = {
        each["addressee"]
        for each in model.tables["comment_addressees"]
        if each["comment_id"] == first["id"]
    }
    of_it = person.is_(first["written_by"]) or person.worker in asked
    oversees = Role.QUALITY_STANDARDS in person.roles
    to_judge_sealed = any(
        outcome["audit_id"] == row["audit_id"]
        and person.is_(outcome["moderator"])
        and outcome["sealed"]
        and outcome["moderated_at"] is None
        and not model.must_know(person, outcome["audit_id"])
        for outcome in model.tables["moderation_outcomes"]
    )
    if to_judge_sealed or (row["addressed"] and not (of_it or oversees)):
        return
    if model.sight(person, thing, about) == Sight.TEXT:
        yield Relation.READS_THE_THING


def _to_subject(model: Model, person: Person, role: Role, row: Row) -> Iterator[Relation]:
    if role is Role.AUDITOR and any(
        audit["subject_id"] == row["id"]
        and person.is_(audit["auditor"])
        and audit["recorded_in_error_at"] is None
        and audit["state"] != "cancelled"
        for audit in model.tables["audits"]
    ):
        yield Relation.OWN_WORK


def _to_sample(model: Model, person: Person, role: Role, row: Row) -> Iterator[Relation]:
    for outcome in model.tables["moderation_outcomes"]:
        if outcome["sample_id"] == row["id"] and person.is_(outcome["moderator"]):
            yield Relation.MODERATED
    for turn in model.tables["moderating_teams"]:
        if turn["sample_id"] == row["id"]:
            yield from person.leads(role, turn["team"])


def _to_outcome(_: Model, person: Person, role: Role, row: Row) -> Iterator[Relation]:
    if person.is_(row["moderator"]):
        yield Relation.MODERATED
    if role is Role.AUDITOR and person.is_(row["auditor"]):
        yield Relation.OWN_WORK


def _theirs(*columns: str) -> _Near:
    def near(_: Model, person: Person, __: Role, row: Row) -> Iterator[Relation]:
        if any(person.is_(row[column]) for column in columns):
            yield Relation.OWN_WORK

    return near


def _of_worker(*columns: str) -> _Near:
    """Theirs, or of somebody in their team today."""

    def near(model: Model, person: Person, role: Role, row: Row) -> Iterator[Relation]:
        yield from _theirs(*columns)(model, person, role, row)
        for team in model.workers_teams(row["worker"]):
            yield from person.leads(role, team)

    return near


def _to_highlight(_: Model, __: Person, role: Role, row: Row) -> Iterator[Relation]:
    if row["routed_to"] == role.value:
        yield Relation.ADDRESSED


def _to_update(_: Model, person: Person, role: Role, row: Row) -> Iterator[Relation]:
    if role is Role.HEAD_OF_SERVICE and row["service"] in person.services:
        yield Relation.OWN_SERVICE


def _to_report(model: Model, person: Person, _: Role, row: Row) -> Iterator[Relation]:
    for receipt in model.tables["board_receipts"]:
        if receipt["report_id"] == row["id"] and person.is_(receipt["recipient"]):
            yield Relation.ADDRESSED


def _to_decision(model: Model, person: Person, role: Role, row: Row) -> Iterator[Relation]:
    yield from _theirs("owner")(model, person, role, row)
    yield from _to_report(model, person, role, model.by_id["board_reports"][row["report_id"]])


def _to_hand_over(model: Model, person: Person, _: Role, row: Row) -> Iterator[Relation]:
    given = any(
        item["hand_over_id"] == row["id"] and person.is_(item["goes_to"])
        for item in model.tables["hand_over_items"]
    )
    if person.is_(row["proposed_by"]):
        yield Relation.OWN_WORK
    if given and row["accepted_at"] is not None:
        yield Relation.ADDRESSED


_NEAR: Final[Mapping[str, _Near]] = {
    "audit": _to_audit,
    "response": _to_response,
    "restorative action": _to_action,
    "notification": _to_notification,
    "escalation": _to_escalation,
    "comment": _to_comment,
    "closure gate": _sent,
    "case event": _sent,
    "webhook": _to_delivery,
    "subject": _to_subject,
    "moderation sample": _to_sample,
    "moderation outcome": _to_outcome,
    "learning action": _theirs("owner", "set_by"),
    "practice observation": _of_worker("worker", "observer"),
    "practice audit": _theirs("auditor"),
    "exemption from observations": _of_worker("worker"),
    "learning highlight": _to_highlight,
    "QA update": _to_update,
    "board report": _to_report,
    "board decision": _to_decision,
    "hand-over": _to_hand_over,
}


# --- who may not although their role might: conflicts of interest ---


def _person_behind(model: Model, principal_id: Any) -> str | None:
    principal = model.by_id["principals"].get(principal_id, {})
    worker: str | None = principal.get("worker")
    return worker


def _who(*columns: str) -> Callable[[Model, Row], set[Any]]:
    return lambda _, row: {row[column] for column in columns}


def _account(column: str) -> Callable[[Model, Row], set[Any]]:
    return lambda model, row: {_person_behind(model, row[column])}


def _answered_or_judged(model: Model, row: Row) -> set[Any]:
    audit = model.audit_of(row)
    assert audit is not None
    rounds = [each for each in model.tables["response_rounds"] if each["response_id"] == row["id"]]
    people = {person for each in rounds for person in (each["submitted_by"], each["on_behalf_of"])}
    return people | {audit["auditor"], audit["audited_worker"]}


def _handed_to_another(_: Model, row: Row) -> set[Any]:
    return {row["worker"]} - {row["handed_to"]} if row["handed_to"] is not None else set()


BARRED: Final[Mapping[str, Callable[[Model, Row], set[Any]]]] = {
    "confirm_audit_error": _account("error_reported_by"),
    "approve_override": _account("override_requested_by"),
    "approve_retention_run": _who("proposed_by"),
    "verify_action": _who("done_by"),
    "find_action_not_achieved": _who("done_by"),
    "verify_learning_action": _who("done_by"),
    "find_learning_not_achieved": _who("done_by"),
    "review_response": _answered_or_judged,
    "submit_response": _handed_to_another,
}
"""Whom a row bars from an act, by what they did to it before."""
_JUDGED: Final = (
    "tests/audits/test_auditors.py"
    "::test_whoever_an_audit_judges_neither_plans_nor_assigns_nor_cancels_it"
)
_IN_BATCH: Final = (
    "tests/audits/test_batches.py::test_a_rule_refuses_one_as_it_would_alone_and_the_others_stand"
)
_POSTS: Final = (
    "tests/escalations/test_escalations.py"
    "::test_quality_standards_does_not_acknowledge_for_a_manager_in_post"
)
_OBSERVERS: Final = (
    "tests/observations/test_recording.py"
    "::test_where_the_team_has_nobody_to_record_who_comes_next_does"
)
_HEADS: Final = "tests/board/test_updates.py::test_a_head_speaks_for_their_own_service_only"
_LEARNERS: Final = (
    "tests/moderation/test_outcomes.py"
    "::test_what_its_owner_cannot_do_quality_and_standards_do_and_another_verifies"
)
_AGREEING: Final = (
    "tests/moderation/test_consensus.py"
    "::test_the_two_agree_on_a_third_value_and_neither_judgement_changes"
)
_TALKING: Final = "tests/comments/test_talking.py::test_a_resolved_conversation_is_over"
BARRED_ELSEWHERE: Final[Mapping[str, str]] = {
    "resolve_comment": _TALKING,
    "release_comment": "tests/comments/test_release.py"
    "::test_an_addressed_comment_is_released_by_quality_and_standards_alone",
    "plan_audit": _JUDGED,
    "edit_audit": _JUDGED,
    "assign_audit": _JUDGED,
    "plan_audits": _IN_BATCH,
    "assign_audits": _IN_BATCH,
    "cancel_audit": _JUDGED,
    "cancel_action": "tests/actions/test_actions.py"
    "::test_the_doer_never_verifies_nor_cancels_whatever_else_they_are",
    "acknowledge_escalation": _POSTS,
    "inform_quality_standards": _POSTS,
    "record_moderation_outcome": "tests/moderation/test_outcomes.py"
    "::test_teams_take_turns_and_nobody_moderates_what_is_theirs",
    "propose_consensus": _AGREEING,
    "agree_on_consensus": _AGREEING,
    "complete_learning_action": _LEARNERS,
    "cancel_learning_action": _LEARNERS,
    "record_practice_audit": "tests/practice_audits/test_practice_audits.py"
    "::test_who_reads_the_standards_judges_no_case_with_any_account",
    "record_practice_observation": "tests/observations/test_recording.py"
    "::test_nobody_observes_their_own_practice",
    "correct_practice_observation": _OBSERVERS,
    "withdraw_practice_observation": _OBSERVERS,
    "answer_learning_highlight": "tests/observations/test_highlights.py"
    "::test_it_is_answered_once_by_those_whom_it_is_routed_to",
    "begin_qa_update": _HEADS,
    "write_qa_update": _HEADS,
    "submit_qa_update": _HEADS,
    "look_into_unusual_read": "tests/unusual_reads/test_unusual_reads.py"
    "::test_nobody_looks_into_their_own_reads",
    **dict.fromkeys(
        (
            "put_service",
            "put_team",
            "put_worker",
            "put_auditor_group",
            "claim_case_system_reference",
        ),
        "tests/directory/test_reach.py::test_nobody_changes_whom_they_reach_themselves",
    ),
    "change_policy": "tests/directory/test_policy_by_two.py"
    "::test_one_person_makes_no_safeguard_weaker",
    "confirm_rights_change": "tests/directory/test_rights.py"
    "::test_nobody_takes_part_in_a_change_of_their_own_rights",
}
"""Where the conflicts are held that no row of the walk has."""
