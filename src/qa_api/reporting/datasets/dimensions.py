"""The directory, the audit types and the calendar, by which other datasets are cut."""

from typing import Any, Final

from sqlalchemy import ColumnElement, Integer, Text, cast, func

from qa_api.models.catalogue import AuditType
from qa_api.models.directory import Service, Team, TeamMembership, TeamService, Worker
from qa_api.models.policy import CalendarDay
from qa_api.reporting.columns import (
    Column,
    Dataset,
    Kind,
    Named,
    code,
    coded,
    day,
    flag,
    named,
    whole,
    worker,
)
from qa_api.reporting.datasets.audits import A_TEAM, TEAM

_A_SERVICE: Final = ("fast", "Family Assessment and Support")
_FROM: Final = day(
    "from_on", "The first day on which it holds.", read=lambda row: func.lower(row.valid)
)
_TO: Final = day(
    "to_on",
    "The day after the last; null while it holds.",
    read=lambda row: func.upper(row.valid),
)


def _name(example: str) -> Column:
    return Column(
        "code_label", Kind.LABEL, "Its name.", example, code="code", read=lambda row: row.name
    )


SERVICES: Final = Dataset(
    name="services",
    entity=Service,
    meaning="The services of the authority.",
    clause="§4.4",
    key=("code",),
    listed_at="/v1/services",
    columns=(code("code", "The service's code.", _A_SERVICE[0]), _name(_A_SERVICE[1])),
)

TEAMS: Final = Dataset(
    name="teams",
    entity=Team,
    meaning="The teams. To which service each belongs, and when, is in `team-services`.",
    clause="R4.4.1",
    key=("code",),
    listed_at="/v1/teams",
    columns=(
        code("code", "The team's code.", A_TEAM[0]),
        _name(A_TEAM[1]),
        Column("locality", Kind.LABEL, "The part of the area it works in.", "Lincoln"),
    ),
)

TEAM_SERVICES: Final = Dataset(
    name="team-services",
    entity=TeamService,
    meaning="Which team belongs to which service, from when to when.",
    clause="R4.4.1",
    columns=(
        *named("team", "The team.", A_TEAM, TEAM),
        *named("service", "The service.", _A_SERVICE, Named(Service, "service")),
        _FROM,
        _TO,
    ),
)

WORKERS: Final = Dataset(
    name="workers",
    entity=Worker,
    meaning="The workers, by code. To which team each belongs, and when, is in `team-memberships`.",
    clause="R4.6.1",
    key=("code",),
    listed_at="/v1/workers",
    columns=(
        worker("code", "The worker's code."),
        day("starts_on", "The first day of service."),
        day("leaves_on", "The last day of service; null while none is known."),
        whole(
            "observations_required",
            "How many observations, where it is not the number of the policy.",
            2,
            "R4.6.1",
        ),
    ),
)

TEAM_MEMBERSHIPS: Final = Dataset(
    name="team-memberships",
    entity=TeamMembership,
    meaning="Which worker belongs to which team, from when to when.",
    clause="R4.6.1",
    columns=(
        worker("worker", "The worker."),
        *named("team", "The team.", A_TEAM, TEAM),
        _FROM,
        _TO,
    ),
)

AUDIT_TYPES: Final = Dataset(
    name="audit-types",
    entity=AuditType,
    meaning="What the authority audits.",
    clause="§3",
    key=("code",),
    listed_at="/v1/audit-types",
    columns=(
        code("code", "The type's code.", "closure", "§3"),
        _name("Closure audit"),
        *coded("subject_kind", "Whom it is about.", "child", "§3"),
        *coded("owner", "Who runs it.", "quality_standards", "§3"),
        *coded("cadence", "What makes an audit due.", "every_closure", "§3"),
        flag("active", "Whether it is in use.", "§3"),
    ),
)

CALENDAR_DAYS: Final = Dataset(
    name="calendar-days",
    entity=CalendarDay,
    meaning="Every day that the working calendar knows.",
    clause="R4.2.1",
    key=("day",),
    dated="day",
    columns=(
        day("day", "The date."),
        flag("working", "Whether it is a working day.", "R4.2.1"),
        whole(
            "working_index",
            "How many working days lie up to and including it: subtract two to count between them.",
            7_412,
            "R4.2.1",
        ),
        code(
            "month",
            "Its month.",
            "2026-11",
            read=lambda row: func.to_char(row.day, "YYYY-MM"),
        ),
        code(
            "quarter",
            "Its quarter of the financial year, which begins on 1 April.",
            "2026-27 Q3",
            "R4.7.1",
            read=lambda row: _quarter(row.day),
        ),
        whole(
            "weekday",
            "Its day of the week; the first is 1, a Monday.",
            1,
            read=lambda row: cast(func.extract("isodow", row.day), Integer),
        ),
    ),
)


def _quarter(date: ColumnElement[Any]) -> ColumnElement[Any]:
    """`2026-27 Q3`: January to March belong to the year that began in April."""
    moved = date - func.make_interval(0, 3)
    year, quarter = func.to_char(moved, "YYYY", type_=Text), func.to_char(moved, "Q", type_=Text)
    following = func.to_char(moved + func.make_interval(1), "YY", type_=Text)
    return year + "-" + following + " Q" + quarter
