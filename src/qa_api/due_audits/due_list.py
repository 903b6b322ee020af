"""Every audit that is owed as at a date, or falls due up to another, as one relation (R3.1, R3.2).

The months are counted in PostgreSQL, which does with the 31st and with 29 February what
`rules.cadence` does; a test holds the two together, dates and explanations. A due date counts by
the policy that is in force on it: a new policy makes nobody late for what was never asked.
"""

from dataclasses import fields
from typing import Any, Final

from sqlalchemy import (
    Boolean,
    Date,
    Integer,
    Subquery,
    Text,
    Uuid,
    column,
    literal_column,
    select,
    text,
    true,
)
from sqlalchemy.dialects.postgresql import JSON

from qa_api.db import parameter
from qa_api.models.base import Base
from qa_api.rules.cadence import CLAUSES, RULE, CadenceKind, DueStatus
from qa_api.rules.policy import Policy
from qa_api.rules.policy_values import CadenceAnchor

_DEFAULTS: Final[dict[str, Any]] = {field.name: field.default for field in fields(Policy)}


def _value(key: str, type_: str) -> str:
    """A value of the policy; a key that the version does not have is newer, and has its default."""
    return f"coalesce(CAST(p.values ->> '{key}' AS {type_}), CAST('{_DEFAULTS[key]}' AS {type_}))"


def _due_dates(since: str, months: str, every: str) -> str:
    """Each due date up to the end: so many months after a day, and again every so many.

    No month is shorter than 28 days: a date too many is counted rather than one too few, and those
    after the end are left out.
    """
    return f"""
    CROSS JOIN LATERAL generate_series(
        0, ((given.until - {since}) / 28 - {months}) / {every}) times (n)
    CROSS JOIN LATERAL (SELECT CAST(
        {since} + make_interval(months => {months} + times.n * {every}) AS date) AS due_on) due"""


_POLICIES: Final = f"""
    SELECT p.version, p.effective_from AS first_day,
        lead(p.effective_from) OVER later AS superseded_on, row_number() OVER later = 1 AS is_first,
        {_value("cadence_anchor", "text")} AS counted_by,
        {_value("carers_first_audit_months", "integer")} AS first_after_months,
        {_value("carers_audit_every_months", "integer")} AS every_months,
        {_value("due_audit_lead_days", "integer")} AS lead_days,
        {_value("carers_audits_owed_from", "date")} AS owed_from
    FROM (SELECT DISTINCT ON (v.effective_from) v.* FROM policy_versions v
          ORDER BY v.effective_from, v.version DESC) p
    WINDOW later AS (ORDER BY p.effective_from)"""  # noqa: S608  # constants of this file

_HOUSEHOLDS: Final = f"""
    SELECT t.code AS type, s.id AS subject_id, s.team, s.restricted, CAST(NULL AS text) AS scope,
        1 AS number, due.due_on, '{CadenceKind.ANNIVERSARY}' AS cadence,
        '{CLAUSES[CadenceKind.ANNIVERSARY]}' AS clause, p.version AS policy_version, p.counted_by,
        s.first_panel_on AS anchor, last.completed_on AS last_audit_on, p.first_after_months,
        months.every AS every_months, made.audit_id, made.settled_on
    FROM audit_types t
    JOIN subjects s ON s.kind = t.subject_kind AND s.first_panel_on IS NOT NULL
        AND s.merged_into_id IS NULL
    CROSS JOIN policies p
    CROSS JOIN in_force
    CROSS JOIN LATERAL (SELECT coalesce(t.interval_months, p.every_months) AS every) months
    CROSS JOIN LATERAL (
        SELECT max(a.completed_on) AS completed_on FROM audits a
        WHERE p.counted_by = '{CadenceAnchor.FROM_LAST_AUDIT}'
        AND a.subject_id = s.id AND a.type = t.code AND a.completed_on <= given.as_at
        AND a.recorded_in_error_at IS NULL) last
    CROSS JOIN LATERAL (
        SELECT coalesce(last.completed_on, s.first_panel_on) AS since,
            CASE WHEN last.completed_on IS NULL THEN p.first_after_months ELSE months.every END
            AS months) counted
    {_due_dates("counted.since", "counted.months", "months.every")}
    LEFT JOIN audit_due_dates made ON made.stands AND made.subject_id = s.id
        AND made.type = t.code AND made.due_on = due.due_on
    WHERE t.active AND t.cadence = '{CadenceKind.ANNIVERSARY}'
    AND due.due_on BETWEEN
        greatest(in_force.owed_from, CASE WHEN NOT p.is_first THEN p.first_day END)
        AND least(given.until, p.superseded_on - 1, s.approval_ended_on)"""  # noqa: S608  # constants of this file

