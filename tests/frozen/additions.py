"""What somebody would add to rows that are frozen, lawfully or not."""

from collections.abc import Mapping
from functools import partial
from typing import Final

from qa_api.models.frozen import Closed, Frozen
from qa_api.models.frozen.restrictions import PARENTS
from tests.conftest import Database
from tests.frozen.rows import ANOTHER, DRAWN, ONCE, ROWS, WHERE
from tests.frozen.statements import (
    CHANGED,
    FIFTH,
    FOURTH,
    ONE,
    OTHER,
    SEVENTH,
    SIXTH,
    THIRD,
    Row,
    Statement,
    columns_of,
    insertion,
    new,
    new_row,
)

ADDED: Final[Mapping[str, Row]] = {
    "audit_answers": {"question_key": "'further'"},
    "domain_judgements": {"domain_key": "'further'"},
    "family_contacts": {"audit_id": OTHER},
    "family_contact_attempts": {"number": "7"},
    "audit_revisions": {"number": "7"},
    "worker_views": {"audit_id": OTHER},
    "own_views": {"audit_id": OTHER},
    "restorative_actions": {"id": "gen_random_uuid()", "state": "'open'", "kind": "'practice'"},
    "hand_over_items": {
        "id": "gen_random_uuid()",
        "position": "7",
        "hand_over_id": OTHER,
        "stays_because": "'nobody_can'",
    },
    "learning_actions": {"id": "gen_random_uuid()", "state": "'open'"},
    "moderated_domains": {"domain_key": "'further'"},
    "moderation_members": {**DRAWN, "audit_id": SEVENTH},
    "moderation_outcomes": {"id": "gen_random_uuid()", "audit_id": SEVENTH},
    "moderating_teams": {"team": "'further'"},
    "comments": {"id": THIRD, "kind": "'audit'", "audit_id": SIXTH, "addressed": "false"},
    "comment_addressees": {"addressee": "'further'"},
    "calendar_days": {"day": "'2030-01-01'"},
    "observation_corrections": {"id": OTHER, "corrected_version": "7"},
    "deliveries": {"id": OTHER, "event_id": OTHER, "lane": "'ordinary'"},
    "scale_points": {"code": "'further'", "scale_code": "'code'", "position": "7"},
}
"""What somebody would add to the frozen rows."""

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
KEPT_OBSERVATION: Final = (
    """'{"observer": "observer", "observed_on": "2026-11-23", "activity": "activity","""
    """ "planned": true, "family_consent": "given", "feedback": "feedback","""
    """ "strengths": "strengths", "development": "development"}'"""
)

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
    "moderated_domains": {
        "outcome_id": SEVENTH,
        "audit_id": SEVENTH,
        "auditor_judgement": "'judgement'",
        "auditor_rationale": "'rationale'",
    },
    "moderation_members": {**DRAWN, "audit_id": SEVENTH, "sample_id": THIRD, "audited_team": ""},
    "moderation_outcomes": OUTCOME,
    "notifications": {"state": "'queued'"},
    # The worker whose work it was was told.
    "own_views": {"audit_id": SEVENTH, "written_by": "'audited_worker'"},
    "response_items": {"done_on": ""},
    "restorative_actions": {"state": "'open'"},
}
"""What a new row is besides, where it would be refused for something else."""

WAITS: Final = "jsonb_build_object('facts', jsonb_build_object('waits_for', '[{}]'::jsonb))"
WAITING: Final = WAITS.format('"closure audit"')
NOTHING: Final = WAITS.format("")
TOO_SOON: Final = "'2026-11-23T09:28:59Z'"
"""More than a minute before its audit was planned."""
NOT_AS: Final[Mapping[str, Row]] = {
    "webhook_endpoints-telling": {"id": THIRD, "deleted_at": "NULL"},
    "state": {"left_state": "'elsewhere'"},
    "writing": {"id": THIRD, "kind": "'audit'", "audit_id": SIXTH, "written_at": TOO_SOON},
    "judging": {"id": OTHER, "auditor": "'another'", "judged_at": TOO_SOON},
    "clearing": {"state": "'clear'", "subject_id": OTHER},
    "exemption": {"state": "'exempt'", "subject_id": OTHER},
    "leave_to_close": {"may_close": "true", "explanation": WAITING},
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
    "raising": {"audit_id": ONE, "kind": "'serious_safeguarding'", "raised_at": TOO_SOON},
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
    "correction": {
        "id": OTHER,
        "observation_id": OTHER,
        "corrected_version": "1",
        "before": KEPT_OBSERVATION,
    },
    "submission": {"round_id": OTHER, "done_on": "", "restricted": "", "subject_id": ""},
    "return": {"id": THIRD, "number": "2", "restricted": "", "subject_id": ""},
    "moderation_samples-draw": {
        "id": FOURTH,
        "state": "'open'",
        "starts_on": "'2026-09-01'",
        "second_grade": "'open'",
    },
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
    kinds = columns_of(world.migrate_url, entry.table)
    needed = columns_of(world.migrate_url, entry.table, needed=True)
    written = {**needed, **{name: kinds[name] for name in ADDED[entry.table]}}
    return insertion(written, entry.table, ADDED[entry.table])


def about_a_child(world: Database, table: str, row: Row) -> str:
    """A new row of the restricted child's, by what it belongs to."""
    valid = next(given for of_table, given in ROWS if of_table == table)
    _, named = PARENTS.get(table, ("", "subject_id"))
    needed = columns_of(world.migrate_url, table, needed=True)
    kept = {column: said for column, said in valid.items() if column in needed}
    of_the_child = {"id": "gen_random_uuid()", "subject_id": FIFTH, named: FIFTH}
    return new_row(world, table, {**kept, **of_the_child, **NEW_ABOUT.get(table, {}), **row})


def about(table: str, row: Row) -> Statement:
    """The same, put together when it is written."""
    return partial(about_a_child, table=table, row=row)


def drawing(table: str, state: str = "open") -> tuple[Statement, ...]:
    """What comes before a row of a draw: the draw, and the audit that was drawn."""
    sample: Row = {
        "id": THIRD,
        "state": f"'{state}'",
        "starts_on": "'2026-09-01'",
        "second_grade": "'sealed'",
    }
    drawn = (about("moderation_members", {"restricted": ""}),)
    its_outcome = (about("moderation_outcomes", {"restricted": "true", "id": SEVENTH}),)
    before = {
        "moderating_teams": (),
        "moderation_members": (),
        "moderation_outcomes": drawn,
        "moderated_domains": (*drawn, *its_outcome),
    }
    return (new("moderation_samples", sample), *before[table]) if table in before else ()
