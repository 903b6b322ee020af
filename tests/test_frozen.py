"""What never changes once it has come about: the database refuses it, under the service's role.

The table is `models/frozen/`. A row of each of its tables stands here as it is when it is frozen,
made past every check; each column of each entry is then written as `qa_app` would, with the reach
of the service itself. The lawful ways are judged by the tests of the service, over HTTP; the
witnesses that open one are judged here.
"""

import asyncio
import re
from collections.abc import Callable, Iterator, Mapping
from functools import cache, partial
from typing import Any, Final

import asyncpg
import pytest
from sqlalchemy import DateTime, Text

from qa_api.auth.roles import SCOPES_OF_ROLE
from qa_api.models import Base
from qa_api.models.base import Stateful, SubjectData, Witness
from qa_api.models.frozen import FROZEN, Begun, Closed, Frozen, written_as
from qa_api.models.frozen.beginnings import WITNESSES
from qa_api.models.frozen.moves import HELD
from qa_api.models.frozen.reach import DATED
from qa_api.models.frozen.restrictions import ABOUT_SUBJECTS, PARENTS
from qa_api.models.held import CODES, IN_NO_ORDER, IN_ORDER, SAID
from tests.conftest import Database
from tests.kept import KEPT, Connection
from tests.test_privileges import ask

Row = Mapping[str, str]
"""SQL for the columns that matter; the others are filled by their kind."""

ONE: Final = "'00000000-0000-7000-8000-000000000001'::uuid"
OTHER: Final = "'00000000-0000-7000-8000-000000000002'::uuid"

THIRD: Final = "'00000000-0000-7000-8000-000000000003'::uuid"
FOURTH: Final = "'00000000-0000-7000-8000-000000000004'::uuid"
SIXTH: Final = "'00000000-0000-7000-8000-000000000006'::uuid"
SEVENTH: Final = "'00000000-0000-7000-8000-000000000007'::uuid"
OTHER_NAME: Final = "'somebody else'"
FIFTH: Final = "'00000000-0000-7000-8000-000000000005'::uuid"
"""A restricted child, and of each kind what a new row of theirs may belong to."""

FILLED: Final = {
    "text": "'{column}'",
    "uuid": ONE,
    "integer": "1",
    "bigint": "1",
    "boolean": "true",
    "date": "'2026-11-23'::date",
    "timestamp with time zone": "'2026-11-23T09:30:00Z'::timestamptz",
    "jsonb": "'{{}}'::jsonb",
    "daterange": "'[2026-11-23,2027-11-23)'::daterange",
    "xid8": "'1'::xid8",
    "ARRAY": "'{{}}'",
    "bytea": "''::bytea",
}
CHANGED: Final = {
    "text": "coalesce({column}, '') || '!'",
    "uuid": "gen_random_uuid()",
    "integer": "coalesce({column}, 0) + 1",
    "bigint": "coalesce({column}, 0) + 1",
    "boolean": "NOT coalesce({column}, false)",
    "date": "coalesce({column}, '2026-11-23') + 1",
    "timestamp with time zone": "coalesce({column}, now()) + interval '1 day'",
    "jsonb": """'{{"other": 1}}'::jsonb""",
    "daterange": "'[2001-01-01,2002-01-01)'::daterange",
    "xid8": "'2'::xid8",
    "ARRAY": "'{{other}}'",
}

ANOTHER: Final = {
    "subject_id": f"CASE {{column}} WHEN {ONE} THEN {OTHER} ELSE {ONE} END",
    "merged_into_id": OTHER,
    "version": "{column} - 1",
    "posts.kind": "'deputy'",
    "posts.service": "'other', team = NULL, kind = 'head'",
    "case_system_references.kind": "'team', worker = NULL",
    "case_system_references.team": "'other', worker = NULL, kind = 'team'",
    "starts_on": "{column} - 1",
    "audit_types.subject_kind": "'carer_household'",
    "audit_types.owner": "'quality_standards'",
    "audit_types.cadence": "'anniversary'",
}
"""Where there must be what a column names, or where the other way is lawful."""
AT_THE_COMMIT: Final = "SET CONSTRAINTS ALL IMMEDIATE"
"""What is looked for at the commit is looked for now."""

COMPLETED: Final[Row] = {
    "id": ONE,
    "state": "'completed'",
    "cancel_reason": "NULL",
    "subject_id": OTHER,
}
STANDING: Final[Row] = {
    "error_reported_by": "NULL",
    "error_confirmed_by": "NULL",
    "recorded_in_error_at": "NULL",
}
DRAFT: Final[Row] = {
    **STANDING,
    "id": THIRD,
    "state": "'in_progress'",
    "cancel_reason": "NULL",
    "planned_at": "'2026-06-01T09:30:00Z'",
    "started_at": "'2026-06-01T09:30:00Z'",
    "gate_id": OTHER,
}
UNDONE: Final[Row] = {
    "done_on": "NULL",
    "done_by": "NULL",
    "done_reported_by": "NULL",
    "verified_at": "NULL",
    "verified_by": "NULL",
    "cancelled_at": "NULL",
    "cancel_reason": "NULL",
}
GATE: Final[Row] = {
    "state": "'awaiting_audit'",
    "may_close": "false",
    "subject_id": OTHER,
    "override_approved_by": OTHER,
    "cleared_at": "NULL",
}
STILL_REDACTED: Final[Row] = {"lifted_at": "NULL", "lifted_by": "NULL", "lift_reason": "NULL"}
STILL_A_HOLIDAY: Final[Row] = {
    "holiday_on": "'2026-12-25'",
    "withdrawn_version": "NULL",
    "withdrawn_reason": "NULL",
}
COUNTED: Final = (
    """{{"calendar_version": {version}, "steps": [{{"date": "{day}", "reason": "{reason}"}}],"""
    """ "facts": {{{facts}}}}}"""
)
AS_COUNTED: Final[Mapping[str, str]] = {
    "version": "1",
    "day": "2026-12-25",
    "reason": "bank holiday",
    "facts": '"days": 5',
}
NARRATIVE: Final = (
    "activity learning good_practice changes_made evidence_of_impact risks next_quarter"
)
DRAWN: Final[Row] = {
    "audit_type": "'type'",
    "judgement": "'overall_judgement'",
    "exclusion": "NULL",
}
WITHHELD: Final[Row] = {"id": FIFTH, "subject_id": FIFTH, "restricted": "true"}
IN_ERROR: Final[Row] = {"id": OTHER, "state": "'completed'", "error_confirmed_by": OTHER}

