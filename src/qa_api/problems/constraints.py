"""Broken constraints of the database in words: what exists already, is in use or is missing.

Two people at once may each pass every check, and still only one can write: the constraint refuses
the other. The words name the thing by the table of the row, never a value.
"""

import re
from collections.abc import Mapping
from typing import Final

from qa_api.rules.unchanging import Unchanging

THINGS: Final[Mapping[str, str]] = {
    "absences": "an absence of this worker",
    "action_date_changes": "a change of this action's date",
    "alerts": "an alert of this",
    "audit_answers": "an answer to this question",
    "audit_due_dates": "an audit for this due date",
    "audit_intervals": "an interval of this type of audit",
    "audit_responses": "a response to this audit",
    "audit_revisions": "this revision of the audit",
    "audit_tools": "a version of this audit tool",
    "audit_types": "an audit type",
    "auditor_group_memberships": "a membership of this team in an auditor group",
    "auditor_groups": "an auditor group",
    "audits": "an audit",
    "bank_holidays": "this bank holiday",
    "board_caseloads": "this caseload in the report",
    "board_coverages": "this coverage in the report",
    "board_report_rows": "this section of the report",
    "board_receipts": "a receipt of this report by the same person",
    "board_reports": "a board report",
    "chart_changes": "a change in this chart from this month",
    "calendar_versions": "a version of the working calendar",
    "case_events": "an event of this id",
    "case_system_references": "this reference of the case system",
    "case_systems": "a case system",
    "caseload_children": "this child in the caseload",
    "caseload_lines": "this line of the caseload",
    "caseload_uploads": "this caseload being read in",
    "caseloads": "a caseload of this case system and day",
    "closure_gates": "a closure gate of this episode",
    "comment_addressees": "this person among those whom the comment asks",
    "comments": "a comment",
    "conflicting_case_events": "this second version of the event",
    "deliveries": "a delivery",
    "domain_judgements": "a judgement of this domain",
    "escalations": "an escalation",
    "family_contact_attempts": "this attempt to contact the family",
    "family_contacts": "what is said of the contact with the family",
    "group_roles": "this role of the group",
    "hand_over_items": "this thing in the hand-over",
    "hand_overs": "a hand-over",
    "judgement_scales": "a judgement scale",
    "moderating_teams": "this team among those who moderate",
    "moderated_domains": "this domain of the outcome",
    "moderation_members": "this audit in the sample",
    "moderation_outcomes": "an outcome of this audit in the sample",
    "moderation_samples": "a moderation sample of this month and group",
    "observation_corrections": "a correction of this version of the observation",
    "observation_exemptions": "an exemption of this worker from observations",
    "own_views": "what the worker wrote about this audit",
    "plan_auditors": "this auditor in the plan",
    "plan_exemptions": "this exemption from the plan",
    "plan_teams": "this team and theme in the plan",
    "plan_themes": "this theme in the plan",
    "policy_versions": "a version of the policy",
    "posts": "somebody in this post",
    "practice_audit_domains": "a judgement of this domain of the practice case",
    "practice_audits": "a practice audit of this case by you",
    "practice_cases": "a practice case",
    "practice_standard_domains": "a standard of this domain of the practice case",
    "practice_standards": "a standard of this practice case",
    "practice_observations": "a practice observation",
    "principals": "a principal",
    "qa_update_submissions": "this submission of the update",
    "qa_updates": "a QA update of this service and quarter",
    "quarter_plans": "a plan of this quarter",
    "redactions": "a redaction of this place in the record",
    "response_items": "an answer to this action in the round",
    "response_rounds": "a round of this response",
    "restorative_actions": "a restorative action",
    "retention_items": "this record among those that wait to be removed",
    "retention_runs": "a retention run",
    "role_assignments": "this role of the principal on some of these days",
    "scale_points": "a judgement of this scale",
    "scim_groups": "a group of this name",
    "scim_members": "this member of the group",
    "scim_users": "a user of this token, user name or external id",
    "services": "a service",
    "subject_aliases": "a subject of this reference",
    "subjects": "a subject",
    "supervisions": "a supervisor of this worker",
    "team_memberships": "a membership of this worker in the team",
    "team_services": "a service of this team",
    "teams": "a team",
    "themes": "a theme",
    "tool_domains": "a domain of this key in the tool",
    "tool_questions": "a question of this key in the tool",
    "told_coverages": "what was told of the coverage of this day",
    "urgent_findings": "an urgent finding",
    "webhook_endpoints": "a webhook endpoint",
    "worker_views": "the worker's own view of this audit",
    "worker_names": "a name of this worker",
    "workers": "a worker",
}
"""What a row of each table is to those who write it, as a colleague would say it."""

