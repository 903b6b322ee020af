"""What states have in common is decided for each state, and the database's own lists are these."""

import re
from enum import StrEnum
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from qa_api.rules import states
from qa_api.rules.closure import MAY_CLOSE
from tests.conftest import Database

GROUPS: dict[str, tuple[StrEnum, ...]] = {
    name: group for name, group in vars(states).items() if name.isupper()
}
ENUMS: list[type[StrEnum]] = [
    each
    for each in vars(states).values()
    if isinstance(each, type) and issubclass(each, StrEnum) and each is not StrEnum
]
SOURCE = Path(states.__file__).parents[1]
ACTION, AUDIT, GATE = states.ActionState, states.AuditState, states.GateState
ESCALATION, RESPONSE = states.EscalationState, states.ResponseState
WITH_MANAGER = "ESCALATION_UNACKNOWLEDGED ESCALATION_UNINFORMED ESCALATION_UNRESOLVED"

BELONGS: dict[type[StrEnum], dict[StrEnum, str]] = {
    AUDIT: {
        AUDIT.PLANNED: "AUDIT_OPEN AUDIT_NOT_CANCELLED",
        AUDIT.IN_PROGRESS: "AUDIT_OPEN AUDIT_UNDER_WAY AUDIT_NOT_CANCELLED",
        AUDIT.COMPLETED: "AUDIT_FINISHED AUDIT_NOT_CANCELLED",
        AUDIT.CLOSED: "AUDIT_FINISHED AUDIT_NOT_CANCELLED",
        AUDIT.CANCELLED: "",
    },
    ACTION: {
        ACTION.OPEN: "ACTION_TO_DO",
        ACTION.PLANNED: "ACTION_TO_DO",
        ACTION.DONE: "ACTION_DONE",
        ACTION.VERIFIED: "ACTION_DONE ACTION_SETTLED",
        ACTION.CANCELLED: "ACTION_SETTLED",
    },
    RESPONSE: {
        RESPONSE.AWAITING_NOTIFICATION: "RESPONSE_TO_SUBMIT",
        RESPONSE.AWAITING_RESPONSE: "RESPONSE_AWAITED RESPONSE_TO_SUBMIT",
        RESPONSE.SUBMITTED: "",
        RESPONSE.RETURNED: "RESPONSE_AWAITED RESPONSE_TO_SUBMIT",
        RESPONSE.ADEQUATE: "",
    },
    states.NotificationState: {
        states.NotificationState.QUEUED: "",
        states.NotificationState.DELIVERED: "NOTIFICATION_SETTLED",
        states.NotificationState.UNDELIVERABLE: "NOTIFICATION_SETTLED",
    },
    ESCALATION: {
        ESCALATION.RAISED: WITH_MANAGER,
        ESCALATION.NOTIFIED: WITH_MANAGER,
        ESCALATION.ACKNOWLEDGED: "ESCALATION_ACKNOWLEDGED ESCALATION_UNINFORMED"
        " ESCALATION_UNRESOLVED",
        ESCALATION.QUALITY_STANDARDS_INFORMED: "ESCALATION_ACKNOWLEDGED ESCALATION_INFORMED"
        " ESCALATION_UNRESOLVED",
        ESCALATION.RESOLVED: "ESCALATION_ACKNOWLEDGED ESCALATION_INFORMED",
    },
    GATE: {
        GATE.AWAITING_AUDIT: "GATE_OPEN GATE_UNCLEARED",
        GATE.ACTIONS_OUTSTANDING: "GATE_OPEN GATE_UNCLEARED",
        GATE.CLEAR: "GATE_OPEN",
        GATE.OVERRIDDEN: "GATE_OPEN",
        GATE.EXEMPT: "GATE_OPEN",
        GATE.CLOSED: "GATE_CLOSED",
        GATE.CLOSED_WITHOUT_AUDIT: "GATE_CLOSED",
        GATE.WITHDRAWN: "",
    },
    states.LearningActionState: {
        states.LearningActionState.OPEN: "",
        states.LearningActionState.DONE: "",
        states.LearningActionState.VERIFIED: "LEARNING_ACTION_SETTLED",
        states.LearningActionState.CANCELLED: "LEARNING_ACTION_SETTLED",
    },
    states.QaUpdateState: {
        states.QaUpdateState.DRAFT: "QA_UPDATE_TO_SUBMIT",
        states.QaUpdateState.SUBMITTED: "",
        states.QaUpdateState.RETURNED: "QA_UPDATE_TO_SUBMIT",
    },
    states.DeliveryState: {
        states.DeliveryState.WAITING: "DELIVERY_UNSENT",
        states.DeliveryState.PARKED: "DELIVERY_UNSENT",
        states.DeliveryState.DELIVERED: "",
        states.DeliveryState.REFUSED: "",
        states.DeliveryState.SKIPPED: "",
        states.DeliveryState.TOLD_BY_HAND: "",
    },
}
"""Decided state by state: a new one is put here and so into the groups, or the test says so."""