ROWS: Final[list[tuple[str, Row]]] = [
    ("tool_domains", {"key": "'further'"}),
    ("tool_questions", {"key": "'further'", "answer_kind": "'text'"}),
    ("scale_points", {"code": "'judgement'", "scale_code": "'scale_code'"}),
    ("audits", {**COMPLETED, **STANDING}),
    ("audits", {**COMPLETED, **IN_ERROR}),
    ("audits", DRAFT),
    ("audits", {**COMPLETED, **STANDING, "id": FOURTH, "subject_id": ONE, "gate_id": THIRD}),
    ("audits", {**STANDING, "id": SIXTH, "state": "'cancelled'", "gate_id": FOURTH}),
    # Of a child who was restricted a moment ago: the audit waits for it.
    (
        "audits",
        {**COMPLETED, **STANDING, "id": SEVENTH, "subject_id": FIFTH, "restricted": "false"},
    ),
    ("domain_judgements", {"audit_id": THIRD}),
    ("audit_answers", {"audit_id": ONE}),
    ("audit_answers", {"audit_id": FOURTH, "value": "'4'", "left_out": "false"}),
    ("audit_answers", {"audit_id": FOURTH, "question_key": "'further'"}),
    ("domain_judgements", {"audit_id": FOURTH}),
    ("domain_judgements", {"audit_id": ONE}),
    ("family_contacts", {"audit_id": ONE, "not_expected_reason": "NULL"}),
    ("family_contacts", {"audit_id": SIXTH, "expected": "false"}),
    ("family_contact_attempts", {"audit_id": ONE}),
    ("audit_revisions", {"audit_id": ONE, "number": "1"}),
    ("audit_revisions", {"audit_id": THIRD, "number": "0"}),
    (
        "urgent_findings",
        {"kind": "'serious_safeguarding'", "child_safe_now": "'no'", "audit_id": ONE},
    ),
    ("audit_responses", {"state": "'adequate'"}),
    (
        "response_rounds",
        {
            "outcome": "'returned'",
            "reviewed_as": "'team_manager'",
            "explanation": f"'{COUNTED.format(**AS_COUNTED)}'",
        },
    ),
    ("audit_responses", {"id": OTHER, "state": "'awaiting_response'", "audit_id": OTHER}),
    (
        "response_rounds",
        {
            "id": OTHER,
            "response_id": OTHER,
            "submitted_at": "NULL",
            "submitted_by": "NULL",
            "reviewed_as": "NULL",
            "reviewed_at": "NULL",
            "outcome": "NULL",
        },
    ),
    ("response_items", {"finish_on": "NULL", "reason_not_immediate": "NULL"}),
    ("response_items", {"action_id": OTHER, "done_on": "NULL"}),
    (
        "notifications",
        {
            "state": "'delivered'",
            "kind": "'information_only'",
            "undeliverable_reason": "'refused'",
        },
    ),
    ("restorative_actions", {"state": "'cancelled'", "kind": "'practice'"}),
    (
        "restorative_actions",
        {"id": OTHER, "state": "'open'", "kind": "'practice'", "audit_id": FOURTH, **UNDONE},
    ),
    ("action_date_changes", {"which": "'finish_on'", "became": "'2026-11-24'"}),
    ("action_date_changes", {"which": "'done_on'", "became": "'2026-11-24'", "number": "2"}),
    ("escalations", {"state": "'resolved'", "trigger": "'urgent_finding'"}),
    ("escalation_recipients", {"acknowledged_as": "'team_manager'"}),
    (
        "escalation_recipients",
        {"id": OTHER, "acknowledged_as": "'team_manager'", "replaced_at": "NULL"},
    ),
    ("moderation_samples", {"state": "'closed'", "ends_before": "'2026-12-01'"}),
    ("moderation_members", {}),
    ("moderation_members", {"sample_id": FOURTH, "audit_id": FOURTH}),
    ("moderating_teams", {}),
    ("moderation_outcomes", {"relation_to_auditor": "'none'"}),
    (
        "case_events",
        {
            "parked": "false",
            "type": "'case.opened.v1'",
            "data": """'{"data": {"closure": {"reason_code": "moved"}}}'""",
        },
    ),
    (
        "case_events",
        {"id": THIRD, "event_id": "'closed'", "type": "'case.closed.v1'", "episode_id": "'told'"},
    ),
    ("case_event_outcomes", {}),
    ("case_event_outcomes", {"case_event_id": THIRD}),
    ("closure_gates", GATE),
    (
        "closure_gates",
        {**GATE, "id": OTHER, "cycle": "2", "current": "false", "opened_by_event": THIRD},
    ),
    (
        "closure_gates",
        {
            **GATE,
            "id": THIRD,
            "subject_id": ONE,
            "current": "false",
            "opened_by_event": FOURTH,
        },
    ),
    (
        "closure_gates",
        {
            **GATE,
            "id": SIXTH,
            "state": "'closed'",
            "cleared_at": "'2026-11-20T09:30:00Z'",
            "subject_id": ONE,
            "current": "false",
            "opened_by_event": SIXTH,
        },
    ),
    (
        "policy_versions",
        {"version": "77", "values": """'{"closure_exempt_reasons": ["moved", "untold"]}'"""},
    ),
    (
        "audit_types",
        {
            "cadence": "'every_closure'",
            "subject_kind": "'child'",
            "active": "true",
            "owner": "'service_area'",
        },
    ),
    ("audited_closings", {"subject_kind": "'child'", "since": "NULL", "until": "NULL"}),
    ("audited_closings", {"id": OTHER, "subject_kind": "'carer_household'"}),
    ("subjects", {"id": ONE, "kind": "'child'", "merged_into_id": "NULL"}),
    ("subjects", {"id": OTHER, "kind": "'child'", "merged_into_id": "NULL"}),
    ("subjects", {"id": THIRD, "kind": "'child'", "merged_into_id": ONE}),
    ("subjects", {"id": FIFTH, "ref": "'withheld'", "kind": "'child'", "merged_into_id": "NULL"}),
    ("audits", {**DRAFT, **WITHHELD, "gate_id": "NULL"}),
    (
        "restorative_actions",
        {**UNDONE, **WITHHELD, "state": "'open'", "kind": "'practice'", "audit_id": FOURTH},
    ),
    ("escalations", {**WITHHELD, "state": "'resolved'", "trigger": "'urgent_finding'"}),
    ("audit_responses", {**WITHHELD, "state": "'adequate'", "audit_id": FOURTH}),
    (
        "moderation_outcomes",
        {**WITHHELD, "relation_to_auditor": "'none'", "audit_id": FOURTH, "sample_id": OTHER},
    ),
    ("case_systems", {"code": "'system'"}),
    ("subject_aliases", {"subject_id": OTHER, "stands_for": "NULL"}),
    ("subject_aliases", {"ref": "'stands in'", "subject_id": FIFTH, "stands_for": ONE}),
    ("alerts", {}),
    ("learning_actions", {"state": "'cancelled'"}),
    ("moderation_samples", {"id": OTHER, "state": "'open'", "starts_on": "'2026-10-01'"}),
    ("panel_date_changes", {}),
    ("redactions", {}),
    ("redactions", {"id": OTHER, "path": "'/elsewhere'", **STILL_REDACTED}),
    ("legal_holds", {"record_class": "NULL"}),
    ("unusual_reads", {"state": "'looked_into'"}),
    ("delivery_attempts", {}),
    ("posts", {"kind": "'manager'", "service": "NULL"}),
    *((table, {}) for table in DATED if table != "posts"),
    ("case_system_references", {"kind": "'worker'", "team": "NULL"}),
    ("webhook_endpoints", {}),
    ("worker_views", {}),
    ("restriction_grants", {"expires_at": "'2026-11-24T09:30:00Z'"}),
    ("workers", {"code": "'both'"}),
    ("workers", {"code": "'another'"}),
    ("principals", {"id": ONE, "worker": "'both'", "system": "NULL"}),
    ("principals", {"id": OTHER, "subject": "'again'", "worker": "'both'", "system": "NULL"}),
    ("principals", {"id": THIRD, "subject": "'another'", "worker": "'another'", "system": "NULL"}),
    ("principals", {"id": FOURTH, "subject": "'nobody'", "worker": "NULL", "system": "NULL"}),
    ("audit_tools", {"state": "'published'"}),
    ("judgement_scales", {}),
    ("judgement_scales", {"code": "'scale_code'"}),
    ("quarter_plans", {"state": "'published'"}),
    ("plan_exemptions", {"auditor": "NULL"}),
    ("plan_case_lists", {"method": "'drawn'"}),
    ("qa_updates", {"state": "'submitted'"}),
    ("board_decisions", {}),
    ("board_receipts", {}),
    ("board_reports", {"state": "'presented'"}),
    ("qa_update_submissions", {}),
    ("audit_intervals", {"scope": "'authority'"}),
    ("retention_runs", {"state": "'cancelled'", "approved_by": OTHER_NAME, "executed_at": "NULL"}),
    ("practice_observations", {"family_consent": "'given'"}),
    ("practice_observations", {"family_consent": "'given'", "id": OTHER}),
    ("workers", {"code": "'corrected_by'"}),
    ("observation_corrections", {}),
    ("observation_exemptions", {}),
    ("learning_highlights", {"routed_to": "'practice_advisor'"}),
    (
        "rights_changes",
        {
            "what": "'principal'",
            "state": "'ended'",
            "decided_at": "NULL",
            "decided_by": "NULL",
            "refusal": "NULL",
        },
    ),
    ("rights_changes", {"id": FIFTH, "what": "'principal'", "state": "'refused'"}),
    ("role_assignments", {"scope": "'team'", "role": "'team_manager'", "service": "NULL"}),
    ("calendar_versions", {}),
    ("calendar_days", {}),
    ("bank_holidays", {"source": "'official'"}),
    ("bank_holidays", {**STILL_A_HOLIDAY, "source": "'official'"}),
    ("audit_due_dates", {"owed_team": "NULL"}),
    ("audit_due_dates", {"audit_id": OTHER, "owed_team": "NULL", "stands": "false"}),
    ("awaited_updates", {"quarter": "'another'"}),
    ("days_of_reads", {"listed": "true"}),
    ("deliveries", {"state": "'delivered'", "lane": "'ordinary'"}),
]
"""One row of each table in the state in which it is frozen."""

ADDED: Final[Mapping[str, Row]] = {
    "audit_answers": {"question_key": "'further'"},
    "domain_judgements": {"domain_key": "'further'"},
    "family_contacts": {"audit_id": OTHER},
    "family_contact_attempts": {"number": "7"},
    "audit_revisions": {"number": "7"},
    "worker_views": {"audit_id": OTHER},
    "restorative_actions": {"id": "gen_random_uuid()", "state": "'open'", "kind": "'practice'"},
    "learning_actions": {"id": "gen_random_uuid()", "state": "'open'"},
    "moderation_members": {**DRAWN, "audit_id": SEVENTH},
    "moderation_outcomes": {"id": "gen_random_uuid()", "audit_id": SEVENTH},
    "moderating_teams": {"team": "'further'"},
    "calendar_days": {"day": "'2030-01-01'"},
    "deliveries": {"id": OTHER, "event_id": OTHER, "lane": "'ordinary'"},
    "scale_points": {"code": "'further'", "scale_code": "'code'", "position": "7"},
}
"""What somebody would add to the frozen rows."""

WHERE: Final = {
    "audits": f"id = {ONE}",
    "audit_due_dates": f"audit_id = {ONE}",
    "closure_gates": f"id = {ONE}",
    "domain_judgements": f"audit_id = {ONE}",
    "restorative_actions": f"id = {ONE}",
    "subjects": f"id = {ONE}",
}
"""Which row is frozen, where others of the table are not."""

ONCE: Final = {
    ("audits", "error"): f"id = {OTHER}",
    ("audits", "cancellation"): f"id = {SIXTH}",
    ("closure_gates", "decision"): f"id = {SIXTH}",
    ("audited_closings", "telling"): f"id = {ONE}",
    ("subject_aliases", "subject"): "stands_for IS NULL",
    ("subject_aliases", "removal"): "stands_for IS NOT NULL",
    ("audited_closings", "end"): f"id = {OTHER}",
    ("case_events", "parking"): f"id = {ONE}",
    ("audit_due_dates", "settling"): f"audit_id = {ONE}",
}
"""Which row it is of what only some of the frozen ones have."""


OUTCOME: Final[Row] = {
    "sample_id": THIRD,
    "audit_id": SEVENTH,
    "auditor_team": "",
    "audit_type": "'type'",
    "audit_revision": "1",
    "auditor_judgement": "'overall_judgement'",
    "auditor_rationale": "'overall_rationale'",
}
"""What is drawn of an audit says what the audit says."""

KEPT_OVERALL: Final = (
    """{"overall": {"judgement": "overall_judgement", "rationale": "overall_rationale"},"""
    """ "positive_feedback": "positive_feedback", "paper_records_read": "paper_records_read","""
)
KEPT_WHOLE: Final = f"""'{KEPT_OVERALL} "answers": {{}}, "judgements": {{}}}}'"""
"""What an audit without answers says."""
KEPT_ANSWER: Final = (
    """"question_key": {"value": 4, "evidence": "evidence", "rationale": "rationale","""
    """ "comment": "comment", "done_on": "2026-11-23", "expected_by": "2026-11-23"}"""
)
KEPT_JUDGEMENT: Final = """"domain_key": {"judgement": "judgement", "rationale": "rationale"}"""

