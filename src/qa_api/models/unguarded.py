"""The tables without row-level security, each with the reason; all others have it (X3).

Row-level security is the second lock of what is about a child or a judged worker. What these tables
hold is either read by whoever is let in, or names nobody but by ids that say nothing by themselves.
The tables' owner is exempt where there is row-level security, too: see ADR 24.
"""

from collections.abc import Mapping
from typing import Final

_DIRECTORY: Final = "codes of the directory, which every member of staff reads"
_ABSENCES: Final = "the worker's code and days; the reason is withheld by the one statement"
_RIGHTS: Final = "finds the caller, before anything is known that a policy could ask for"
_PROVIDED: Final = "staff accounts and groups as the identity provider names them, of no child"
_CATALOGUE: Final = "what is asked in an audit, of no child: whoever is let in reads it"
_POLICY: Final = "rules and calendar of the authority: whoever is let in reads them"
_PLAN: Final = "teams, themes and auditors of a plan: all staff read it; its case lists are guarded"
_BOARD: Final = "figures and words about services; who reads which is by role, not by row's holder"
_FRAME: Final = "how a sample was drawn; the audits drawn are guarded"
_LOG: Final = "written by whoever acts, read by the sealer and by who holds a record's own right"
_WORK: Final = "the service's own: ids, states and digests, no operation shows its rows as they are"

UNGUARDED: Final[Mapping[str, str]] = {
    "absences": _ABSENCES,
    "access_log": "one line for each read; a record shows those about its subject",
    "access_removals": "places behind seals that lines were removed from",
    "access_seals": _LOG,
    "alembic_version": "which revision this is",
    "allowed_actions": _POLICY,
    "allowed_transitions": _POLICY,
    "audit_intervals": "how often a team is audited; all staff read it",
    "audit_tools": _CATALOGUE,
    "audit_types": _CATALOGUE,
    "audited_closings": "since when every closing of a kind of subject is audited",
    "auditor_group_memberships": _DIRECTORY,
    "auditor_groups": _DIRECTORY,
    "awaited_highlights": "which team owes its highlights of a quarter: a team's code and a date",
    "awaited_updates": "which service owes its update of a quarter: a service's code and a date",
    "bank_holidays": _POLICY,
    "board_caseloads": "which caseloads a report tells of, by ids",
    "board_coverages": _BOARD,
    "board_decisions": _BOARD,
    "board_receipts": _BOARD,
    "board_reports": f"{_BOARD}; what they were counted from is for the service alone",
    "calendar_days": _POLICY,
    "calendar_versions": _POLICY,
    "case_system_references": "what case systems call staff, never children",
    "case_systems": _DIRECTORY,
    "caseload_uploads": _WORK,
    "caseloads": "how many children a caseload has, and hashes; its rows are guarded",
    "checkpoint_receipts": _WORK,
    "dataset_departures": _WORK,
    "chart_changes": _BOARD,
    "days_of_reads": _WORK,
    "epochs": _WORK,
    "event_seals": _LOG,
    "group_roles": _RIGHTS,
    "hand_overs": "codes of staff and dates, of no child; who proposed it reads it",
    "idempotency_keys": _WORK,
    "judgement_scales": _CATALOGUE,
    "kept_rights": _RIGHTS,
    "learning_highlights": _BOARD,
    "moderating_teams": _FRAME,
    "moderation_samples": _FRAME,
    "plan_auditors": _PLAN,
    "plan_exemptions": _PLAN,
    "plan_teams": _PLAN,
    "plan_themes": _PLAN,
    "policy_versions": _POLICY,
    "posts": _DIRECTORY,
    "practice_cases": "made up, of no child; what is held to be right of them is guarded",
    "principals": _RIGHTS,
    "qa_update_submissions": _BOARD,
    "qa_updates": _BOARD,
    "quarter_plans": _PLAN,
    "restriction_grants": "every policy asks it whether the caller has leave; it names ids alone",
    "retained_content": "which columns a removal clears",
    "retention_runs": "when a removal was proposed and by whom; its items are guarded",
    "rights_changes": _RIGHTS,
    "role_assignments": _RIGHTS,
    "scale_points": _CATALOGUE,
    "scim_groups": _PROVIDED,
    "scim_members": _PROVIDED,
    "scim_users": _PROVIDED,
    "services": _DIRECTORY,
    "supervisions": _DIRECTORY,
    "team_memberships": _DIRECTORY,
    "team_services": _DIRECTORY,
    "teams": _DIRECTORY,
    "themes": _CATALOGUE,
    "tool_domains": _CATALOGUE,
    "tool_questions": _CATALOGUE,
    "workers": _DIRECTORY,
}
"""Held against the catalogue of the database by a test: a new table is on it or is guarded."""