AT_ONCE: Final[Mapping[str, str]] = {
    "board_reports": (
        "Another version of the report on this quarter was presented at the same moment. Read that"
        " one first. Yours is still a draft: present it again, as the next version, if it is still"
        " needed."
    ),
}
"""Where what was refused is no new row: what happened, and what may be done next."""

OWN_DOING: Final[Mapping[str, str]] = {
    "access_removals": "written by the function that removes access records, one run at a time",
    "access_seals": "written by the sealing, one worker at a time",
    "alembic_version": "the migrations'",
    "allowed_actions": "the rules', written by migrations",
    "allowed_transitions": "the rules', written by migrations; a step is refused by the rule first",
    "audited_closings": "written by the service's own work on audit types, one after the other",
    "awaited_highlights": "counted by the sweep, one worker at a time",
    "awaited_observations": "counted by the sweep, one worker at a time",
    "awaited_updates": "counted by the sweep, one worker at a time",
    "busiest_hours": "counted by the sweep, one worker at a time, with ON CONFLICT",
    "calendar_days": "written with a version of the calendar, under its lock",
    "case_event_outcomes": "written with its event, of which each is kept once",
    "checkpoint_receipts": "written by the worker process for its own checkpoints",
    "dataset_departures": "written by triggers",
    "dataset_downloads": "written under ids of our own",
    "days_of_reads": "awaited by the sweep, one worker at a time, with ON CONFLICT",
    "delivery_attempts": "written by the worker process, which holds the delivery",
    "epochs": "written by the command that follows a restore",
    "event_seals": "written by the sealing, one worker at a time",
    "events": "written under ids of our own",
    "idempotency_keys": "taken with ON CONFLICT",
    "kept_rights": "written by triggers, one change after the other",
    "retained_content": "written by migrations",
    "rollup_rows": "written by triggers",
    "rollups": "written by the fold, one worker at a time",
    "unusual_reads": "found by the sweep, one worker at a time, with ON CONFLICT",
}
"""Tables that no caller's request can collide in, and why."""

_ABSENT: Final = re.compile(r'is not present in table "(\w+)"\.$')
_IN_USE: Final = re.compile(r'is still referenced from table "(\w+)"\.$')


class Broken(Unchanging):
    """A constraint that was broken: the SQLSTATE, the table of the row, and what the server says.

    ``said`` holds the row's own values: nothing but a table's name is ever taken from it.
    """

    state: str
    table: str
    said: str

    def words(self) -> str | None:
        """Which thing it is about and what may be done next; None where that cannot be told."""
        thing = THINGS.get(self.table)
        match self.state:
            case "23505" if thing:
                return AT_ONCE.get(self.table) or (
                    f"There is {thing} already: somebody else may have made it at the same moment."
                    " Read what is there, and change that."
                )
            case "23P01" if thing:
                return (
                    f"There is {thing} on some of these days already. End that one first, or name"
                    " days on which there is none."
                )
            case "23503":
                return self._reference()
        return None

    def _reference(self) -> str | None:
        if found := _ABSENT.search(self.said):
            named = THINGS.get(found[1])
            return named and (
                f"It names {named} that is not there, or no longer is. Read what there is, and"
                " name that."
            )
        if (found := _IN_USE.search(self.said)) and (user := THINGS.get(found[1])):
            return f"It is still in use: {user} names it. Take it out there first."
        return None