NEW_ABOUT: Final[Mapping[str, Row]] = {
    "alerts": {"occasion": "'further'"},
    "audit_revisions": {
        "audit_id": OTHER,
        "subject_id": OTHER,
        "number": "1",
        "content": KEPT_WHOLE,
    },
    "audits": {"state": "'planned'"},
    "closure_gates": {"state": "'awaiting_audit'"},
    "escalations": {"state": "'raised'"},
    "learning_actions": {"state": "'open'"},
    "moderation_members": {**DRAWN, "audit_id": SEVENTH, "sample_id": THIRD, "audited_team": ""},
    "moderation_outcomes": OUTCOME,
    "notifications": {"state": "'queued'"},
    "response_items": {"done_on": ""},
    "restorative_actions": {"state": "'open'"},
}
"""What a new row is besides, where it would be refused for something else."""


@cache
def columns_of(url: str, table: str, *, needed: bool = False) -> Mapping[str, str]:
    """The kinds of a table's columns, or of those that must be given; none that is computed."""
    found = ask(
        url,
        "SELECT column_name, data_type FROM information_schema.columns"
        f" WHERE table_schema = 'public' AND table_name = '{table}' AND is_generated = 'NEVER'"
        " AND identity_generation IS DISTINCT FROM 'ALWAYS'"
        + (
            " AND is_nullable = 'NO' AND column_default IS NULL AND is_identity = 'NO'"
            if needed
            else ""
        ),
    )
    return {str(name): str(kind) for name, kind in found}


def insertion(kinds: Mapping[str, str], table: str, row: Row) -> str:
    """A row with every column filled."""
    values = {name: row.get(name, FILLED[kind].format(column=name)) for name, kind in kinds.items()}
    names = ", ".join(f'"{name}"' for name in values)
    return f"INSERT INTO {table} ({names}) VALUES ({', '.join(values.values())})"


_WITHOUT_REFERENCES: Final = """
DO $$
DECLARE one record;
BEGIN
    FOR one IN SELECT conrelid::regclass AS of_table, conname FROM pg_constraint
               WHERE contype = 'f' AND connamespace = 'public'::regnamespace LOOP
        EXECUTE format('ALTER TABLE %s DROP CONSTRAINT %I', one.of_table, one.conname);
    END LOOP;
END $$
"""
"""What a row names need not be there: other rows are judged by other tests."""


@pytest.fixture(scope="module")
def world(clone: Callable[[], Database]) -> Database:
    """A database with one frozen row of each kind, made past all checks of its references."""
    made = clone()
    superuser = made.migrate_url.replace("qa_owner", "postgres")
    statements = [insertion(columns_of(made.migrate_url, table), table, row) for table, row in ROWS]

    async def fill() -> None:
        connection = await asyncpg.connect(superuser)
        try:
            await connection.execute("SET session_replication_role = replica")
            for statement in statements:
                await connection.execute(statement)
            await connection.execute(_WITHOUT_REFERENCES)
        finally:
            await connection.close()

    asyncio.run(fill())
    return made


def tried(url: str, *statements: str) -> asyncpg.PostgresError | None:
    """What the database answers to the service's role, in a transaction that leaves no trace."""

    async def attempt(connection: Connection) -> asyncpg.PostgresError | None:
        transaction = connection.transaction()
        await transaction.start()
        try:
            await connection.execute("SELECT set_config('qa.reach', 'service', true)")
            for statement in statements:
                done = await connection.execute(statement)
                assert not done.endswith(" 0"), statement
        except asyncpg.PostgresError as error:
            return error
        finally:
            await transaction.rollback()
        return None

    return KEPT.ask(url, attempt)


def refused(answer: asyncpg.PostgresError | None, entry: Frozen | Begun | Closed) -> bool:
    """Whether it was this entry that refused, and with its words."""
    return isinstance(answer, asyncpg.RestrictViolationError) and (
        answer.constraint_name,
        answer.message,
    ) == (entry.trigger, entry.because)


def each_column() -> Iterator[Any]:
    for entry in FROZEN:
        if not isinstance(entry, Frozen):
            continue
        # What a row may not become is judged below, each by what would make it so.
        if "NEW.state" not in entry.since and entry.what != "day_of_error":
            for column in entry.columns.split():
                yield pytest.param(entry, column, id=f"{entry.table}.{column}-{entry.what}")


@pytest.mark.parametrize(("entry", "column"), list(each_column()))
def test_a_frozen_column_is_not_written(world: Database, entry: Frozen, column: str) -> None:
    column = column.strip('"')
    kind = columns_of(world.migrate_url, entry.table)[column]
    other = ANOTHER.get(f"{entry.table}.{column}") or ANOTHER.get(column, CHANGED[kind])
    changed = other.format(column=f'"{column}"')
    where = ONCE.get((entry.table, entry.what)) or WHERE.get(entry.table, "true")
    answer = tried(
        world.database_url,
        f'UPDATE {entry.table} SET "{column}" = {changed} WHERE {where}',
        AT_THE_COMMIT,
    )
    assert isinstance(answer, asyncpg.RestrictViolationError), answer
    named = {one.trigger: one for one in FROZEN if one.table == entry.table}
    assert refused(answer, named[str(answer.constraint_name)])


@pytest.mark.parametrize("entry", [each for each in FROZEN if isinstance(each, Closed)])
def test_nothing_is_added_or_taken_away_where_it_is_closed(world: Database, entry: Closed) -> None:
    before = drawing(world, entry.table) if entry.what == "subject" else ()
    answer = tried(world.database_url, *before, written(world, entry), AT_THE_COMMIT)
    assert refused(answer, entry), answer


_WAITS: Final = "jsonb_build_object('facts', jsonb_build_object('waits_for', '[{}]'::jsonb))"
_WAITING: Final = _WAITS.format('"closure audit"')
_NOTHING: Final = _WAITS.format("")

_TOO_SOON: Final = "'2026-11-23T09:28:59Z'"
"""More than a minute before its audit was planned."""

NOT_AS: Final[Mapping[str, Row]] = {
    "state": {"left_state": "'elsewhere'"},
    "clearing": {"state": "'clear'", "subject_id": OTHER},
    "exemption": {"state": "'exempt'", "subject_id": OTHER},
    "leave_to_close": {"may_close": "true", "explanation": _WAITING},
    "closing_clear": {"state": "'closed'", "subject_id": OTHER, "episode_id": "'told'"},
    "closing": {
        "id": FOURTH,
        "state": "'closed_without_audit'",
        "episode_id": "'untold'",
        "policy_version": "77",
    },
    "position": {"xid": "'1'::xid8"},
    "order": {"number": "999", "event_id": "NULL"},
    "lines": {"last_xid": "'1'::xid8"},
    "witness": {"xid": "'1'::xid8", "number": "7", "version": "7", "which": "'done_on'"},
    "amendment": {
        "audit_id": OTHER,
        "number": "1",
        "subject_id": OTHER,
        "restricted": "",
        "content": KEPT_WHOLE,
    },
    "raising": {"audit_id": ONE, "kind": "'serious_safeguarding'", "raised_at": _TOO_SOON},
    "audited_closings-telling": {"id": THIRD, "subject_kind": "'carer_household'"},
    "audit_types-telling": {
        "code": "'new'",
        "subject_kind": "'child'",
        "owner": "'service_area'",
        "cadence": "'as_required'",
    },
    "judgement_scales-telling": {"code": "'new'", "number": "7"},
    "calendar_versions-telling": {"version": "7"},
    "bank_holidays-calendar": {"holiday_on": "'2027-01-01'", "source": "'official'"},
    "qa_update_submissions-submission": {"number": "2"},
    "days_of_reads-order": {"day": "'2026-11-25'", "listed": "true"},
    "correction": {"id": OTHER, "observation_id": OTHER, "corrected_version": "1"},
    "submission": {"round_id": OTHER, "done_on": "", "restricted": "", "subject_id": ""},
    "return": {"id": THIRD, "number": "2", "restricted": "", "subject_id": ""},
    "moderation_samples-draw": {"id": FOURTH, "state": "'open'", "starts_on": "'2026-09-01'"},
    "policy_versions-telling": {"version": "78"},
    "posts-telling": {"id": OTHER, "kind": "'manager'", "team": "'new'"},
    "case_system_references-telling": {
        "id": OTHER,
        "kind": "'worker'",
        "worker": "'new'",
        "folded": "'new'",
    },
    "telling": {"id": OTHER, "worker": "'new'", "team": "'new'"},
    "end": {"id": OTHER, "principal_id": THIRD, "expires_at": "'2026-11-23T09:30:00Z'"},
    "by_another": {"id": OTHER, "principal_id": OTHER, "expires_at": "'2026-11-24T09:30:00Z'"},
}
"""What somebody would write into a new row to pass it off for an old one."""


NOT_YET: Final[Row] = {"may_close": "false"}
"""What is filled with what no new row has, unless that is what is tried."""


def each_beginning() -> Iterator[Any]:
    for entry in FROZEN:
        if isinstance(entry, Begun):
            for column in entry.columns.split():
                yield pytest.param(entry, {column: ""}, id=f"{entry.table}.{column}-{entry.what}")
            if not entry.columns:
                name = f"{entry.table}-{entry.what}"
                yield pytest.param(entry, NOT_AS.get(name) or NOT_AS[entry.what], id=name)


def new_row(world: Database, table: str, row: Row) -> str:
    """A row of a table with what it must have and what is given; what is given empty, filled."""
    kinds = columns_of(world.migrate_url, table)
    needed = columns_of(world.migrate_url, table, needed=True)
    row = {name: said for name, said in {**NOT_YET, **row}.items() if name in kinds}
    given = {name: said or FILLED[kinds[name]].format(column=name) for name, said in row.items()}
    return insertion({name: kinds[name] for name in {**needed, **row}}, table, given)


@pytest.mark.parametrize(("entry", "row"), list(each_beginning()))
def test_a_row_does_not_begin_with_what_comes_later(
    world: Database, entry: Begun, row: Row
) -> None:
    answer = tried(world.database_url, new_row(world, entry.table, row), AT_THE_COMMIT)
    assert refused(answer, entry), answer


