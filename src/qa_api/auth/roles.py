"""Who may do what: roles, permissions, and the one table between them (X3).

A role is held over the authority, a service or a team. A permission is asked for by a route and
shows in the contract; over *which* records it holds is decided by `reach`.
"""

from collections.abc import Mapping
from enum import StrEnum
from functools import cache


class Role(StrEnum):
    """A role that a principal can hold."""

    AUDITOR = "auditor"
    WORKER = "worker"
    PRACTICE_SUPERVISOR = "practice_supervisor"
    TEAM_MANAGER = "team_manager"
    HEAD_OF_SERVICE = "head_of_service"
    QUALITY_STANDARDS = "quality_standards"
    SENIOR_LEADER = "senior_leader"
    CASE_SYSTEM = "case_system"
    REPORTING = "reporting"
    ADMINISTRATOR = "administrator"
    LEARNING_DEVELOPMENT = "learning_development"
    PRACTICE_ADVISOR = "practice_advisor"
    IDENTITY_PROVIDER = "identity_provider"


class Permission(StrEnum):
    """`resource:action`; a route names the one it needs."""

    SELF_READ = "self:read"
    RULES_READ = "rules:read"
    DIRECTORY_READ = "directory:read"
    DIRECTORY_WRITE = "directory:write"
    RIGHTS_PROPOSE = "rights:propose"
    RIGHTS_DECIDE = "rights:decide"
    REFERENCE_CLAIM = "reference:claim"
    PRINCIPAL_PROVISION = "principal:provision"
    CATALOGUE_READ = "catalogue:read"
    CATALOGUE_WRITE = "catalogue:write"
    POLICY_WRITE = "policy:write"
    CALENDAR_WRITE = "calendar:write"
    SUBJECT_READ = "subject:read"
    SUBJECT_REGISTER = "subject:register"
    PANEL_DATE_SET = "panel_date:set"
    RECORD_READ = "record:read"
    RECORD_REDACT = "record:redact"
    RESTRICTION_GRANT = "restriction:grant"
    RETENTION_READ = "retention:read"
    RETENTION_DECIDE = "retention:decide"
    LEGAL_HOLD_PLACE = "legal_hold:place"
    UNUSUAL_READ_READ = "unusual_read:read"
    UNUSUAL_READ_SETTLE = "unusual_read:settle"
    AUDIT_READ = "audit:read"
    DUE_AUDIT_READ = "due_audit:read"
    AUDIT_INTERVAL_SET = "audit_interval:set"
    AUDIT_PLAN = "audit:plan"
    AUDIT_EDIT = "audit:edit"
    AUDIT_ASSIGN = "audit:assign"
    AUDIT_CARRY_OUT = "audit:carry_out"
    AUDIT_AMEND = "audit:amend"
    AUDIT_CANCEL = "audit:cancel"
    AUDIT_RECORD_IN_ERROR = "audit:record_in_error"
    AUDIT_DISCUSS = "audit:discuss"
    OWN_VIEW_WRITE = "own_view:write"
    COMMENT_READ = "comment:read"
    COMMENT_WRITE = "comment:write"
    COMMENT_RELEASE = "comment:release"
    URGENT_FINDING_RAISE = "urgent_finding:raise"
    ACTION_READ = "action:read"
    ACTION_PLAN = "action:plan"
    ACTION_COMPLETE = "action:complete"
    ACTION_CORRECT = "action:correct"
    ACTION_VERIFY = "action:verify"
    ACTION_CANCEL = "action:cancel"
    ACTION_REASSIGN = "action:reassign"
    RESPONSE_READ = "response:read"
    RESPONSE_SUBMIT = "response:submit"
    RESPONSE_REVIEW = "response:review"
    RESPONSE_HAND_OVER = "response:hand_over"
    HAND_OVER_READ = "hand_over:read"
    HAND_OVER_CARRY_OUT = "hand_over:carry_out"
    NOTIFICATION_READ = "notification:read"
    NOTIFICATION_RECORD_DELIVERY = "notification:record_delivery"
    ESCALATION_READ = "escalation:read"
    ESCALATION_ACKNOWLEDGE = "escalation:acknowledge"
    ESCALATION_INFORM = "escalation:inform"
    ESCALATION_RESOLVE = "escalation:resolve"
    ESCALATION_DISPUTE = "escalation:dispute"
    GATE_READ = "gate:read"
    GATE_REQUEST_OVERRIDE = "gate:request_override"
    GATE_APPROVE_OVERRIDE = "gate:approve_override"
    GATE_WITHDRAW_OVERRIDE = "gate:withdraw_override"
    GATE_REOPEN = "gate:reopen"
    MODERATION_READ = "moderation:read"
    MODERATION_DRAW = "moderation:draw"
    MODERATION_RECORD = "moderation:record"
    MODERATION_FIGURES = "moderation:figures"
    STEADINESS_READ = "steadiness:read"
    PRACTICE_CASE_SET = "practice_case:set"
    PRACTICE_AUDIT_READ = "practice_audit:read"
    PRACTICE_AUDIT_RECORD = "practice_audit:record"
    LEARNING_ACTION_READ = "learning_action:read"
    LEARNING_ACTION_COMPLETE = "learning_action:complete"
    LEARNING_ACTION_SETTLE = "learning_action:settle"
    OBSERVATION_READ = "observation:read"
    OBSERVATION_RECORD = "observation:record"
    OBSERVATION_COMPLIANCE = "observation:compliance"
    OBSERVATION_EXEMPT = "observation:exempt"
    HIGHLIGHT_READ = "highlight:read"
    HIGHLIGHT_RECORD = "highlight:record"
    HIGHLIGHT_ANSWER = "highlight:answer"
    HIGHLIGHT_FOLLOW = "highlight:follow"
    CASE_EVENT_SEND = "case_event:send"
    CASE_EVENT_READ = "case_event:read"
    PLAN_READ = "quarter_plan:read"
    PLAN_WRITE = "quarter_plan:write"
    PLAN_FOLLOW = "quarter_plan:follow"
    PLAN_ALLOCATE = "quarter_plan:allocate"
    CASELOAD_SEND = "caseload:send"
    CASELOAD_READ = "caseload:read"
    CASELOAD_LOOK_THROUGH = "caseload:look_through"
    COVERAGE_READ = "coverage:read"
    METRICS_READ = "metrics:read"
    METRICS_BREAK_DOWN = "metrics:break_down"
    CHART_CHANGE_MARK = "chart_change:mark"
    REPORTING_READ = "reporting:read"
    QA_UPDATE_READ = "qa_update:read"
    QA_UPDATE_WRITE = "qa_update:write"
    QA_UPDATE_RETURN = "qa_update:return"
    BOARD_REPORT_READ = "board_report:read"
    BOARD_REPORT_WRITE = "board_report:write"
    BOARD_REPORT_ACKNOWLEDGE = "board_report:acknowledge"
    BOARD_DECISION_COMPLETE = "board_decision:complete"
    WEBHOOK_READ = "webhook:read"
    WEBHOOK_MANAGE = "webhook:manage"
    WEBHOOK_RECEIVE = "webhook:receive"


