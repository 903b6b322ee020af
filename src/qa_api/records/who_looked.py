"""Who has looked at a record, as the access log says (X4)."""

from typing import Any

from sqlalchemy import (
    ColumnElement,
    Date,
    cast,
    func,
    select,
)

from qa_api.auth.actor import Me
from qa_api.models.access import Principal, RoleAssignment
from qa_api.models.aliases import aliased
from qa_api.models.inner import value_of, values_of
from qa_api.reads.expressions import same_person


def who_looked(row: Any, _: Me) -> ColumnElement[Any]:
    """By what name somebody looked: a worker, a case system, or another client."""
    principal = aliased(Principal)
    code = func.coalesce(principal.worker, principal.system, principal.subject)
    found = select(code).where(principal.id == row.principal_id)
    return func.coalesce(value_of(principal, found), "")


def roles_then(row: Any, _: Me) -> ColumnElement[Any]:
    """The roles that they held on the London day on which they looked."""
    held = aliased(RoleAssignment)
    day = cast(func.timezone("Europe/London", row.at), Date)
    then = (held.principal_id == row.principal_id, held.valid.contains(day))
    return values_of(held, held.role.distinct(), *then)


def showed(line: Any, subject: Any) -> ColumnElement[bool]:
    """Whether what was read named this person, under any of their records."""
    people = func.array(same_person(subject.id).scalar_subquery())
    named: ColumnElement[bool] = line.subject_ids.op("&&")(people)
    return named