def written(world: Database, entry: Frozen | Closed) -> str:
    """What an entry refuses: its first column written, a row added or taken away."""
    if isinstance(entry, Frozen):
        column = entry.columns.split()[0]
        kind = columns_of(world.migrate_url, entry.table)[column]
        changed = ANOTHER.get(column, CHANGED[kind]).format(column=column)
        where = WHERE.get(entry.table, "true")
        return f"UPDATE {entry.table} SET {column} = {changed} WHERE {where}"
    if entry.removed:
        where = ONCE.get((entry.table, entry.what), "true")
        return f"DELETE FROM {entry.table} WHERE {where}"
    if entry.what == "subject":
        return about_a_child(world, entry.table, {"restricted": "false"})
    needed = columns_of(world.migrate_url, entry.table, needed=True)
    return insertion(needed, entry.table, ADDED[entry.table])


def about_a_child(world: Database, table: str, row: Row) -> str:
    """A new row of the restricted child's, by what it belongs to."""
    valid = next(given for of_table, given in ROWS if of_table == table)
    _, named = PARENTS.get(table, ("", "subject_id"))
    needed = columns_of(world.migrate_url, table, needed=True)
    kept = {column: said for column, said in valid.items() if column in needed}
    of_the_child = {"id": "gen_random_uuid()", "subject_id": FIFTH, named: FIFTH}
    return new_row(world, table, {**kept, **of_the_child, **NEW_ABOUT.get(table, {}), **row})


@pytest.mark.parametrize("table", ABOUT_SUBJECTS)
def test_what_is_added_about_a_restricted_child_is_restricted(world: Database, table: str) -> None:
    (entry,) = (each for each in FROZEN if (each.table, each.trigger) == (table, "closed_subject"))
    before = drawing(world, table)
    restricted = about_a_child(world, table, {"restricted": "true"})
    assert tried(world.database_url, *before, restricted) is None
    assert isinstance(entry, Closed)
    assert refused(tried(world.database_url, *before, written(world, entry)), entry)
    if table in PARENTS:
        of_another = about_a_child(world, table, {"restricted": "true", "subject_id": ONE})
        assert refused(tried(world.database_url, *before, of_another), entry)


def drawing(world: Database, table: str, state: str = "open") -> tuple[str, ...]:
    """What comes before a row of a draw: the draw, and the audit that was drawn."""
    sample: Row = {"id": THIRD, "state": f"'{state}'", "starts_on": "'2026-09-01'"}
    if table not in {"moderating_teams", "moderation_members", "moderation_outcomes"}:
        return ()
    drawn = about_a_child(world, "moderation_members", {"restricted": ""})
    of_an_outcome = (drawn,) if table == "moderation_outcomes" else ()
    return (new_row(world, "moderation_samples", sample), *of_an_outcome)


def test_every_row_that_belongs_to_another_is_held_to_its_subject() -> None:
    tables = Base.metadata.tables
    for name in ABOUT_SUBJECTS:
        belongs = {
            (key.column.table.name, key.parent.name)
            for key in tables[name].foreign_keys
            if key.column.table.name in ABOUT_SUBJECTS and not key.parent.nullable
        }
        # An attempt is its audit's, as the contact is of which it is one.
        belongs |= {("audits", of) for parent, of in belongs if parent == "family_contacts"}
        assert not belongs or PARENTS[name] in belongs, name


def each_witness() -> Iterator[Any]:
    for entry in FROZEN:
        if not isinstance(entry, Begun) and "qa_written_now" in entry.witness:
            logs = (*WITNESSES, "events")
            (table,) = (each for each in logs if f"FROM {each} " in entry.witness)
            yield pytest.param(entry, table, id=f"{table}-{entry.table}.{entry.what}")


@pytest.mark.parametrize(("entry", "witness"), list(each_witness()))
def test_an_earlier_witness_opens_nothing_though_it_is_written_again(
    world: Database, entry: Frozen | Closed, witness: str
) -> None:
    columns = columns_of(world.migrate_url, witness)
    unchanged = ", ".join(f'"{column}" = "{column}"' for column in columns)
    answer = tried(
        world.database_url,
        f"UPDATE {witness} SET {unchanged}",
        written(world, entry),
        AT_THE_COMMIT,
    )
    if witness in {"calendar_versions", "events"}:
        assert isinstance(answer, asyncpg.InsufficientPrivilegeError), answer
    else:
        assert refused(answer, entry), answer


def test_every_witness_has_the_stamp_of_the_transaction_that_added_it() -> None:
    mappers = Base.registry.mappers
    stamped = {str(each.local_table) for each in mappers if issubclass(each.class_, Witness)}
    assert stamped == set(WITNESSES)
    asked = [each.witness for each in FROZEN if each.witness]
    assert not [each for each in asked if ".xmin" in each]
    named = [re.findall(r"FROM (\w+) ", each) for each in asked if "qa_written_now" in each]
    assert named
    assert all((stamped | {"events"}).intersection(each) for each in named)


_ACTION: Final = f"UPDATE restorative_actions SET {{0}} = {{0}} + 1 WHERE id = {ONE}"
_CLEAR: Final = (
    "UPDATE closure_gates SET state = 'clear', cleared_at = now(), may_close = current,"
    f" explanation = {_NOTHING} WHERE id = {{0}}"
)
_EXEMPT: Final = (
    "UPDATE closure_gates SET state = 'exempt', may_close = true, policy_version = 77,"
    f" reason_code = '{{0}}', explanation = {_NOTHING} WHERE id = {ONE}"
)
_OF_ONE: Final = """'{"merged": "00000000-0000-7000-8000-000000000001"}'"""
_AMENDED: Final = (
    "UPDATE audits SET overall_rationale = 'anew', revision = revision + 1 WHERE id = {}"
)
_CORRECTED: Final = (
    "UPDATE practice_observations SET development = 'anew', version = version + 1 WHERE id = {}"
)
_COMPLETED_LATE: Final = (
    "UPDATE audits SET state = 'completed', completed_at = '2026-06-01T23:30:00Z',"
    f" completed_on = '{{}}' WHERE id = {THIRD}"
)
_IN_ERROR_BEFORE: Final = (
    "UPDATE audits SET recorded_in_error_at = completed_at - interval '1 second',"
    f" error_confirmed_by = {OTHER} WHERE id = {ONE}"
)
_SUBMITTED: Final = (
    f"UPDATE response_rounds SET submitted_at = now(), submitted_by = 'x' WHERE id = {OTHER}"
)
_TOLD_SUBMITTED: Final = (
    "INSERT INTO events (id, type, about_id, at, data, correlation_id)"
    f""" VALUES ({OTHER}, 'response.submitted', {OTHER}, now(), '{{"round": 1}}', 'c')"""
)
_CLOSING_MOVED: Final = (
    "UPDATE closure_gates SET closed_at = closed_at + interval '1 day', reason_code = 'moved',"
    f" closing_counts_at = closing_counts_at + interval '1 day', closure_on = closure_on + 1,"
    f" explanation = {_WAITING} WHERE id = {SIXTH}"
)
_DECIDED: Final = (
    f"UPDATE closure_gates SET explanation = {_WAITING}, policy_version = policy_version + 1,"
    f" audit_id = gen_random_uuid() WHERE id = {SIXTH}"
)
_WORDS: Final = f"UPDATE response_rounds SET explanation = '{{}}' WHERE id = {ONE}"
_ENDED: Final = (
    "UPDATE {} SET valid = '[2026-11-23,2027-01-01)', ended_at = ended_at + interval '1 day'"
)
_BEGUN_UPDATE: Final[Row] = {
    "id": OTHER,
    "state": "'draft'",
    "quarter": "'another'",
    **{part: f"'{part}'" for part in NARRATIVE.split()},
}
_FIRST_SUBMISSION: Final[Row] = {
    "update_id": OTHER,
    "number": "1",
    "submitted_at": "'2026-06-01T23:30:00Z'",
    "narrative": "'{" + ", ".join(f'"{part}": "{part}"' for part in NARRATIVE.split()) + "}'",
}
_STEP: Final = "UPDATE closure_gates SET {} WHERE id = " + OTHER
_LIFT: Final = f"lifted_at = now(), lifted_by = {ONE}, lift_reason = 'Said in court.'"
_MODERATED: Final = (
    "UPDATE moderation_outcomes SET moderated_judgement = 'judgement', moderated_at = now(),"
    f" moderated_rationale = 'Seen.', moderated_by = 'both' WHERE sample_id = {THIRD}"
)
_KEPT: Final[Row] = {
    "action_id": ONE,
    "number": "9",
    "was": "'2026-11-23'",
    "became": "'2026-11-24'",
    "subject_id": ONE,
    "restricted": "",
}


def revision(world: Database, answer: str, judgement: str, overall: str = KEPT_OVERALL) -> str:
    """A revision of an audit with one answer, one that is left out, and one judgement."""
    kept = f""""answers": {{{answer}}}, "judgements": {{{judgement}}}"""
    return new_row(
        world,
        "audit_revisions",
        {
            "audit_id": FOURTH,
            "number": "1",
            "subject_id": ONE,
            "restricted": "",
            "content": f"'{overall} {kept}}}'",
        },
    )


