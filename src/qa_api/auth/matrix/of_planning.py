"""Who sees what of planning: quarter plans, their cases and themes, the caseloads drawn from."""

from typing import Final

from qa_api.auth.matrix.of_cases import Q_AND_S
from qa_api.auth.matrix.words import Thing, does, open_to
from qa_api.auth.roles import Permission, Role, roles_with
from qa_api.auth.sight import Relation, Sight, sees, throughout

PLAN: Final = Thing(
    name="quarter plan",
    meaning="Which teams are audited on which theme in a quarter, and which are exempt.",
    texts="why a team was chosen or is exempt",
    document="get_quarter_plan",
    listed=("list_quarter_plans",),
    parts=("get_quarter_plan_exemption",),
    rules=open_to(Permission.PLAN_READ),
    acts=does(
        Permission.PLAN_WRITE,
        "draft_quarter_plan rewrite_quarter_plan publish_quarter_plan exempt_from_quarter_plan",
    ),
)

PROGRESS: Final = Thing(
    name="plan progress",
    meaning="How many audits of a plan are done, for the teams that the caller manages.",
    document="get_quarter_plan_progress",
    rules=(sees(Sight.ROW, roles_with(Permission.PLAN_FOLLOW), Relation.NONE),),
)

ALLOCATION: Final = Thing(
    name="plan cases",
    meaning="Which children were posted for a plan and drawn, and who audits them. Whoever is not"
    " shown all of a list is told nothing of the whole.",
    document="get_quarter_plan_allocation",
    parts=("get_quarter_plan_cases",),
    computed=("redraw_quarter_plan_cases",),
    rules=(throughout(Sight.TEXT, Q_AND_S),),
    restricted=True,
    acts=does(Permission.PLAN_ALLOCATE, "choose_quarter_plan_cases allocate_quarter_plan"),
)

CASELOAD: Final = Thing(
    name="caseload",
    meaning="How many cases a case system had open on a day. Whoever neither sent it nor may see"
    " every child of it is told nothing of the whole.",
    document="get_caseload",
    listed=("list_caseloads",),
    computed=("verify_caseload",),
    rules=(throughout(Sight.ROW, Q_AND_S), sees(Sight.ROW, Role.CASE_SYSTEM, Relation.OWN_WORK)),
    acts=does(Permission.CASELOAD_SEND, "put_caseload"),
)

CASELOAD_CHILD: Final = Thing(
    name="child of a caseload",
    meaning="Whose case was open on a day, when they were last audited, and who is open here and"
    " not in it; how many of them a sample takes. Whoever sent it sees the children whom they sent,"
    " of a restricted record nothing more.",
    listed=("list_caseload_children", "list_caseload_missing"),
    computed=("get_caseload_sample_size",),
    rules=(throughout(Sight.ROW, Q_AND_S),),
    restricted=True,
)

COVERAGE: Final = Thing(
    name="coverage",
    meaning="Which open children were audited in the months before, by team, status and stratum."
    " Managers see their own teams; senior leaders what was told when the caseload was taken, and"
    " nothing of a few.",
    computed=("get_caseload_coverage",),
    rules=(sees(Sight.ROW, roles_with(Permission.COVERAGE_READ), Relation.NONE),),
)

THEME: Final = Thing(
    name="theme",
    meaning="What a quarter's themed audits are about.",
    document="get_theme",
    listed=("list_themes",),
    rules=open_to(Permission.PLAN_READ),
    acts=does(Permission.PLAN_WRITE, "put_theme retire_theme"),
)

PLANNING: Final = (PLAN, PROGRESS, ALLOCATION, CASELOAD, CASELOAD_CHILD, COVERAGE, THEME)
