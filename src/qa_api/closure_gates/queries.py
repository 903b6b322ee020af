"""Reading gates and events: who may see which, and the statements that return them."""

from typing import Any, Final

from sqlalchemy import (
    Boolean,
    ColumnElement,
    Text,
    Uuid,
    and_,
    case,
    cast,
    func,
    literal,
    not_,
    null,
    or_,
    select,
)
from sqlalchemy.dialects.postgresql import JSON, JSONB

from qa_api.auth.actor import Me
from qa_api.auth.reach import (
    allowed_actions,
    another_person,
    names_for,
    own_system,
    person_behind,
    roles_over,
    unrestricted,
)
from qa_api.auth.reasons.cases import GATES as GATES_SEEN
from qa_api.closure_gates.schemas import (
    NOT_PROPOSED,
    ExplainedGateAnswer,
    GateOut,
    GateRow,
    SubjectGate,
)
from qa_api.db import parameter
from qa_api.models.aliases import aliased
from qa_api.models.closures import ClosureGate
from qa_api.models.inner import listed, there_is
from qa_api.models.subjects import CaseSystem, Subject, SubjectAlias
from qa_api.reads.documents import Document
from qa_api.reads.expressions import changed, in_service, subject_of
from qa_api.reads.filters import (
    CHANGED,
    about_subject,
    before_midnight,
    equals,
    flag,
    from_midnight,
    is_true,
    supervised_by,
)
from qa_api.reads.listings import Filter, Listing
from qa_api.reads.shapes import Expression, Shape

_NOTHING: Final = literal("[]", Text)

# --- gates ---


def visible_to(row: Any, me: Me) -> ColumnElement[bool]:
    """A case system sees its own gates, restricted ones too; people those of their cases (X3)."""
    return GATES_SEEN.see(row, me)


def _read_by_people(row: Any, me: Me) -> ColumnElement[bool]:
    return and_(unrestricted(row, me), GATES_SEEN.through_teams(row, me))


def _waits_for(row: Any, _: Me) -> ColumnElement[Any]:
    waits: ColumnElement[Any] = row.explanation["facts"]["waits_for"]
    return waits


def _person(name: str) -> Expression:
    """The worker code of a principal, since that is how people know each other."""

    return lambda row, _: person_behind(getattr(row, name))


def _for_people(name: str) -> Expression:
    """Free text is not for case systems."""
    return lambda row, me: case((_read_by_people(row, me), getattr(row, name)))


def _audited(row: Any) -> ColumnElement[bool]:
    """Whether the audit that counts was completed, and before the case was closed.

    The database is asked, whoever asks: a case system sees its gates and none of their audits, and
    what it does not see is not therefore missing.
    """
    audited: ColumnElement[bool] = func.qa_audited(
        row.audit_id, row.closing_counts_at, type_=Boolean
    )
    return audited


def _exempt(row: Any) -> ColumnElement[bool]:
    """Whether it needed no closure audit: by its reason, or because there was none for it."""
    exempt = row.explanation["facts"]["exempt"].as_boolean()
    return func.coalesce(exempt, False)


def _of_override(row: Any, me: Me) -> dict[str, ColumnElement[bool]]:
    """The steps that an override allows as it stands (C5); `steps.py` refuses the others."""
    stands = and_(row.override_requested_at.is_not(None), row.override_withdrawn_at.is_(None))
    return {
        "request_override": not_(stands),
        "approve_override": and_(stands, another_person(row.override_requested_by, me)),
        "withdraw_override": stands,
    }


_ROW: dict[str, Expression] = {"waits_for": _waits_for, "subject": subject_of}

GATE = Document(
    Shape(
        GateOut,
        ClosureGate,
        {
            **_ROW,
            "override_requested_by": _person("override_requested_by"),
            "override_approved_by": _person("override_approved_by"),
            "override_withdrawn_by": _person("override_withdrawn_by"),
            "override_withdrawal_reason": _for_people("override_withdrawal_reason"),
            "reopened_by": _person("reopened_by"),
            "override_reason": _for_people("override_reason"),
            "reopen_reason": _for_people("reopen_reason"),
            "allowed_actions": lambda row, me: allowed_actions(
                row, roles_over(row, me), _of_override(row, me)
            ),
        },
    ),
    visible=visible_to,
    subject="subject_id",
)