def lawfully(world: Database) -> dict[str, tuple[str, ...]]:
    """What is done lawfully, each with its witness."""
    new = partial(new_row, world)
    moved = f"UPDATE urgent_findings SET subject_id = {OTHER} WHERE subject_id = {ONE}"
    # Whoever was merged into the one before goes along.
    merged = f"UPDATE subjects SET merged_into_id = {OTHER} WHERE id IN ({ONE}, {THIRD})"
    told = new(
        "events", {"id": OTHER, "type": "'subject.merged'", "about_id": OTHER, "data": _OF_ONE}
    )
    changed = {
        which: new("action_date_changes", {**_KEPT, "which": f"'{which}'"})
        for which in ("finish_on", "done_on")
    }
    gate: Row = {"id": FOURTH, "may_close": "false", "current": "false"}
    grant: Row = {"id": OTHER, "expires_at": "'2027-02-21T09:30:00Z'"}
    scale: Row = {"code": "'new'", "number": "7"}
    point: Row = {"scale_code": "'new'", "scale_number": "7", "code": "'good'"}
    closing: Row = {
        "id": SIXTH,
        "event_id": "'again'",
        "type": "'case.closed.v1'",
        "system": "'system'",
        "episode_id": "'episode_id'",
    }
    known = new("case_event_outcomes", {"case_event_id": SIXTH, "subject_id": ONE})
    received = new("events", {"id": OTHER, "type": "'case_event.received'", "about_id": SIXTH})
    of_gate = {
        step: new("events", {"id": OTHER, "type": f"'closure_gate.{step}'", "about_id": OTHER})
        for step in ("override_requested", "override_approved", "override_withdrawn", "reopened")
    }
    calendar = (
        new("calendar_versions", {"version": "7"}),
        new(
            "events",
            {"id": FOURTH, "type": "'calendar.changed'", "data": """'{"calendar_version": 7}'"""},
        ),
    )
    configured = {
        what: new(
            "events",
            {
                "id": OTHER,
                "type": "'configuration.changed'",
                "principal_id": ONE,
                "data": f"""'{{"what": "{what}", "code": "{code}"}}'""",
            },
        )
        for what, code in (
            ("audit_type", "code"),
            ("audit_tool", "code"),
            ("judgement_scale", "new/7"),
        )
    }
    ended = {
        what: new("events", {"id": OTHER, "type": f"'{what}.ended'", "about_id": ONE})
        for what in ("audit_interval", "observation_exemption")
    }
    return {
        "a revision that keeps what was answered and judged": (
            revision(world, KEPT_ANSWER, KEPT_JUDGEMENT),
            _AMENDED.format(FOURTH),
            AT_THE_COMMIT,
        ),
        "a finding that another machine's clock raises before its audit": (
            new(
                "urgent_findings",
                {
                    **NOT_AS["raising"],
                    "id": OTHER,
                    "subject_id": OTHER,
                    "restricted": "",
                    "child_safe_now": "'no'",
                    "raised_at": "'2026-11-23T09:29:01Z'",
                },
            ),
        ),
        "what is held with its case": (
            f"UPDATE subjects SET team = 'moved', worker = 'moved' WHERE id = {ONE}",
            *(
                f"UPDATE {table} SET team = 'moved', worker = 'moved' WHERE subject_id = {ONE}"
                for table in HELD
            ),
            AT_THE_COMMIT,
        ),
        "a review that another is asked for": (
            f"UPDATE response_rounds SET reviewer = 'another' WHERE id = {OTHER}",
        ),
        "words that say of a holiday that it is withdrawn": (
            _WORDS.format(
                COUNTED.format(
                    **{
                        **AS_COUNTED,
                        "reason": "withdrawn",
                        "facts": '"days": 5, "withdrawn_since": ["2026-12-25"]',
                    }
                )
            ),
        ),
        "a day that a newer calendar counts again": (
            _WORDS.format(COUNTED.format(**{**AS_COUNTED, "version": "2", "day": "2026-12-28"})),
        ),
        "a recipient in whose place another is asked": (
            f"UPDATE escalation_recipients SET replaced_at = now() WHERE id = {OTHER}",
        ),
        "an event that is carried out": (
            f"UPDATE case_events SET parked = false, parked_reason = NULL WHERE id = {THIRD}",
        ),
        "a bank holiday that a new calendar withdraws": (
            *calendar,
            (
                "UPDATE bank_holidays SET withdrawn_version = 7, withdrawn_reason = 'By mistake.'"
                " WHERE withdrawn_version IS NULL"
            ),
            AT_THE_COMMIT,
        ),
        "a bank holiday that a new calendar adds": (
            new("bank_holidays", {**NOT_AS["bank_holidays-calendar"], "added_version": "7"}),
            *calendar,
            AT_THE_COMMIT,
        ),
        "an audit type that changes as is told": (
            "UPDATE audit_types SET may_audit = 'anybody'",
            configured["audit_type"],
            AT_THE_COMMIT,
        ),
        "an audit type that is new": (
            new("audit_types", NOT_AS["audit_types-telling"]),
            configured["audit_type"].replace('"code": "code"', '"code": "new"'),
            AT_THE_COMMIT,
        ),
        "closings that are audited no longer": (
            f"UPDATE audited_closings SET until = now() WHERE id = {ONE}",
            new("audited_closings", {"id": THIRD, "subject_kind": "'carer_household'"}),
            configured["audit_type"],
            AT_THE_COMMIT,
        ),
        "a tool that is retired": (
            "UPDATE audit_tools SET state = 'retired'",
            configured["audit_tool"],
            AT_THE_COMMIT,
        ),
        "a scale that is told": (
            new("judgement_scales", scale),
            new("scale_points", point),
            configured["judgement_scale"],
            AT_THE_COMMIT,
        ),
        "an interval that is ended": (
            _ENDED.format("audit_intervals"),
            ended["audit_interval"],
            AT_THE_COMMIT,
        ),
        "an exemption from observations that is ended": (
            _ENDED.format("observation_exemptions"),
            ended["observation_exemption"],
            AT_THE_COMMIT,
        ),
        "a due date that an audit in error does not settle": (
            f"UPDATE audit_due_dates SET settled_on = NULL WHERE audit_id = {OTHER}",
            AT_THE_COMMIT,
        ),
        "an update that is submitted again": (
            new(
                "qa_update_submissions",
                {"number": "2", "narrative": _FIRST_SUBMISSION["narrative"]},
            ),
            new("events", {"id": OTHER, "type": "'qa_update.moved'", "about_id": ONE}),
            AT_THE_COMMIT,
        ),
        "an update that is first submitted": (
            new("qa_updates", _BEGUN_UPDATE),
            (
                "UPDATE qa_updates SET first_submitted_on = '2026-06-02', state = 'submitted'"
                f" WHERE id = {OTHER}"
            ),
            new("qa_update_submissions", _FIRST_SUBMISSION),
            new("events", {"id": OTHER, "type": "'qa_update.moved'", "about_id": OTHER}),
            AT_THE_COMMIT,
        ),
        "an awaited update that is begun": (
            "DELETE FROM awaited_updates",
            new("qa_updates", _BEGUN_UPDATE),
            AT_THE_COMMIT,
        ),
        "a reference that stood for a record which it is now part of": (
            "DELETE FROM subject_aliases WHERE stands_for IS NOT NULL",
            new(
                "events",
                {
                    "id": OTHER,
                    "type": "'subject.merged'",
                    "data": _OF_ONE.replace(ONE[1:37], FIFTH[1:37]),
                },
            ),
            AT_THE_COMMIT,
        ),
        "a reference that means another record after a merge": (
            (f"UPDATE subject_aliases SET subject_id = {ONE} WHERE subject_id = {OTHER}"),
            f"UPDATE subjects SET merged_into_id = {ONE} WHERE id = {OTHER}",
            "SET CONSTRAINTS frozen_subject IMMEDIATE",
        ),
        "a day of reads after the others": (
            new("days_of_reads", {"day": "'2026-11-24'", "listed": "true"}),
            "UPDATE days_of_reads SET looked_through_at = now() WHERE day = '2026-11-24'",
        ),
        "a message to the case system that it is about": (
            new("events", {"id": OTHER, "subject_id": ONE}),
            new("deliveries", {"id": OTHER, "event_id": OTHER, "lane": "'ordinary'"}),
        ),
        "a test of a receiver": (
            new("events", {"id": OTHER, "type": "'webhook_endpoint.test'"}),
            new("deliveries", {"id": OTHER, "event_id": OTHER, "lane": "'test'"}),
        ),
        "word that somebody sees": (
            new(
                "alerts",
                {"id": OTHER, "occasion": "'further'", "subject_id": "", "restricted": ""},
            ),
            f"UPDATE alerts SET seen_at = now(), over_at = now() WHERE id = {OTHER}",
        ),
        "a closing that is told anew": (
            _CLOSING_MOVED,
            new("case_events", closing),
            known,
            received,
            AT_THE_COMMIT,
        ),
        "a closing that is decided again by what is told of the child": (
            _DECIDED,
            new("events", {"id": OTHER, "type": "'action.done'", "subject_id": ONE}),
            AT_THE_COMMIT,
        ),
        "an override that is asked for anew": (
            _STEP.format(
                "override_requested_at = override_requested_at + interval '1 day',"
                " override_reason = 'anew', override_approved_by = NULL,"
                " override_approved_at = NULL, override_withdrawn_by = NULL,"
                " override_withdrawn_at = NULL, override_withdrawal_reason = NULL"
            ),
            of_gate["override_requested"],
            AT_THE_COMMIT,
        ),
        "an override that is withdrawn": (
            _STEP.format("override_withdrawal_reason = 'By mistake.'"),
            of_gate["override_withdrawn"],
            AT_THE_COMMIT,
        ),
        "a gate that is reopened": (
            _STEP.format("reopen_reason = 'The case goes on.'"),
            of_gate["reopened"],
            AT_THE_COMMIT,
        ),
        "a gate that is clear by its closure audit": (_CLEAR.format(ONE),),
        "leave for another to see a restricted record, for ninety days": (
            new("restriction_grants", {**grant, "principal_id": THIRD}),
        ),
        "leave for an account of nobody": (
            new("restriction_grants", {**grant, "principal_id": FOURTH}),
        ),
        "leave that ends sooner": (
            "UPDATE restriction_grants SET expires_at = expires_at - interval '1 hour'",
        ),
        "a gate that is exempt by the reason told": (_EXEMPT.format("moved"),),
        "a new gate that waits for actions alone": (
            new("closure_gates", {**gate, "state": "'actions_outstanding'"}),
        ),
        "a gate that is closed as the case system told": (
            new(
                "closure_gates",
                {
                    **gate,
                    "state": "'closed_without_audit'",
                    "subject_id": ONE,
                    "restricted": "",
                    "episode_id": "'told'",
                },
            ),
        ),
        "what moves with its merge": (moved, merged, told, AT_THE_COMMIT),
        "what moves back within one merge": (merged, moved, told, AT_THE_COMMIT),
        "two gates that change places in a merge": (
            f"UPDATE closure_gates SET subject_id = NULL WHERE subject_id = {OTHER}",
            f"UPDATE closure_gates SET subject_id = {ONE} WHERE subject_id IS NULL",
            merged,
            told,
            AT_THE_COMMIT,
        ),
        "a promised date with the one before": (
            _ACTION.format("due_on"),
            changed["finish_on"],
            AT_THE_COMMIT,
        ),
        "the day on which it was done with the one before": (
            _ACTION.format("done_on"),
            changed["done_on"],
            AT_THE_COMMIT,
        ),
        "points with their scale": (new("judgement_scales", scale), new("scale_points", point)),
        "an event of this very transaction": (new("events", {"id": OTHER}),),
        "an amendment with its revision": (
            new("audit_revisions", NOT_AS["amendment"]),
            _AMENDED.format(OTHER),
            AT_THE_COMMIT,
        ),
        "an action that an amendment adds": (
            new("audit_revisions", NOT_AS["amendment"]),
            new(
                "restorative_actions",
                {
                    "id": THIRD,
                    "audit_id": OTHER,
                    "subject_id": OTHER,
                    "restricted": "",
                    "state": "'open'",
                    "kind": "'practice'",
                },
            ),
            _AMENDED.format(OTHER),
            AT_THE_COMMIT,
        ),
        "a completed audit that moves with the case": (
            f"UPDATE audits SET team = 'moved', worker = 'moved' WHERE id = {OTHER}",
            f"UPDATE subjects SET team = 'moved', worker = 'moved' WHERE id = {OTHER}",
            AT_THE_COMMIT,
        ),
        "a completed audit that is due by another closing": (
            f"UPDATE audits SET due_on = due_on + 1 WHERE id = {OTHER}",
            new("events", {"id": OTHER, "type": "'audit.edited'", "about_id": OTHER}),
            AT_THE_COMMIT,
        ),
        "the worker's view of a draft": (
            new("worker_views", {"audit_id": THIRD, "subject_id": "", "restricted": ""}),
            f"UPDATE worker_views SET view = 'anew' WHERE audit_id = {THIRD}",
        ),
        "an audit that is completed on London's day": (_COMPLETED_LATE.format("2026-06-02"),),
        "a response with what it answers": (
            _SUBMITTED,
            new("response_items", NOT_AS["submission"]),
            _TOLD_SUBMITTED,
            AT_THE_COMMIT,
        ),
        "a further round of a response that is returned": (
            _SUBMITTED,
            f"UPDATE response_rounds SET outcome = 'returned' WHERE id = {OTHER}",
            new("response_rounds", {**NOT_AS["return"], "response_id": OTHER}),
            AT_THE_COMMIT,
        ),
        "a membership that a change of the directory takes away": (
            "DELETE FROM team_memberships",
            new("events", {"id": OTHER, "type": "'configuration.changed'"}),
            AT_THE_COMMIT,
        ),
        "a draw with its teams and what was drawn": (
            *drawing(world, "moderation_outcomes"),
            new("moderating_teams", {"sample_id": THIRD}),
            about_a_child(world, "moderation_outcomes", {"restricted": "true"}),
            _MODERATED,
            AT_THE_COMMIT,
        ),
        "a draw of nothing, which is closed at once": (
            *drawing(world, "moderation_members", "closed"),
            about_a_child(world, "moderation_members", {"restricted": "", "drawn": "false"}),
            AT_THE_COMMIT,
        ),
        "a redaction that is lifted": (
            f"UPDATE redactions SET {_LIFT}, path = path WHERE id = {OTHER}",
        ),
        "an observation with its correction": (
            new("observation_corrections", {"id": OTHER, "observation_id": OTHER}),
            _CORRECTED.format(OTHER),
            AT_THE_COMMIT,
        ),
        "a day that turns with a version of the calendar": (
            new("calendar_versions", {"version": "7"}),
            "UPDATE calendar_days SET working = NOT working",
        ),
    }


