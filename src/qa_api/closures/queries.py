"""Reading gates and events: who may see which, and the statements that return them."""

from typing import Any, Final

from sqlalchemy import (
    Boolean,
    ColumnElement,
    Date,
    Text,
    Uuid,
    and_,
    case,
    cast,
    exists,
    func,
    literal,
    not_,
    null,
    or_,
    select,
    union_all,
)
from sqlalchemy.dialects.postgresql import JSON, JSONB, JSONPATH
from sqlalchemy.orm import aliased

from qa_api.auth.actor import Me
from qa_api.auth.reach import (
    allowed_actions,
    another_person,
    managed,
    own_system,
    person_behind,
    roles_over,
    senior,
    supervised,
    unrestricted,
    whole_authority,
)
from qa_api.closures.schemas import (
    NOT_PROPOSED,
    CaseEventOut,
    CaseEventRow,
    ExplainedGateAnswer,
    GateOut,
    GateRow,
    SubjectGate,
)
from qa_api.db import parameter
from qa_api.http.documents import Document, Expression, Filter, Listing, Shape
from qa_api.http.expressions import in_service, london_midnight, subject_of
from qa_api.http.filters import about_subject
from qa_api.models.closures import CaseEvent, CaseEventOutcome, ClosureGate, ConflictingCaseEvent
from qa_api.models.subjects import CaseSystem, Subject, SubjectAlias

_NOTHING: Final = literal("[]", Text)

# --- gates ---


def visible_to(row: Any, me: Me) -> ColumnElement[bool]:
    """A case system sees its own gates, restricted ones too; people those of their cases (X3)."""
    return or_(own_system(row.system, me), _read_by_people(row, me))


def _read_by_people(row: Any, me: Me) -> ColumnElement[bool]:
    return and_(unrestricted(row, me), of_their_teams(row, me))


def of_their_teams(row: Any, me: Me) -> ColumnElement[bool]:
    """Held by a team that a role of the caller reaches."""
    return or_(whole_authority(me), senior(me), managed(row, me), supervised(row, me))


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
    """Whether its reason needed no closure audit by the policy that its state was made under."""
    exempt = row.explanation["facts"]["exempt"].as_boolean()
    return func.coalesce(exempt, False)


def _of_override(row: Any, me: Me) -> dict[str, ColumnElement[bool]]:
    """The steps of an override that its standing admits (C5): `gates.py` refuses the others."""
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
    filters={
        "system": Filter(lambda row, value, _: row.system == value),
        "episode_id": Filter(lambda row, value, _: row.episode_id == value),
        "state": Filter(lambda row, value, _: row.state == value),
        "team": Filter(lambda row, value, _: row.team == value),
        "service": Filter(in_service),
        "worker": Filter(lambda row, value, _: row.worker == value),
        "subject": about_subject(),
        "audited": Filter(lambda row, _, __: _audited(row), None),
        "exempt": Filter(lambda row, _, __: _exempt(row), None),
        "closed_from": Filter(
            lambda row, value, _: row.closing_counts_at >= london_midnight(value), Date()
        ),
        "closed_to": Filter(
            lambda row, value, _: row.closing_counts_at < london_midnight(value), Date()
        ),
        "may_close": Filter(lambda row, _, __: row.may_close.is_(True), None),
        "current": Filter(lambda row, _, __: row.current.is_(True), None),
    },
)
"""Newest first. Of two gates that a merge brought together the one that counts."""

# --- what the gates of one subject answer ---

_ANSWER = Shape(ExplainedGateAnswer, ClosureGate, {"waits_for": _waits_for})


def _named(row: Any, me: Me) -> ColumnElement[bool]:
    """Subjects by the reference asked for, which the caller may know of by their gates."""
    alias = aliased(SubjectAlias)
    named = exists().where(
        alias.subject_id == row.id,
        alias.system == parameter("system", Text()),
        alias.ref == parameter("ref", Text()),
    )
    seen = or_(
        own_system(row.system, me),
        and_(unrestricted(row, me, row.id), of_their_teams(row, me)),
    )
    return and_(named.correlate_except(alias), seen)


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
    listed = func.coalesce(func.json_agg(gates.table_valued(), type_=JSON), cast(_NOTHING, JSON))
    return select(listed).select_from(gates).scalar_subquery()


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

# --- events ---


def event_visible_to(row: Any, me: Me) -> ColumnElement[bool]:
    """A case system sees its own events, Q&S all but those about a restricted record (X3)."""
    outcome: Any = aliased(CaseEventOutcome)
    subject: Any = aliased(Subject)
    seen = (
        exists()
        .where(subject.id == outcome.subject_id, unrestricted(subject, me, subject.id))
        .correlate_except(subject)
    )
    about_hidden = (
        exists()
        .where(outcome.case_event_id == row.id, outcome.subject_id.is_not(None), ~seen)
        .correlate_except(outcome)
    )
    return or_(own_system(row.system, me), and_(whole_authority(me), ~about_hidden))