_TEAMS: Final = f"""
    SELECT i.type, CAST(NULL AS uuid), i.team, false, i.scope, each_time.number, due.due_on,
        '{CadenceKind.INTERVAL}', '{CLAUSES[CadenceKind.INTERVAL]}', in_force.version, NULL,
        lower(i.valid), CAST(NULL AS date), CAST(NULL AS integer), i.every_months,
        made.audit_id, made.settled_on
    FROM audit_intervals i
    JOIN audit_types t ON t.code = i.type AND t.active AND t.cadence = '{CadenceKind.INTERVAL}'
    CROSS JOIN in_force
    {_due_dates("lower(i.valid)", "i.every_months", "i.every_months")}
    CROSS JOIN LATERAL generate_series(1, i.audits_each_time) each_time (number)
    LEFT JOIN audit_due_dates made ON made.stands AND made.owed_team = i.team
        AND made.type = i.type AND made.due_on = due.due_on AND made.number = each_time.number
    WHERE due.due_on <= given.until AND i.valid @> due.due_on"""  # noqa: S608  # constants of this file

_OWED: Final = text(
    f"""
WITH policies AS ({_POLICIES}),
in_force AS (
    SELECT p.version, p.lead_days, p.owed_from FROM policies p
    WHERE p.is_first OR p.first_day <= given.as_at ORDER BY p.first_day DESC LIMIT 1)
SELECT owed.*, in_force.lead_days
FROM ({_HOUSEHOLDS} UNION ALL {_TEAMS}) owed CROSS JOIN in_force
WHERE owed.settled_on IS NULL OR owed.settled_on > given.as_at"""  # noqa: S608  # constants of this file
).columns(
    column("type", Text),
    column("subject_id", Uuid),
    column("team", Text),
    column("restricted", Boolean),
    column("scope", Text),
    column("number", Integer),
    column("due_on", Date),
    column("cadence", Text),
    column("clause", Text),
    column("policy_version", Integer),
    column("counted_by", Text),
    column("anchor", Date),
    column("last_audit_on", Date),
    column("first_after_months", Integer),
    column("every_months", Integer),
    column("audit_id", Uuid),
    column("settled_on", Date),
    column("lead_days", Integer),
)

_AS_FOUND: Final = (
    "due_on",
    "number",
    "type",
    "scope",
    "subject_id",
    "team",
    "restricted",
    "audit_id",
    "policy_version",
)
_KEY: Final = """owed.type || ':' || coalesce(CAST(owed.subject_id AS text), owed.team)
    || ':' || owed.number"""
"""Which of those that are due on a day."""
_STATUS: Final = f"""
    CASE WHEN owed.due_on < given.as_at THEN '{DueStatus.OVERDUE}'
         WHEN owed.due_on <= given.as_at + owed.lead_days THEN '{DueStatus.DUE}'
         ELSE '{DueStatus.COMING}' END"""
_EXPLANATION: Final = f"""
    json_build_object(
        'rule', '{RULE}', 'clause', owed.clause, 'policy_version', owed.policy_version,
        'calendar_version', NULL, 'steps', json_build_array(), 'facts', json_build_object(
            'cadence', owed.cadence, 'counted_by', owed.counted_by, 'anchor', owed.anchor,
            'last_audit_on', owed.last_audit_on, 'first_after_months', owed.first_after_months,
            'every_months', owed.every_months))"""


def _told() -> Subquery:
    """What is told of one stands outside of what finds them all.

    So a page has the explanation of its own rows written, and of no other.
    """
    given = select(
        parameter("as_at", Date()).label("as_at"), parameter("until", Date()).label("until")
    ).subquery("given")
    owed = _OWED.lateral("owed")
    return (
        select(
            literal_column(_KEY, Text).label("key"),
            given.c.as_at,
            *(owed.c[name] for name in _AS_FOUND),
            literal_column(_STATUS, Text).label("status"),
            literal_column(_EXPLANATION, JSON).label("explanation"),
        )
        .select_from(given.join(owed, true()))
        .subquery("owed_audits")
    )


class DueListRow(Base):
    """One audit that is owed: its parameters are `as_at` and `until`."""

    __table__ = _told()
    __mapper_args__ = {"primary_key": [__table__.c.key]}  # noqa: RUF012 - SQLAlchemy reads it so