LAWFUL: Final = (
    "a revision that keeps what was answered and judged",
    "a finding that another machine's clock raises before its audit",
    "what is held with its case",
    "a review that another is asked for",
    "words that say of a holiday that it is withdrawn",
    "a day that a newer calendar counts again",
    "a recipient in whose place another is asked",
    "an event that is carried out",
    "a bank holiday that a new calendar withdraws",
    "a bank holiday that a new calendar adds",
    "an audit type that changes as is told",
    "an audit type that is new",
    "closings that are audited no longer",
    "a tool that is retired",
    "a scale that is told",
    "an interval that is ended",
    "an exemption from observations that is ended",
    "a due date that an audit in error does not settle",
    "an update that is submitted again",
    "an update that is first submitted",
    "an awaited update that is begun",
    "a reference that stood for a record which it is now part of",
    "a reference that means another record after a merge",
    "a day of reads after the others",
    "a message to the case system that it is about",
    "a test of a receiver",
    "word that somebody sees",
    "a closing that is told anew",
    "a closing that is decided again by what is told of the child",
    "an override that is asked for anew",
    "an override that is withdrawn",
    "a gate that is reopened",
    "a gate that is clear by its closure audit",
    "a gate that is exempt by the reason told",
    "leave for another to see a restricted record, for ninety days",
    "leave for an account of nobody",
    "leave that ends sooner",
    "a new gate that waits for actions alone",
    "a gate that is closed as the case system told",
    "what moves with its merge",
    "what moves back within one merge",
    "two gates that change places in a merge",
    "a promised date with the one before",
    "the day on which it was done with the one before",
    "points with their scale",
    "an event of this very transaction",
    "an amendment with its revision",
    "an action that an amendment adds",
    "a completed audit that moves with the case",
    "a completed audit that is due by another closing",
    "the worker's view of a draft",
    "an audit that is completed on London's day",
    "a response with what it answers",
    "a further round of a response that is returned",
    "a membership that a change of the directory takes away",
    "a draw with its teams and what was drawn",
    "a draw of nothing, which is closed at once",
    "a redaction that is lifted",
    "an observation with its correction",
    "a day that turns with a version of the calendar",
)


OTHERWISE_KEPT: Final[Mapping[str, tuple[str, str, str]]] = {
    "nothing": ("", "", '{"answers": {}, "judgements": {}, "overall": {},'),
    "another judgement": (
        KEPT_ANSWER,
        KEPT_JUDGEMENT,
        KEPT_OVERALL.replace("overall_judgement", "good"),
    ),
    "other words": (KEPT_ANSWER, KEPT_JUDGEMENT, KEPT_OVERALL.replace("overall_rationale", "No.")),
    "no answer": ("", KEPT_JUDGEMENT, KEPT_OVERALL),
    "another answer": (KEPT_ANSWER.replace("4", "5"), KEPT_JUDGEMENT, KEPT_OVERALL),
    "an answer of its own": (f'{KEPT_ANSWER}, "own": {{}}', KEPT_JUDGEMENT, KEPT_OVERALL),
    "another rationale": (KEPT_ANSWER, KEPT_JUDGEMENT.replace('"rationale"}', '""}'), KEPT_OVERALL),
    "no judgement": (KEPT_ANSWER, "", KEPT_OVERALL),
}


@pytest.mark.parametrize("kept", OTHERWISE_KEPT)
def test_a_revision_keeps_what_the_audit_says_and_all_of_it(world: Database, kept: str) -> None:
    (entry,) = (each for each in FROZEN if (each.table, each.trigger) == _KEEPING)
    answer = tried(world.database_url, revision(world, *OTHERWISE_KEPT[kept]))
    assert refused(answer, entry), answer


_KEEPING: Final = ("audit_revisions", "closed_content")


def test_no_case_system_is_sent_what_is_about_anothers_subjects(world: Database) -> None:
    (entry,) = (
        each for each in FROZEN if (each.table, each.trigger) == ("deliveries", "closed_receiver")
    )
    new = partial(new_row, world)
    sent = new("deliveries", {"id": OTHER, "event_id": OTHER, "lane": "'ordinary'"})
    of_another: Row = {
        "id": SIXTH,
        "system": "'another'",
        "ref": "'theirs'",
        "kind": "'child'",
        "restricted": "false",
    }
    for about in (
        (new("events", {"id": OTHER}),),
        (new("subjects", of_another), new("events", {"id": OTHER, "subject_id": SIXTH})),
    ):
        answer = tried(world.database_url, *about, sent)
        assert refused(answer, entry), answer


@pytest.mark.parametrize("what", LAWFUL)
def test_the_lawful_way_stays_open(world: Database, what: str) -> None:
    assert tried(world.database_url, *lawfully(world)[what]) is None


def test_every_table_with_a_life_cycle_begins_at_its_beginning() -> None:
    mappers = Base.registry.mappers
    tables = {str(each.local_table) for each in mappers if issubclass(each.class_, Stateful)}
    begun = {each.table for each in FROZEN if isinstance(each, Begun) and each.what == "state"}
    assert begun == tables