_EVERYONE = {Permission.SELF_READ, Permission.RULES_READ}
_STAFF = _EVERYONE | {
    Permission.DIRECTORY_READ,
    Permission.CATALOGUE_READ,
    Permission.PLAN_READ,
    Permission.BOARD_REPORT_READ,
    Permission.BOARD_REPORT_ACKNOWLEDGE,
    Permission.BOARD_DECISION_COMPLETE,
}
_CASEWORK_READ = {
    Permission.SUBJECT_READ,
    Permission.AUDIT_READ,
    Permission.ACTION_READ,
    Permission.RESPONSE_READ,
    # Whoever can be given work reads what was handed to them.
    Permission.HAND_OVER_READ,
}
# Whoever reads a thing may talk about it.
_CONVERSATION = {Permission.COMMENT_READ, Permission.COMMENT_WRITE}
_LEARNING = {Permission.LEARNING_ACTION_READ, Permission.LEARNING_ACTION_COMPLETE}
_MODERATOR = _LEARNING | {
    Permission.MODERATION_READ,
    Permission.MODERATION_RECORD,
    Permission.LEARNING_ACTION_SETTLE,
}
# What they do themselves, whatever their post: as the owner named or because they hold the case;
# never another's.
_OWN_ACTIONS = {Permission.ACTION_PLAN, Permission.ACTION_COMPLETE}
_OBSERVATIONS_READ = {Permission.OBSERVATION_READ, Permission.OBSERVATION_COMPLIANCE}
_HIGHLIGHTS_FOLLOW = {Permission.HIGHLIGHT_READ, Permission.HIGHLIGHT_FOLLOW}
_HIGHLIGHTS_ANSWER = {Permission.HIGHLIGHT_READ, Permission.HIGHLIGHT_ANSWER}
_LINE_MANAGER = (
    _STAFF
    | _OBSERVATIONS_READ
    | _HIGHLIGHTS_FOLLOW
    | _CASEWORK_READ
    | _CONVERSATION
    | _MODERATOR
    | _OWN_ACTIONS
    | {
        Permission.RECORD_READ,
        Permission.PANEL_DATE_SET,
        Permission.DUE_AUDIT_READ,
        Permission.AUDIT_INTERVAL_SET,
        Permission.AUDIT_PLAN,
        Permission.AUDIT_EDIT,
        Permission.AUDIT_ASSIGN,
        Permission.AUDIT_CANCEL,
        Permission.AUDIT_DISCUSS,
        Permission.COMMENT_RELEASE,
        Permission.ACTION_CORRECT,
        Permission.ACTION_VERIFY,
        Permission.ACTION_CANCEL,
        Permission.ACTION_REASSIGN,
        Permission.RESPONSE_SUBMIT,
        Permission.RESPONSE_HAND_OVER,
        Permission.RESPONSE_REVIEW,
        Permission.HAND_OVER_CARRY_OUT,
        Permission.NOTIFICATION_READ,
        Permission.NOTIFICATION_RECORD_DELIVERY,
        Permission.ESCALATION_READ,
        Permission.ESCALATION_ACKNOWLEDGE,
        Permission.ESCALATION_INFORM,
        Permission.ESCALATION_DISPUTE,
        Permission.GATE_READ,
        Permission.GATE_REQUEST_OVERRIDE,
        Permission.GATE_APPROVE_OVERRIDE,
        Permission.GATE_WITHDRAW_OVERRIDE,
        Permission.GATE_REOPEN,
        Permission.PLAN_FOLLOW,
        Permission.COVERAGE_READ,
        Permission.METRICS_READ,
        Permission.METRICS_BREAK_DOWN,
    }
)