def _conflicting(row: Any, _: Me) -> ColumnElement[bool]:
    second = aliased(ConflictingCaseEvent)
    return exists().where(second.case_event_id == row.id).correlate_except(second)


def _conflicts(row: Any, me: Me) -> ColumnElement[Any]:
    second = aliased(ConflictingCaseEvent)
    received_at = func.to_char(
        func.timezone("UTC", second.received_at), 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'
    )
    found = (
        select(second.id, received_at.label("received_at"), second.data.label("message"))
        .where(second.case_event_id == row.id, whole_authority(me))
        .order_by(second.id)
        .limit(50)
    )
    rows = found.correlate_except(second).subquery()
    listed = func.coalesce(func.json_agg(rows.table_valued(), type_=JSON), cast(_NOTHING, JSON))
    return select(listed).select_from(rows).scalar_subquery()


_INVISIBLE: Final = "[\\x01-\\x08\\x0b\\x0c\\x0e-\\x1f\\x7f-\\x9f]"
"""Control characters that are neither a tab nor the end of a line."""


def _readable(text: ColumnElement[str]) -> ColumnElement[str | None]:
    """Text that came as it came, as it can be shown: null where nothing is left to read."""
    lines = func.regexp_replace(text, "\\r\\n?", "\n", "g")
    shown = func.normalize(func.regexp_replace(lines, _INVISIBLE, "", "g"))
    return case((shown.regexp_match("\\S"), shown))


def _reason_text(row: Any, me: Me) -> ColumnElement[Any]:
    said = row.data["data"]["closure"]["reason_text"].astext
    return case((whole_authority(me), _readable(said)))


_EVENT: dict[str, Expression] = {
    "event_id": lambda row, _: row.id,
    "id": lambda row, _: row.event_id,
    "conflicting": _conflicting,
}


def _named_in(row: Any, _: Me) -> ColumnElement[Any]:
    """The subjects that the outcomes of an event name."""
    outcome: Any = aliased(CaseEventOutcome)
    named = select(outcome.subject_id).where(outcome.case_event_id == row.id)
    return func.array(named.correlate_except(outcome).scalar_subquery())


_NAMED_IN_MESSAGE: Final = ("$.data.subjects[*].ref", "$.data.merge.*")
"""Where a message names children; a merge that waits has no outcome yet."""


def _found_at(message: ColumnElement[Any], path: str) -> ColumnElement[Any]:
    return func.jsonb_path_query_array(message, cast(path, JSONPATH))


def _named_in_message(row: Any, me: Me) -> ColumnElement[Any]:
    """The same, and whoever is named in the event or in what conflicts with it, as they came."""
    second: Any = aliased(ConflictingCaseEvent)
    alias: Any = aliased(SubjectAlias)
    conflicting = select(second.data).where(second.case_event_id == row.id)
    messages = union_all(
        select(row.data.label("data")).correlate_except(),
        conflicting.correlate_except(second),
    ).subquery("messages")
    refs = union_all(
        *(
            select(func.jsonb_array_elements_text(_found_at(messages.c.data, path)).label("ref"))
            for path in _NAMED_IN_MESSAGE
        )
    ).subquery("refs")
    known = select(alias.subject_id).where(
        alias.system == row.system, alias.ref.in_(select(refs.c.ref))
    )
    known_ids = func.array(known.correlate_except(alias).scalar_subquery())
    return func.array_cat(_named_in(row, me), known_ids)


def _had_outcome(row: Any, value: ColumnElement[Any], _: Me) -> ColumnElement[bool]:
    outcome = aliased(CaseEventOutcome)
    had = exists().where(outcome.case_event_id == row.id, outcome.outcome == value)
    return had.correlate_except(outcome)


CASE_EVENT = Document(
    Shape(
        CaseEventOut,
        CaseEvent,
        {
            **_EVENT,
            "reason_text": _reason_text,
            "message": lambda row, me: case((whole_authority(me), row.data)),
            "conflicts": _conflicts,
        },
    ),
    visible=event_visible_to,
    version=None,
    subjects=_named_in_message,
)
"""It names children, and whoever reads it leaves a line for each of them."""

CASE_EVENTS = Listing(
    name="case-events",
    shape=Shape(CaseEventRow, CaseEvent, _EVENT),
    visible=event_visible_to,
    subjects=_named_in,
    filters={
        "system": Filter(lambda row, value, _: row.system == value),
        "type": Filter(lambda row, value, _: row.type == value),
        "episode_id": Filter(lambda row, value, _: row.episode_id == value),
        "parked": Filter(lambda row, _, __: row.parked.is_(True), None),
        "conflicting": Filter(lambda row, _, me: _conflicting(row, me), None),
        "outcome": Filter(_had_outcome),
    },
)
"""Newest first."""
