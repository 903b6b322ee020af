"""Who sees what of a child's case: audits and what follows them, closures, the record itself."""

from typing import Final

from qa_api.auth.matrix.words import Thing, does
from qa_api.auth.reasons import cases as reasons
from qa_api.auth.roles import Permission, Role, roles_with
from qa_api.auth.sight import Relation, Sight, sees, throughout

Q_AND_S: Final = Role.QUALITY_STANDARDS
WORKER, AUDITOR, CASE_SYSTEM = Role.WORKER, Role.AUDITOR, Role.CASE_SYSTEM
TEAM, SERVICE = Relation.OWN_TEAM, Relation.OWN_SERVICE
_MANAGER, _HEAD, _SUPERVISOR = Role.TEAM_MANAGER, Role.HEAD_OF_SERVICE, Role.PRACTICE_SUPERVISOR
_SENIOR: Final = Role.SENIOR_LEADER
_ALL, _OWN, _ALLOCATED = Relation.NONE, Relation.OWN_WORK, Relation.ALLOCATED


_BY_MANAGERS: Final = {_MANAGER: (TEAM,), _HEAD: (SERVICE,), Q_AND_S: (_ALL,)}
_BY_DOERS: Final = dict.fromkeys(roles_with(Permission.ACTION_COMPLETE), (_OWN, _ALLOCATED))
_TALKING: Final = roles_with(Permission.COMMENT_READ)
_ABOUT_WHAT_THEY_READ: Final = dict.fromkeys(_TALKING, (Relation.READS_THE_THING,))
_SELF: Final = "whoever did it, in whichever of their accounts"

AUDIT: Final = Thing(
    name="audit",
    meaning="An audit of a child's or a carer household's case, draft or completed.",
    texts="judgements, rationales, answers, family contact, the worker's view and own words,"
    " findings, actions, revisions",
    document="get_audit",
    listed=("list_audits",),
    computed=("listen_to_audit",),
    parts=("get_answer", "get_audit_action", "get_urgent_finding", "compare_audit"),
    rules=reasons.AUDITS.says,
    in_row=frozenset({"cancel_reason"}),
    restricted=True,
    in_error=frozenset(),
    acts=(
        *does(
            Permission.AUDIT_PLAN, "plan_audit plan_audits", never="whose own work it would judge"
        ),
        *does(Permission.AUDIT_EDIT, "edit_audit", never="whose own work it judges"),
        *does(
            Permission.AUDIT_ASSIGN,
            "assign_audit assign_audits",
            never="whose own work it judges; nor is it assigned to them",
        ),
        *does(
            Permission.AUDIT_CARRY_OUT,
            "start_audit record_answer judge_overall judge_domain record_family_contact"
            " record_worker_view add_action correct_audit_action take_out_audit_action"
            " complete_audit",
        ),
        *does(Permission.URGENT_FINDING_RAISE, "raise_urgent_finding"),
        *does(Permission.AUDIT_AMEND, "amend_audit"),
        *does(Permission.AUDIT_RECORD_IN_ERROR, "report_audit_error"),
        *does(Permission.AUDIT_RECORD_IN_ERROR, "confirm_audit_error", never="who reported it"),
        *does(Permission.AUDIT_RECORD_IN_ERROR, "withdraw_audit_error"),
        *does(Permission.AUDIT_CANCEL, "cancel_audit", never="whose own work it judges"),
        *does(Permission.AUDIT_DISCUSS, "discuss_in_supervision"),
        *does(
            Permission.OWN_VIEW_WRITE,
            "write_own_view",
            dict.fromkeys(roles_with(Permission.OWN_VIEW_WRITE), (Relation.AUDITED,)),
        ),
    ),
)

RESPONSE: Final = Thing(
    name="response",
    meaning="What the worker answers to an audit's actions, round by round, and its review.",
    texts="how each action is addressed, why not at once, the reviewer's reasons",
    document="get_response",
    listed=("list_responses",),
    rules=reasons.RESPONSES.says,
    restricted=True,
    in_error=frozenset(),
    acts=(
        *does(
            Permission.RESPONSE_SUBMIT,
            "submit_response",
            never="the case's worker while it is handed to another",
        ),
        *does(Permission.RESPONSE_HAND_OVER, "hand_over_response"),
        *does(
            Permission.RESPONSE_REVIEW,
            "review_response",
            never="the auditor, the person judged, whoever answered",
        ),
    ),
)