_GATE: Final = "UPDATE closure_gates SET {}"
_GRANT: Final = (
    "INSERT INTO restriction_grants"
    " (id, subject_id, principal_id, reason, granted_by, granted_at, expires_at) VALUES"
    f" ({OTHER}, {ONE}, {{}}, 'Complaint.', {{}}, '2026-11-23T09:30:00Z', '{{}}')"
)
_BY_ONE: Final = f"override_requested_by = {ONE}, override_approved_by = NULL"
STATES: Final[Mapping[str, str]] = {
    "a response that is another team's than its case": f"UPDATE audit_responses SET team = 'other'"
    f" WHERE id = {ONE}",
    "a settled action that is another worker's than its case": "UPDATE restorative_actions"
    f" SET worker = 'other' WHERE id = {ONE}",
    "a reviewed round that another is asked to review": "UPDATE response_rounds"
    f" SET reviewer = 'other' WHERE id = {ONE}",
    "a day that was counted by other days": _WORDS.format(
        COUNTED.format(**{**AS_COUNTED, "day": "2026-12-28"})
    ),
    "a day that was counted by other facts": _WORDS.format(
        COUNTED.format(**{**AS_COUNTED, "facts": '"days": 6'})
    ),
    "a day that an older calendar counts again": _WORDS.format(
        COUNTED.format(**{**AS_COUNTED, "version": "0", "day": "2026-12-28"})
    ),
    "an event that is parked again": f"UPDATE case_events SET parked = true WHERE id = {ONE}",
    "a bank holiday withdrawn without a new calendar": "UPDATE bank_holidays"
    " SET withdrawn_version = 2, withdrawn_reason = 'No.' WHERE withdrawn_version IS NULL",
    "an interval that is ended untold": _ENDED.format("audit_intervals"),
    "an exemption from observations that is ended untold": _ENDED.format("observation_exemptions"),
    "a due date that is settled on another day": "UPDATE audit_due_dates"
    f" SET settled_on = settled_on - 1 WHERE audit_id = {ONE}",
    "a due date that an audit in error settles": "UPDATE audit_due_dates"
    f" SET settled_on = settled_on + 1 WHERE audit_id = {OTHER}",
    "a due date that its completed audit does not settle": "UPDATE audit_due_dates"
    f" SET settled_on = NULL WHERE audit_id = {ONE}",
    "a reference that names another child": "UPDATE subject_aliases"
    f" SET subject_id = {ONE} WHERE subject_id = {OTHER}",
    "a tool that is retired untold": "UPDATE audit_tools SET state = 'retired'",
    "an audit type that asks no more, untold": "UPDATE audit_types SET active = false",
    "closings that are audited no longer, untold": "UPDATE audited_closings"
    f" SET until = now() WHERE id = {ONE}",
    "leave to see a restricted record for more than ninety days": _GRANT.format(
        THIRD, ONE, "2027-02-21T09:30:01Z"
    ),
    "leave that one gives to oneself": _GRANT.format(ONE, ONE, "2026-11-24T09:30:00Z"),
    "leave that nobody of the directory gives": _GRANT.format(ONE, FOURTH, "2026-11-24T09:30:00Z"),
    "a gate that is clear without an audit": _GATE.format("state = 'clear', may_close = true"),
    "a gate that may close and is not clear": _GATE.format("may_close = true"),
    "a second closing that is clear by the audit of the first": _CLEAR.format(OTHER),
    "a gate that is clear while an action holds it": _CLEAR.format(THIRD),
    "a gate that is exempt though nothing exempts it": _GATE.format(
        f"state = 'exempt', may_close = true, explanation = {_NOTHING}"
    ),
    "a gate that is exempt by a reason that nobody told": _EXEMPT.format("untold"),
    "a gate that may close though it waits": (
        f"UPDATE closure_gates SET state = 'exempt', may_close = true, policy_version = 77,"
        f" reason_code = 'moved', explanation = {_WAITING} WHERE id = {ONE}"
    ),
    "a gate that was clear before it is so": _GATE.format("cleared_at = now()"),
    "a gate closed by what was told of another child of the episode": _GATE.format(
        "state = 'closed_without_audit', episode_id = 'told'"
    ),
    "a gate overridden without a second person": _GATE.format(f"state = 'overridden', {_BY_ONE}"),
    "a gate closed though nobody closed the case": _GATE.format("state = 'closed'"),
    "a gate closed without audit though nobody closed the case": _GATE.format(
        "state = 'closed_without_audit'"
    ),
    "an error confirmed that nobody reported": f"UPDATE audits SET recorded_in_error_at = now(),"
    f" error_reported_by = {ONE}, error_confirmed_by = {OTHER} WHERE id = {ONE}",
    "an error undone": "UPDATE audits SET recorded_in_error_at = NULL, error_confirmed_by = NULL"
    f" WHERE id = {OTHER}",
    "an amendment without its revision": "UPDATE audits SET revision = revision + 1,"
    f" overall_judgement = 'judgement' WHERE id = {ONE}",
    "a due date lengthened under the same calendar": "UPDATE audit_responses SET"
    " due_on = due_on + 1, due_on_before = due_on",
    "a due date shortened under a newer calendar": "UPDATE audit_responses SET"
    " due_on = due_on - 1, due_on_before = due_on, calendar_version = calendar_version + 1",
    "a judgement without a rationale": "UPDATE domain_judgements SET rationale = '  '"
    f" WHERE audit_id = {THIRD}",
    "an overall judgement without a rationale": f"UPDATE audits SET overall_rationale = E'\\n'"
    f" WHERE id = {THIRD}",
    "an action's date moved without the one before": _ACTION.format("due_on"),
    "a finding moved to another child": f"UPDATE urgent_findings SET subject_id = {OTHER}",
    "a gate moved to another child by way of nobody": _GATE.format("subject_id = NULL"),
    "a role that there is not": "UPDATE role_assignments SET role = 'superuser'",
    "a role over what it is not held over": "UPDATE role_assignments SET role = 'administrator'",
    "a merge that nobody told": f"UPDATE subjects SET merged_into_id = {OTHER}"
    f" WHERE id IN ({ONE}, {THIRD})",
    "a merge undone": f"UPDATE subjects SET merged_into_id = NULL WHERE id = {THIRD}",
    "a merge into a record that is merged itself": f"UPDATE subjects SET merged_into_id = {THIRD}"
    f" WHERE id = {ONE}",
    "a person merged into themselves": f"UPDATE subjects SET merged_into_id = id WHERE id = {ONE}",
}
"""What was once taken when it was written directly, beside the columns that are frozen."""


@pytest.mark.parametrize("state", STATES)
def test_what_must_never_be_is_not_written(world: Database, state: str) -> None:
    answer = tried(world.database_url, STATES[state], AT_THE_COMMIT)
    assert isinstance(answer, asyncpg.RestrictViolationError | asyncpg.CheckViolationError), answer


@pytest.mark.parametrize(
    ("what", "entry"),
    [
        (_COMPLETED_LATE.format("2026-06-01"), "frozen_day_of_completion"),
        (_IN_ERROR_BEFORE, "frozen_day_of_error"),
    ],
)
def test_a_day_is_londons_and_an_error_is_found_after_it(
    world: Database, what: str, entry: str
) -> None:
    answer = tried(world.database_url, what)
    assert isinstance(answer, asyncpg.RestrictViolationError), answer
    assert answer.constraint_name == entry


def test_what_was_submitted_before_gets_no_further_answer(world: Database) -> None:
    (entry,) = (
        each for each in FROZEN if (each.table, each.what) == ("response_items", "submission")
    )
    late = new_row(world, "response_items", NOT_AS["submission"])
    answer = tried(world.database_url, _SUBMITTED, late, AT_THE_COMMIT)
    assert refused(answer, entry), answer


DRAWN_OTHERWISE: Final[Mapping[str, tuple[str, Row]]] = {
    "another judgement": ("moderation_outcomes", {"auditor_judgement": "'judgement'"}),
    "another rationale": ("moderation_outcomes", {"auditor_rationale": "'Other.'"}),
    "another auditor": ("moderation_outcomes", {"auditor": "'another'"}),
    "an earlier revision": ("moderation_outcomes", {"audit_revision": "0"}),
    "an audit that was not drawn": ("moderation_outcomes", {"audit_id": ONE}),
    "another sample's outcome": ("moderation_outcomes", {"sample_id": OTHER}),
    "a member that says another judgement": ("moderation_members", {"judgement": "'judgement'"}),
    "a member that is left out for nothing": (
        "moderation_members",
        {"exclusion": "'restricted'", "drawn": "false"},
    ),
    "a member of another sample": ("moderation_members", {"sample_id": OTHER}),
    "a member that is not completed": ("moderation_members", {"audit_id": THIRD}),
    "a team of another sample": ("moderating_teams", {"sample_id": OTHER}),
}


@pytest.mark.parametrize("what", DRAWN_OTHERWISE)
def test_what_is_drawn_is_added_by_the_draw_and_says_what_the_audit_says(
    world: Database, what: str
) -> None:
    table, row = DRAWN_OTHERWISE[what]
    (entry,) = (each for each in FROZEN if (each.table, each.trigger) == (table, "closed_draw"))
    otherwise = (
        new_row(world, table, {"team": "'further'", **row})
        if table == "moderating_teams"
        else about_a_child(world, table, {"restricted": "true", **row})
    )
    answer = tried(world.database_url, *drawing(world, table), otherwise)
    assert refused(answer, entry), answer


def policy_changed(
    world: Database,
    values: str,
    *,
    said: str = "",
    day: str = "2026-11-24",
    by: str = ONE,
    state: str = "done",
) -> tuple[str, ...]:
    """A version of the policy with these values, told, and what was said of the change, if any."""
    version: Row = {
        "version": "78",
        "effective_from": f"'{day}'",
        "values": f"""'{{"closure_exempt_reasons": ["moved", "untold"]}}'::jsonb || '{values}'""",
    }
    told: Row = {
        "id": OTHER,
        "type": "'configuration.changed'",
        "data": """'{"what": "policy", "code": "78"}'""",
        "principal_id": by,
    }
    changes = f"""{{"effective_from": "2026-11-24", "changes": [{said}]}}"""
    change: Row = {
        "id": OTHER,
        "what": "'policy'",
        "state": "'proposed'",
        "becomes": f"""'{{"policy": {changes}}}'""",
        "proposed_by": ONE,
    }
    decided = f", decided_at = now(), decided_by = {THIRD}" if state == "confirmed" else ""
    kept = (
        new_row(world, "rights_changes", change),
        f"UPDATE rights_changes SET state = '{state}'{decided} WHERE id = {OTHER}",
    )
    written_ = (new_row(world, "policy_versions", version), new_row(world, "events", told))
    return (*written_, *(kept if said else ()), AT_THE_COMMIT)


OF_THE_ENTRY: Final[Mapping[str, tuple[str, str, str]]] = {
    "absences": ("reason_code = 'other'", "worker", "worker"),
    "auditor_group_memberships": ("team = 'other'", "auditor_group", "group"),
    "posts": ("worker = 'other'", "team", "team"),
    "supervisions": ("supervisor = 'other'", "worker", "worker"),
    "team_memberships": ("team = 'other'", "worker", "worker"),
    "team_services": ("service = 'other'", "team", "team"),
    "case_system_references": ("reference = 'other'", "worker", "worker"),
    "workers": ("leaves_on = '2030-01-01'", "worker", "both"),
    "case_systems": ("source = 'other'", "case_system", "system"),
    "webhook_endpoints": ("url = 'other'", "webhook_endpoint", ONE[1:37]),
}
"""How each is changed, and the entry of which that is told."""


