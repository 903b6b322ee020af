"""Who sees what of the authority itself: one's own list, directory, rights, catalogue, webhooks."""

from typing import Final

from qa_api.auth.matrix.of_cases import Q_AND_S
from qa_api.auth.matrix.words import Thing, does, open_to
from qa_api.auth.roles import Permission, Role
from qa_api.auth.sight import Relation, Sight, sees

_EVERY_ROLE: Final = tuple(Role)
_ADMINISTRATOR: Final = Role.ADMINISTRATOR
_ALL: Final = Relation.NONE

PUBLIC: Final = Thing(
    name="health and release",
    meaning="Whether the service is up and which release it is; the only answers without a token.",
    rules=(),
    computed=("get_health", "get_readiness", "get_version"),
)

SELF: Final = Thing(
    name="own account and work",
    meaning="Who the caller is, what waits for them, what they are told.",
    computed=("get_me", "listen_to_my_work"),
    listed=("list_my_work",),
    rules=(sees(Sight.ROW, _EVERY_ROLE, Relation.OWN_WORK),),
    restricted=True,
    acts=does(
        Permission.SELF_READ,
        "see_alert see_alerts see_each_alert",
        dict.fromkeys(Role, (Relation.OWN_WORK,)),
    ),
)

RULES: Final = Thing(
    name="calendar and policy",
    meaning="Working days, bank holidays, what policy says, how a date is counted.",
    rules=open_to(Permission.RULES_READ),
    document="get_policy",
    listed=("list_policies", "list_bank_holidays"),
    computed=(
        "get_policy_in_force",
        "get_bank_holiday",
        "get_working_calendar",
        "add_working_days",
        "explain_deadline",
    ),
    acts=(
        *does(
            Permission.POLICY_WRITE,
            "change_policy",
            never="alone, where it protects less than before",
        ),
        *does(
            Permission.CALENDAR_WRITE,
            "confirm_calendar_year import_bank_holidays compare_bank_holidays add_bank_holiday"
            " withdraw_bank_holiday",
        ),
    ),
)

CATALOGUE: Final = Thing(
    name="catalogue",
    meaning="Audit types, tools with their questions, judgement scales.",
    document="get_audit_tool",
    listed=("list_audit_tools", "list_audit_types", "list_judgement_scales"),
    computed=("get_audit_type", "get_judgement_scale"),
    rules=open_to(Permission.CATALOGUE_READ),
    acts=does(
        Permission.CATALOGUE_WRITE,
        "put_audit_type create_audit_tool rewrite_audit_tool publish_audit_tool retire_audit_tool"
        " create_judgement_scale",
    ),
)

DIRECTORY: Final = Thing(
    name="directory",
    meaning="Services, teams, workers, auditor groups, case systems: codes and who leads what.",
    texts="why a worker is absent for long: for administrators, Quality & Standards, who leads"
    " the worker, and the worker",
    document="get_worker",
    listed=(
        "list_services",
        "list_teams",
        "list_workers",
        "list_auditor_groups",
        "list_case_systems",
    ),
    computed=("get_service", "get_team", "get_auditor_group", "get_case_system"),
    rules=open_to(Permission.DIRECTORY_READ),
    acts=(
        *does(
            Permission.DIRECTORY_WRITE,
            "put_service put_team put_worker put_auditor_group",
            never="what changes whom they reach themselves",
        ),
        *does(Permission.DIRECTORY_WRITE, "put_case_system"),
    ),
)

REFERENCE: Final = Thing(
    name="case system reference",
    meaning="What case systems call workers and teams, those too that nobody has claimed.",
    document="get_case_system_reference",
    listed=("list_case_system_references",),
    rules=open_to(Permission.REFERENCE_CLAIM),
    acts=does(
        Permission.REFERENCE_CLAIM,
        "claim_case_system_reference",
        never="for themselves, or a team of theirs",
    ),
)

PRINCIPAL: Final = Thing(
    name="principal",
    meaning="Who is let in, by which token, as whom, and the roles they hold.",
    document="get_principal",
    listed=("list_principals", "list_role_assignments"),
    computed=("get_role_assignment",),
    rules=open_to(Permission.DIRECTORY_WRITE),
    acts=does(Permission.DIRECTORY_WRITE, "disable_principal end_role_assignment"),
)

GROUP: Final = Thing(
    name="group of the identity provider",
    meaning="What groups there are, how many belong to each, and which roles they give.",
    document="get_identity_group",
    listed=("list_identity_groups", "list_group_roles"),
    computed=("get_group_role",),
    rules=open_to(Permission.RIGHTS_DECIDE),
    acts=does(Permission.DIRECTORY_WRITE, "end_group_role"),
)

RIGHTS_CHANGE: Final = Thing(
    name="change of rights",
    meaning="That somebody is to be let in or given a role, proposed and confirmed by two.",
    texts="the reason, why it was refused",
    document="get_rights_change",
    listed=("list_rights_changes",),
    rules=(sees(Sight.TEXT, (_ADMINISTRATOR, Q_AND_S), _ALL),),
    acts=(
        *does(Permission.RIGHTS_PROPOSE, "propose_rights_change"),
        *does(
            Permission.RIGHTS_DECIDE,
            "confirm_rights_change",
            never="who proposed it, whom it is about; of either role as policy says",
        ),
        *does(Permission.RIGHTS_DECIDE, "refuse_rights_change"),
    ),
)

UNUSUAL_READ: Final = Thing(
    name="unusual read",
    meaning="Who read what in a way to look into; of a restricted record only a grant shows which.",
    document="get_unusual_read",
    listed=("list_unusual_reads",),
    rules=open_to(Permission.UNUSUAL_READ_READ),
    acts=does(
        Permission.UNUSUAL_READ_SETTLE,
        "look_into_unusual_read",
        never="who read, under whatever account",
    ),
)

DELIVERY: Final = Thing(
    name="webhook",
    meaning="Where the service sends what happened, and whether it arrived: references only.",
    document="get_webhook_delivery",
    listed=("list_webhook_deliveries", "list_webhook_endpoints"),
    computed=("get_webhook_endpoint",),
    rules=(
        sees(Sight.TEXT, (_ADMINISTRATOR, Q_AND_S), _ALL),
        sees(Sight.TEXT, Role.CASE_SYSTEM, Relation.OWN_WORK),
    ),
    acts=(
        *does(
            Permission.WEBHOOK_MANAGE,
            "register_webhook_endpoint change_webhook_endpoint disable_webhook_endpoint"
            " resume_webhook_endpoint delete_webhook_endpoint skip_webhook_delivery",
        ),
        *does(
            Permission.WEBHOOK_RECEIVE,
            "rotate_webhook_secret test_webhook_endpoint replay_webhook_endpoint"
            " send_webhook_delivery_now replay_webhook_delivery",
        ),
    ),
)

AUTHORITY: Final = (
    SELF,
    DIRECTORY,
    REFERENCE,
    PRINCIPAL,
    GROUP,
    RIGHTS_CHANGE,
    UNUSUAL_READ,
    CATALOGUE,
    RULES,
    DELIVERY,
    PUBLIC,
)