ACTION: Final = Thing(
    name="restorative action",
    meaning="What is to be done about what a completed audit found.",
    texts="what is to be done, how it was, what its verifier found",
    document="get_action",
    listed=("list_actions",),
    rules=reasons.ACTIONS.says,
    restricted=True,
    in_error=frozenset(),
    acts=(
        *does(Permission.ACTION_PLAN, "plan_action replan_action", _BY_DOERS),
        *does(Permission.ACTION_COMPLETE, "complete_action", _BY_DOERS),
        *does(
            Permission.ACTION_CORRECT,
            "correct_done_action",
            _BY_DOERS
            | {
                _MANAGER: (_OWN, _ALLOCATED, TEAM),
                _HEAD: (_OWN, _ALLOCATED, SERVICE),
                Q_AND_S: (_ALL,),
            },
        ),
        *does(Permission.ACTION_VERIFY, "verify_action find_action_not_achieved", never=_SELF),
        *does(Permission.ACTION_CANCEL, "cancel_action", never="whoever is to do it"),
        *does(Permission.ACTION_REASSIGN, "reassign_action"),
    ),
)

NOTIFICATION: Final = Thing(
    name="notification",
    meaning="The message to the worker, through the case system, that an audit was completed.",
    texts="how it was delivered by hand",
    document="get_notification",
    listed=("list_notifications",),
    rules=reasons.NOTIFICATIONS.says,
    restricted=True,
    even_restricted=reasons.NOTIFICATIONS.even_restricted,
    in_error=frozenset(),
    acts=does(Permission.NOTIFICATION_RECORD_DELIVERY, "record_delivery"),
)

ESCALATION: Final = Thing(
    name="escalation",
    meaning="What was told to managers and Quality & Standards at once, and what came of it."
    " Whoever raised a finding reads beside it what became of it: state, times, the actions to be"
    " taken, how it was resolved.",
    texts="the finding's words, the actions to be taken, how it was resolved or disputed",
    document="get_escalation",
    listed=("list_escalations",),
    rules=(*reasons.ESCALATIONS.says, sees(Sight.FIELDS, AUDITOR, _OWN)),
    restricted=True,
    in_error=frozenset({Q_AND_S}),
    acts=(
        *does(
            Permission.ESCALATION_ACKNOWLEDGE,
            "acknowledge_escalation",
            {_MANAGER: (Relation.ADDRESSED,), _HEAD: (Relation.ADDRESSED,), Q_AND_S: (_ALL,)},
            never="Quality & Standards where somebody leads the team",
        ),
        *does(
            Permission.ESCALATION_INFORM,
            "inform_quality_standards",
            {
                _MANAGER: (Relation.ADDRESSED, TEAM),
                _HEAD: (Relation.ADDRESSED, SERVICE),
                Q_AND_S: (_ALL,),
            },
            never="Quality & Standards where somebody leads the team",
        ),
        *does(Permission.ESCALATION_RESOLVE, "resolve_escalation"),
        *does(
            Permission.ESCALATION_DISPUTE,
            "dispute_escalation",
            {
                _MANAGER: (Relation.ADDRESSED, TEAM),
                _HEAD: (Relation.ADDRESSED, SERVICE),
                Q_AND_S: (_ALL,),
            },
        ),
    ),
)

COMMENT: Final = Thing(
    name="comment",
    meaning="What somebody said about an audit, a question of it, a response, an action, an"
    " escalation or a moderation outcome, and the replies. An addressed conversation is read by"
    " whoever began it, whom it asks, and Quality & Standards alone; one about an audit that is"
    " sealed from its moderator not by them.",
    texts="what was said",
    document="get_comment",
    listed=("list_comments",),
    rules=(sees(Sight.TEXT, _TALKING, Relation.READS_THE_THING),),
    restricted=True,
    in_error=frozenset(),
    acts=(
        *does(Permission.COMMENT_WRITE, "add_comment reply_to_comment", _ABOUT_WHAT_THEY_READ),
        *does(
            Permission.COMMENT_WRITE,
            "resolve_comment",
            _ABOUT_WHAT_THEY_READ,
            never="who neither began it, nor is asked in it, nor leads the team",
        ),
        *does(
            Permission.COMMENT_RELEASE,
            "release_comment",
            never="whoever is not of Quality & Standards, where it is addressed",
        ),
    ),
)

GATE: Final = Thing(
    name="closure gate",
    meaning="Whether a child's case may close, and what that waits for.",
    texts="why it was overridden or reopened",
    document="get_closure_gate",
    listed=("list_closure_gates",),
    computed=("get_subject_closure_gate",),
    rules=reasons.GATES.says,
    restricted=True,
    even_restricted=reasons.GATES.even_restricted,
    acts=(
        *does(Permission.GATE_REQUEST_OVERRIDE, "request_override"),
        *does(Permission.GATE_APPROVE_OVERRIDE, "approve_override", never="who requested it"),
        *does(Permission.GATE_WITHDRAW_OVERRIDE, "withdraw_closure_gate_override"),
        *does(Permission.GATE_REOPEN, "reopen_closure_gate"),
    ),
)