@pytest.mark.parametrize("table", OF_THE_ENTRY)
def test_what_decides_whom_somebody_reaches_changes_with_what_is_told_of_its_entry(
    world: Database, table: str
) -> None:
    (entry,) = (each for each in FROZEN if (each.table, each.trigger) == (table, "frozen_telling"))
    changed, what, code = OF_THE_ENTRY[table]
    where = f"code = '{code}'" if table == "workers" else "true"
    write = f"UPDATE {table} SET {changed} WHERE {where}"

    def told(of: str, by: str) -> asyncpg.PostgresError | None:
        data = f"""'{{"what": "{what}", "code": "{of}"}}'"""
        event: Row = {"id": OTHER, "type": "'configuration.changed'", "data": data}
        event_by = new_row(world, "events", {**event, "principal_id": by})
        return tried(world.database_url, write, event_by, AT_THE_COMMIT)

    assert told(code, ONE) is None
    assert told("elsewhere", "NULL") is None, "by a command or an import"
    assert refused(told("elsewhere", ONE), entry)


def test_what_nobody_has_claimed_is_listed_and_claimed_by_what_is_told(world: Database) -> None:
    (entry,) = (
        each
        for each in FROZEN
        if (each.table, each.what) == ("case_system_references", "telling")
        and isinstance(each, Frozen)
    )
    listed = new_row(
        world,
        "case_system_references",
        {"id": OTHER, "kind": "'worker'", "folded": "'unclaimed'"},
    )
    assert tried(world.database_url, listed, AT_THE_COMMIT) is None
    taken = f"DELETE FROM case_system_references WHERE id = {OTHER}"
    assert tried(world.database_url, listed, taken, AT_THE_COMMIT) is None
    claimed = f"UPDATE case_system_references SET worker = 'both' WHERE id = {OTHER}"
    assert refused(tried(world.database_url, listed, claimed, AT_THE_COMMIT), entry)


EXEMPT_NONE: Final = """{"closure_exempt_reasons": []}"""
SAID_SO: Final = """{"key": "closure_exempt_reasons", "value": []}"""
POLICIES: Final[Mapping[str, tuple[bool, dict[str, str]]]] = {
    "of the service's own": (True, {"by": "NULL"}),
    "by one, who kept it": (True, {"said": SAID_SO}),
    "by two": (True, {"said": SAID_SO, "state": "confirmed"}),
    "by two, after its day": (True, {"said": SAID_SO, "state": "confirmed", "day": "2026-12-01"}),
    "with a key that is new": (True, {"said": SAID_SO, "values": """{"further": 1}"""}),
    "that nobody kept": (False, {}),
    "that was proposed only": (False, {"said": SAID_SO, "state": "proposed"}),
    "that was refused": (False, {"said": SAID_SO, "state": "ended"}),
    "with another value than was said": (
        False,
        {"said": """{"key": "closure_exempt_reasons", "value": ["moved"]}"""},
    ),
    "of another key than was said": (False, {"said": """{"key": "purposes", "value": []}"""}),
    "before the day that was said": (False, {"said": SAID_SO, "day": "2026-11-23"}),
}


@pytest.mark.parametrize("policy", POLICIES)
def test_a_policy_is_told_and_says_all_that_is_different(world: Database, policy: str) -> None:
    (entry,) = (
        each
        for each in FROZEN
        if (each.table, each.trigger) == ("policy_versions", "begun_telling")
    )
    taken, given = POLICIES[policy]
    answer = tried(world.database_url, *policy_changed(world, **{"values": EXEMPT_NONE, **given}))
    assert answer is None if taken else refused(answer, entry), answer


def test_a_policy_told_as_another_version_is_told_of_nothing(world: Database) -> None:
    (entry,) = (
        each
        for each in FROZEN
        if (each.table, each.trigger) == ("policy_versions", "begun_telling")
    )
    version, *told = policy_changed(world, EXEMPT_NONE, by="NULL")
    answer = tried(world.database_url, version.replace("78", "79"), *told)
    assert refused(answer, entry), answer


def test_a_closing_does_not_move_by_what_was_told_before_or_of_another(world: Database) -> None:
    new = partial(new_row, world)
    day = f"UPDATE closure_gates SET closure_on = closure_on + 1 WHERE id = {SIXTH}"
    told = "'case_event.received'"
    again = new("events", {"id": OTHER, "type": told, "about_id": THIRD, "subject_id": ONE})
    outcome: Row = {"case_event_id": THIRD, "position": "7", "subject_id": ONE}
    # What came of another episode; then of the gate's own, but of another child.
    for row in ({"episode_id": "'told'"}, {"subject_id": OTHER}):
        event: Row = {"id": SIXTH, "event_id": "'further'", "type": "'case.closed.v1'"}
        answer = tried(
            world.database_url,
            day,
            new("case_events", {**event, "system": "'system'", "episode_id": "'episode_id'"} | row),
            new("case_event_outcomes", {**outcome, "case_event_id": SIXTH} | row),
            new("events", {"id": OTHER, "type": told, "about_id": SIXTH}),
            AT_THE_COMMIT,
        )
        assert isinstance(answer, asyncpg.RestrictViolationError), answer
        assert answer.constraint_name == "frozen_told"
    answer = tried(world.database_url, day, again, AT_THE_COMMIT)
    assert isinstance(answer, asyncpg.RestrictViolationError), answer
    assert answer.constraint_name == "frozen_told"


_DEFINED: Final = """
SELECT t.tgrelid::regclass::text, t.tgname, pg_get_triggerdef(t.oid), p.prosrc, p.prosecdef
FROM pg_trigger t JOIN pg_proc p ON p.oid = t.tgfoid
WHERE NOT t.tgisinternal AND (t.tgname LIKE 'frozen\\_%' OR t.tgname LIKE 'closed\\_%'
    OR t.tgname LIKE 'begun\\_%')
ORDER BY 1, 2
"""


def test_a_role_is_held_over_what_it_is_held_over(world: Database) -> None:
    for role, held_over in SCOPES_OF_ROLE.items():
        for scope in ("authority", "service", "team"):
            place = {"service": "NULL", "team": "NULL"} | {scope: "'x'"}
            answer = tried(
                world.database_url,
                f"UPDATE role_assignments SET role = '{role}', scope = '{scope}',"
                f" service = {place['service']}, team = {place['team']}",
            )
            taken = not isinstance(answer, asyncpg.CheckViolationError)
            assert taken == (scope in held_over), (role, scope)


def test_every_table_about_a_subject_keeps_what_is_restricted() -> None:
    mappers = Base.registry.mappers
    about = {str(each.local_table) for each in mappers if issubclass(each.class_, SubjectData)}
    assert {each.table for each in FROZEN if each.what == "restriction"} == about


def test_the_database_holds_the_table_and_nothing_else(clone: Callable[[], Database]) -> None:
    made = clone()
    before = ask(made.migrate_url, _DEFINED)
    assert {(table, name) for table, name, *_ in before} == {
        (entry.table, entry.trigger) for entry in FROZEN
    }

    async def write_anew() -> None:
        connection = await asyncpg.connect(made.migrate_url)
        try:
            await connection.execute(written_as(FROZEN))
        finally:
            await connection.close()

    asyncio.run(write_anew())
    assert ask(made.migrate_url, _DEFINED) == before


def without_triggers(world: Database, statement: str) -> asyncpg.PostgresError | None:
    """What the constraints alone answer, whoever writes."""
    superuser = world.migrate_url.replace("qa_owner", "postgres")
    return tried(superuser, "SET LOCAL session_replication_role = replica", statement)


@pytest.mark.parametrize(
    ("table", "column"),
    [(table, column) for table, columns in SAID.items() for column in columns.split()],
)
def test_what_says_why_is_never_blank(world: Database, table: str, column: str) -> None:
    answer = without_triggers(
        world, f"UPDATE {table} SET {column} = E' \\n' WHERE {column} IS NOT NULL"
    )
    assert isinstance(answer, asyncpg.CheckViolationError), answer
    assert answer.constraint_name == f"{table}_{column}_said_check"


@pytest.mark.parametrize(
    ("table", "before", "after"),
    [(table, *pair) for table, pairs in IN_ORDER.items() for pair in pairs],
)
def test_what_follows_a_step_is_not_before_it(
    world: Database, table: str, before: str, after: str
) -> None:
    versions = before == "added_version"
    earlier = "0" if versions else f"{before} - interval '61 seconds'"
    set_to = f"UPDATE {table} SET {after} = {{}} WHERE {after} IS NOT NULL"
    answer = without_triggers(world, set_to.format(earlier))
    assert isinstance(answer, asyncpg.CheckViolationError), answer
    assert answer.constraint_name == f"{table}_{after}_in_order_check"
    if not versions:  # the clocks of two machines are apart
        taken = without_triggers(world, set_to.format(f"{before} - interval '59 seconds'"))
        assert taken is None, taken


_HELD: Final = """
SELECT conrelid::regclass::text, conname FROM pg_constraint
WHERE contype = 'c' AND (conname LIKE '%\\_said\\_check' OR conname LIKE '%\\_in\\_order\\_check')
"""


def test_the_database_holds_what_is_said_and_in_order(world: Database) -> None:
    held = {(str(table), str(name)) for table, name in ask(world.migrate_url, _HELD)}
    checks = {
        (table.name, f"{check.name}")
        for table in Base.metadata.tables.values()
        for check in table.constraints
        if str(check.name).endswith(("_said_check", "_in_order_check"))
    }
    assert held == checks


def test_whatever_says_why_is_held_to_say_something() -> None:
    says_why = re.compile(
        r"(reasons?|because|how|resolution|refusal|note|why|what_was_done|decision|highlight"
        r"|description|view|rationale|comment|to_be_taken)$"
    )
    for table in Base.metadata.tables.values():
        checked = {str(check.name) for check in table.constraints}
        for column in table.columns:
            if isinstance(column.type, Text) and says_why.search(column.name):
                said = f"{table.name}_{column.name}_said_check" in checked
                by_another = any(name.endswith("rationale_said_check") for name in checked)
                assert said or by_another or (table.name, column.name) in CODES, (table, column)


def test_each_instant_is_in_order_or_said_to_have_none() -> None:
    for table in Base.metadata.tables.values():
        instants = {each.name for each in table.columns if isinstance(each.type, DateTime)}
        ordered = {each for pair in IN_ORDER.get(table.name, ()) for each in pair}
        if len(instants) > 1:
            assert instants - ordered == set(IN_NO_ORDER.get(table.name, "").split()), table.name