@pytest.mark.parametrize("enum", ENUMS, ids=lambda enum: enum.__name__)
def test_each_state_is_in_just_the_groups_that_it_belongs_to(enum: type[StrEnum]) -> None:
    own = {name: group for name, group in GROUPS.items() if isinstance(group[0], enum)}
    assert bool(own) == (enum in BELONGS), "say of each state to which groups it belongs"
    undecided = set(enum) - set(BELONGS.get(enum, enum))
    places = "\n".join(places_that_ask_for_one_of(enum))
    assert not undecided, f"Decide for {undecided} here, and in what asks for one state:\n{places}"
    for state in enum if own else ():
        belongs = {name for name, group in own.items() if state in group}
        assert belongs == set(BELONGS[enum][state].split()), state


def places_that_ask_for_one_of(enum: type[StrEnum]) -> list[str]:
    """Each line of the service, outside the table of transitions, that names one state."""
    return [
        f"{file.relative_to(SOURCE)}:{number}: {line.strip()}"
        for file in sorted(SOURCE.rglob("*.py"))
        if file.name not in {"states.py", "transitions.py"}
        for number, line in enumerate(file.read_text().splitlines(), start=1)
        if re.search(rf"\b{enum.__name__}\.[A-Z]", line)
    ]


def test_the_places_that_ask_for_one_state_are_found() -> None:
    found = places_that_ask_for_one_of(AUDIT)
    assert any(place.startswith("audits/service.py") for place in found)
    assert any("AuditState.PLANNED" in place for place in found)


OF_ITS_OWN = {
    "constraint audits_begun_with_auditor_and_subject_check": "before it began, or without it",
    "constraint response_rounds_outcome_check": "the two outcomes of a review",
    "constraint retention_runs_approved_first_check": "what a second person has agreed to",
    "constraint rights_changes_decided_by_whom_check": "what a second person has decided",
    "function begun_telling_of_policy_versions": "changes of the policy that took effect",
    "function frozen_clearing_of_closure_gates": "actions that hold a gate no longer",
    "trigger frozen_clear_since": "what a gate is cleared by",
    "trigger frozen_decision": "closings of which the decision is made",
    "function cells_of_action": "what time alone makes overdue no more",
    "trigger begun_clearing": "what an audit brings a gate to",
    "function qa_is_open_to_comments": "audits of which nobody says anything more",
}
"""Lists that mean something of one place only, and what."""

WRITTEN = """
SELECT 'function ' || p.proname AS place, pg_get_functiondef(p.oid) AS said
FROM pg_proc p WHERE p.pronamespace = 'public'::regnamespace AND p.prokind = 'f'
UNION ALL SELECT 'policy ' || tablename || '.' || policyname, concat(qual, ' ', with_check)
FROM pg_policies WHERE schemaname = 'public'
UNION ALL SELECT 'index ' || indexname, indexdef FROM pg_indexes WHERE schemaname = 'public'
UNION ALL SELECT 'constraint ' || conname, pg_get_constraintdef(oid)
FROM pg_constraint WHERE connamespace = 'public'::regnamespace AND contype = 'c'
UNION ALL SELECT 'trigger ' || tgname, pg_get_triggerdef(oid) FROM pg_trigger WHERE NOT tgisinternal
"""
_ONE = r"\(?'[a-z_]+'(?:::[a-z ]+)?\)?(?:::[a-z ]+)?"
_LIST = re.compile(rf"(?:IN\s*\(|ARRAY\[)\s*({_ONE}(?:\s*,\s*{_ONE})+)", re.IGNORECASE)


async def lists_of_states(url: str) -> list[tuple[str, frozenset[str]]]:
    """Each place of the schema that names several states in one list, and which."""
    connection = await asyncpg.connect(url)
    try:
        rows: list[Any] = await connection.fetch(WRITTEN)
    finally:
        await connection.close()
    return [
        (row["place"], frozenset(re.findall(r"'([a-z_]+)'", listed)))
        for row in rows
        for listed in _LIST.findall(row["said"])
    ]


async def test_where_the_database_lists_states_they_are_one_of_the_groups(
    database: Database,
) -> None:
    known = {frozenset(group) for group in (*GROUPS.values(), MAY_CLOSE)}
    all_of_one = [frozenset(enum) for enum in ENUMS]
    found = await lists_of_states(database.migrate_url)
    of_states = [
        (place, named) for place, named in found if any(named < each for each in all_of_one)
    ]
    assert of_states
    unknown = {place: sorted(named) for place, named in of_states if named not in known}
    assert unknown.keys() == OF_ITS_OWN.keys(), unknown