CASE_EVENT: Final = Thing(
    name="case event",
    meaning="What a case system sent about an episode, as it came, and what it did.",
    texts="the reason that was given for a closing, what conflicts with the event",
    document="get_case_event",
    listed=("list_case_events",),
    rules=(throughout(Sight.TEXT, Q_AND_S), sees(Sight.ROW, CASE_SYSTEM, _OWN)),
    restricted=True,
    even_restricted=frozenset({CASE_SYSTEM}),
    acts=does(Permission.CASE_EVENT_SEND, "receive_case_event receive_case_events"),
)

SUBJECT: Final = Thing(
    name="subject",
    meaning="A child or a carer household: its references, who holds the case.",
    document="get_subject",
    computed=("get_panel_date",),
    rules=reasons.SUBJECTS.says,
    restricted=True,
    acts=(
        *does(Permission.SUBJECT_REGISTER, "put_subject"),
        *does(Permission.PANEL_DATE_SET, "put_panel_date"),
    ),
)

RECORD: Final = Thing(
    name="record",
    meaning="A subject's whole audit record in one document, for professionals or for the child,"
    " with who has looked; and until when it is kept.",
    texts="all that is written of the subject, by the audience of each field, less what was"
    " redacted",
    named=True,
    document="get_record",
    computed=("get_subject_retention",),
    rules=reasons.RECORDS.says,
    restricted=True,
)

REDACTION: Final = Thing(
    name="redaction",
    meaning="That a text of the record is withheld, and why.",
    texts="the reason",
    document="get_redaction",
    rules=(throughout(Sight.TEXT, Q_AND_S),),
    restricted=True,
    acts=does(Permission.RECORD_REDACT, "redact_record lift_redaction"),
)

GRANT: Final = Thing(
    name="grant",
    meaning="That somebody may see a restricted record, until when and why.",
    texts="the reason",
    document="get_restriction_grant",
    listed=("list_restriction_grants",),
    rules=(throughout(Sight.TEXT, Q_AND_S),),
    acts=does(Permission.RESTRICTION_GRANT, "grant_restricted_access grant_access_to_waiting_work"),
)

DUE_AUDIT: Final = Thing(
    name="due audit",
    meaning="Which audit is owed by when, of a household or a team.",
    listed=("list_due_audits",),
    rules=reasons.DUE_AUDITS.says,
    restricted=True,
)

INTERVAL: Final = Thing(
    name="audit interval",
    meaning="How often audits of a type are owed, as a manager has set it.",
    texts="what it covers and why it ended",
    document="get_audit_interval",
    listed=("list_audit_intervals",),
    rules=(sees(Sight.TEXT, roles_with(Permission.CATALOGUE_READ), _ALL),),
    acts=does(Permission.AUDIT_INTERVAL_SET, "set_audit_interval end_audit_interval", _BY_MANAGERS),
)

RETENTION: Final = Thing(
    name="retention run",
    meaning="Records whose time has come; two people decide that they go. Legal holds.",
    texts="why a hold was placed or lifted, why a run was cancelled",
    document="get_retention_run",
    listed=("list_retention_runs", "list_retention_items"),
    rules=(throughout(Sight.TEXT, Q_AND_S),),
    acts=(
        *does(Permission.RETENTION_DECIDE, "propose_retention_run cancel_retention_run"),
        *does(Permission.RETENTION_DECIDE, "approve_retention_run", never="who proposed it"),
    ),
)

HOLD: Final = Thing(
    name="legal hold",
    meaning="That nothing of a subject or of a class of records may be removed.",
    texts="why it was placed or lifted",
    document="get_legal_hold",
    listed=("list_legal_holds",),
    rules=(throughout(Sight.TEXT, Q_AND_S),),
    restricted=True,
    acts=does(Permission.LEGAL_HOLD_PLACE, "place_legal_hold lift_legal_hold"),
)

CASES: Final = (
    AUDIT,
    RESPONSE,
    ACTION,
    NOTIFICATION,
    ESCALATION,
    COMMENT,
    GATE,
    CASE_EVENT,
    SUBJECT,
    RECORD,
    REDACTION,
    GRANT,
    DUE_AUDIT,
    INTERVAL,
    RETENTION,
    HOLD,
)