GATES = Listing(
    name="closure-gates",
    shape=Shape(GateRow, ClosureGate, _ROW),
    visible=lambda row, me: and_(row.duplicate_of.is_(None), visible_to(row, me)),
    subject="subject_id",
    arms=GATES_SEEN.arms,
    orders={"changed_at": (changed, lambda row, _: row.id)},
    filters={
        **CHANGED,
        "system": equals("system"),
        "episode_id": equals("episode_id"),
        "state": equals("state"),
        "team": equals("team", narrows=True),
        "service": Filter(in_service),
        "worker": equals("worker"),
        "supervisor": supervised_by(),
        "subject": about_subject(narrows=True),
        "audited": flag(lambda row, _: _audited(row)),
        "exempt": flag(lambda row, _: _exempt(row)),
        "closed_from": from_midnight("closing_counts_at"),
        "closed_to": before_midnight("closing_counts_at"),
        "may_close": is_true("may_close"),
        "current": is_true("current"),
    },
)
"""Newest first. Of two gates that a merge brought together the one that counts."""

# --- what the gates of one subject answer ---

_ANSWER = Shape(ExplainedGateAnswer, ClosureGate, {"waits_for": _waits_for})


def _named(row: Any, me: Me) -> ColumnElement[bool]:
    """Subjects by the reference asked for, which the caller may know of by their gates."""
    alias = aliased(SubjectAlias)
    seen = or_(
        and_(own_system(row.system, me), alias.stands_for.is_(None)),
        and_(
            unrestricted(row, me, row.id), GATES_SEEN.through_teams(row, me), names_for(alias, me)
        ),
    )
    return there_is(
        alias,
        alias.subject_id == row.id,
        alias.system == parameter("system", Text()),
        alias.ref == parameter("ref", Text()),
        seen,
    )


def _gates_of(row: Any, me: Me) -> tuple[Any, Any]:
    """The current gates of a subject that the caller may see, the one that holds back first."""
    gate = aliased(ClosureGate)
    asked = parameter("episode_id", Text())
    found = (
        select(*_ANSWER.columns(gate, me))
        .where(
            gate.subject_id == row.id,
            gate.current,
            or_(asked.is_(None), gate.episode_id == asked),
            visible_to(gate, me),
        )
        .order_by(gate.may_close, gate.id.desc())
        .limit(50)
    )
    return gate, found.correlate_except(gate).subquery()


def _first(name: str, otherwise: ColumnElement[Any]) -> Expression:
    """A field of the gate that holds the closing back, or what is said where there is no gate."""

    def column(row: Any, me: Me) -> ColumnElement[Any]:
        _, gates = _gates_of(row, me)
        return func.coalesce(select(gates.c[name]).limit(1).scalar_subquery(), otherwise)

    return column


def _all_gates(row: Any, me: Me) -> ColumnElement[Any]:
    _, gates = _gates_of(row, me)
    return listed(gates)


_ASKED: dict[str, Expression] = {
    "system": lambda _, __: parameter("system", Text()),
    "ref": lambda _, __: parameter("ref", Text()),
}
_NO_GATE: dict[str, ColumnElement[Any]] = {
    "id": cast(null(), Uuid),
    "episode_id": parameter("episode_id", Text()),
    "state": literal(NOT_PROPOSED, Text),
    "may_close": literal(False),
    "waits_for": cast(_NOTHING, JSONB),
    "audit_id": cast(null(), Uuid),
    "explanation": cast(null(), JSONB),
}

SUBJECT_GATE = Document(
    Shape(
        SubjectGate,
        Subject,
        {
            **_ASKED,
            **{name: _first(name, otherwise) for name, otherwise in _NO_GATE.items()},
            "gates": _all_gates,
        },
    ),
    visible=_named,
    key=(),
    subject="id",
)
"""Asked with `system`, `ref` and `episode_id`, which may be null."""


def _unchanged(value: ColumnElement[Any]) -> Expression:
    return lambda _, __: value


UNKNOWN_SUBJECT_GATE = Document(
    Shape(
        SubjectGate,
        CaseSystem,
        {
            **_ASKED,
            **{name: _unchanged(value) for name, value in _NO_GATE.items()},
            "gates": _unchanged(cast(_NOTHING, JSON)),
        },
    ),
    visible=lambda row, me: and_(row.code == parameter("system", Text()), own_system(row.code, me)),
    key=(),
)
"""What a case system is answered about a reference of its own that has never come up here."""
