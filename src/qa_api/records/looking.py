"""Who has looked at a record, as the access log says (X4)."""

from typing import Any

from sqlalchemy import (
    ColumnElement,
    Date,
    Text,
    cast,
    func,
    literal,
    select,
)
from sqlalchemy.dialects.postgresql import JSON

from qa_api.auth.actor import Me
from qa_api.models.access import Principal, RoleAssignment
from qa_api.models.aliases import aliased
from qa_api.reads.expressions import same_person


def who_looked(row: Any, _: Me) -> ColumnElement[Any]:
    """By what name somebody looked: a worker, a case system, or another client."""
    principal: Any = aliased(Principal)
    code = func.coalesce(principal.worker, principal.system, principal.subject)
    found = select(code).where(principal.id == row.principal_id)
    return func.coalesce(found.correlate_except(principal).scalar_subquery(), "")


def roles_then(row: Any, _: Me) -> ColumnElement[Any]:
    """The roles that they held on the London day on which they looked."""
    held: Any = aliased(RoleAssignment)
    day = cast(func.timezone("Europe/London", row.at), Date)
    roles = select(func.json_agg(held.role.distinct(), type_=JSON)).where(
        held.principal_id == row.principal_id, held.valid.contains(day)
    )
    found = roles.correlate_except(held).scalar_subquery()
    return func.coalesce(found, cast(literal("[]", Text), JSON))


def showed(line: Any, subject: Any) -> ColumnElement[bool]:
    """Whether what was read named this person, under any of their records."""
    people = func.array(same_person(subject.id).scalar_subquery())
    named: ColumnElement[bool] = line.subject_ids.op("&&")(people)
    return named