ROLE_PERMISSIONS: Mapping[Role, frozenset[Permission]] = {
    Role.AUDITOR: frozenset(
        _STAFF
        | _CASEWORK_READ
        | _CONVERSATION
        | _MODERATOR
        | {
            Permission.AUDIT_AMEND,
            Permission.AUDIT_CARRY_OUT,
            Permission.AUDIT_EDIT,
            Permission.URGENT_FINDING_RAISE,
            Permission.ACTION_VERIFY,
            Permission.STEADINESS_READ,
            Permission.PRACTICE_AUDIT_READ,
            Permission.PRACTICE_AUDIT_RECORD,
        }
    ),
    Role.WORKER: frozenset(
        _STAFF
        | _CASEWORK_READ
        | _CONVERSATION
        | _LEARNING
        | _OBSERVATIONS_READ
        | _OWN_ACTIONS
        | {Permission.RESPONSE_SUBMIT, Permission.ACTION_CORRECT, Permission.OWN_VIEW_WRITE}
    ),
    Role.PRACTICE_SUPERVISOR: frozenset(
        _STAFF
        | _CASEWORK_READ
        | _CONVERSATION
        | _MODERATOR
        | _OBSERVATIONS_READ
        | _OWN_ACTIONS
        | {
            Permission.AUDIT_PLAN,
            Permission.AUDIT_ASSIGN,
            Permission.AUDIT_DISCUSS,
            Permission.RESPONSE_SUBMIT,
            Permission.RESPONSE_HAND_OVER,
            Permission.GATE_READ,
            Permission.OBSERVATION_RECORD,
            Permission.ACTION_CORRECT,
            # Whoever holds a case may be the worker whose work was audited.
            Permission.OWN_VIEW_WRITE,
        }
    ),
    Role.TEAM_MANAGER: frozenset(
        _LINE_MANAGER
        | {
            Permission.OBSERVATION_RECORD,
            Permission.HIGHLIGHT_RECORD,
            Permission.OWN_VIEW_WRITE,
        }
    ),
    Role.HEAD_OF_SERVICE: frozenset(
        _LINE_MANAGER
        | {
            Permission.OBSERVATION_EXEMPT,
            Permission.OBSERVATION_RECORD,
            Permission.HIGHLIGHT_RECORD,
            Permission.QA_UPDATE_READ,
            Permission.QA_UPDATE_WRITE,
        }
    ),
    Role.QUALITY_STANDARDS: frozenset(
        _LINE_MANAGER
        | {
            Permission.AUDIT_AMEND,
            Permission.AUDIT_RECORD_IN_ERROR,
            Permission.SUBJECT_REGISTER,
            Permission.REFERENCE_CLAIM,
            Permission.RIGHTS_DECIDE,
            Permission.RECORD_REDACT,
            Permission.OBSERVATION_EXEMPT,
            Permission.RESTRICTION_GRANT,
            Permission.RETENTION_READ,
            Permission.RETENTION_DECIDE,
            Permission.LEGAL_HOLD_PLACE,
            Permission.UNUSUAL_READ_READ,
            Permission.UNUSUAL_READ_SETTLE,
            Permission.CATALOGUE_WRITE,
            Permission.PLAN_WRITE,
            Permission.HIGHLIGHT_ANSWER,
            # Where a service or team has nobody to do it, Quality & Standards do.
            Permission.OBSERVATION_RECORD,
            Permission.HIGHLIGHT_RECORD,
            Permission.QA_UPDATE_WRITE,
            Permission.QA_UPDATE_READ,
            Permission.QA_UPDATE_RETURN,
            Permission.BOARD_REPORT_WRITE,
            Permission.CHART_CHANGE_MARK,
            Permission.PLAN_ALLOCATE,
            Permission.CASELOAD_SEND,
            Permission.CASELOAD_READ,
            Permission.CASELOAD_LOOK_THROUGH,
            Permission.URGENT_FINDING_RAISE,
            Permission.ESCALATION_RESOLVE,
            Permission.CASE_EVENT_READ,
            Permission.MODERATION_DRAW,
            Permission.MODERATION_FIGURES,
            Permission.STEADINESS_READ,
            Permission.PRACTICE_CASE_SET,
            Permission.PRACTICE_AUDIT_READ,
            Permission.REPORTING_READ,
            Permission.WEBHOOK_READ,
        }
    ),
    Role.SENIOR_LEADER: frozenset(
        _STAFF
        | _CASEWORK_READ
        | _CONVERSATION
        | _MODERATOR
        | _HIGHLIGHTS_FOLLOW
        | {Permission.OBSERVATION_COMPLIANCE}
        | {Permission.GATE_READ, Permission.MODERATION_FIGURES}
        | {Permission.METRICS_READ, Permission.METRICS_BREAK_DOWN, Permission.QA_UPDATE_READ}
        | {Permission.COVERAGE_READ}
    ),
    Role.CASE_SYSTEM: frozenset(
        _EVERYONE
        | {
            Permission.CASE_EVENT_SEND,
            Permission.CASE_EVENT_READ,
            Permission.CASELOAD_SEND,
            Permission.CASELOAD_READ,
            Permission.GATE_READ,
            Permission.NOTIFICATION_READ,
            Permission.WEBHOOK_READ,
            Permission.WEBHOOK_RECEIVE,
        }
    ),
    Role.REPORTING: frozenset(
        _EVERYONE | {Permission.CATALOGUE_READ, Permission.REPORTING_READ, Permission.METRICS_READ}
    ),
    Role.ADMINISTRATOR: frozenset(
        _STAFF
        | {
            Permission.DIRECTORY_WRITE,
            Permission.RIGHTS_PROPOSE,
            Permission.RIGHTS_DECIDE,
            Permission.REFERENCE_CLAIM,
            Permission.CATALOGUE_WRITE,
            Permission.POLICY_WRITE,
            Permission.CALENDAR_WRITE,
            Permission.WEBHOOK_READ,
            Permission.WEBHOOK_MANAGE,
            Permission.WEBHOOK_RECEIVE,
        }
    ),
    Role.LEARNING_DEVELOPMENT: frozenset(_STAFF | _HIGHLIGHTS_ANSWER),
    Role.PRACTICE_ADVISOR: frozenset(_STAFF | _HIGHLIGHTS_ANSWER),
    Role.IDENTITY_PROVIDER: frozenset(_EVERYONE | {Permission.PRINCIPAL_PROVISION}),
}

SCOPES_OF_ROLE: Mapping[Role, frozenset[str]] = {
    Role.PRACTICE_SUPERVISOR: frozenset({"team"}),
    Role.TEAM_MANAGER: frozenset({"team", "service"}),
    Role.HEAD_OF_SERVICE: frozenset({"service"}),
} | {
    role: frozenset({"authority"})
    for role in Role
    if role not in {Role.PRACTICE_SUPERVISOR, Role.TEAM_MANAGER, Role.HEAD_OF_SERVICE}
}
"""Over what a role can be held. The rest follow the person: their audits, their cases."""

NEVER_BY_GROUP = frozenset({Role.ADMINISTRATOR, Role.CASE_SYSTEM, Role.IDENTITY_PROVIDER})
"""The roles that no group gives: who decides on rights, and the accounts of machines."""


@cache
def roles_with(permission: Permission) -> frozenset[Role]:
    """The roles that hold a permission."""
    return frozenset(role for role, held in ROLE_PERMISSIONS.items() if permission in held)
