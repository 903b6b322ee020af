"""Reading practice observations: who may see which, and the statements that return them."""

from typing import Any

from sqlalchemy import ColumnElement, func, literal

from qa_api.auth.actor import Me
from qa_api.auth.reasons.practice import EXEMPTIONS as EXEMPTIONS_SEEN
from qa_api.auth.reasons.practice import HIGHLIGHTS as HIGHLIGHTS_SEEN
from qa_api.auth.reasons.practice import OBSERVATIONS as OBSERVATIONS_SEEN
from qa_api.models.observations import (
    LearningHighlight,
    ObservationExemption,
    PracticeObservation,
)
from qa_api.observations.highlight_schemas import HighlightOut, HighlightRow
from qa_api.observations.schemas import ObservationExemptionOut, ObservationOut, ObservationRow
from qa_api.reads.documents import Document
from qa_api.reads.expressions import changed, in_service
from qa_api.reads.filters import CHANGED, before, equals, flag, holds_today, is_set, on_or_after
from qa_api.reads.listings import Filter, Listing
from qa_api.reads.shapes import Expression, Shape


def visible_to(row: Any, me: Me) -> ColumnElement[bool]:
    """Worker and observer, who leads the worker's team now or led it then, and Q&S (X3)."""
    return OBSERVATIONS_SEEN.hold(row, me)


def exemption_visible_to(row: Any, me: Me) -> ColumnElement[bool]:
    """The worker, who leads their team, and Q&S."""
    return EXEMPTIONS_SEEN.hold(row, me)


def highlight_visible_to(row: Any, me: Me) -> ColumnElement[bool]:
    """Managers of the team, those it is routed to, Q&S and senior leaders (X3)."""
    return HIGHLIGHTS_SEEN.hold(row, me)


OBSERVATION = Document(Shape(ObservationOut, PracticeObservation), visible=visible_to)

OBSERVATIONS = Listing(
    name="practice-observations",
    shape=Shape(ObservationRow, PracticeObservation),
    visible=visible_to,
    order=(lambda row, _: row.observed_on, lambda row, _: row.id),
    arms=OBSERVATIONS_SEEN.arms,
    orders={"changed_at": (changed, lambda row, _: row.id)},
    filters={
        **CHANGED,
        "worker": equals("worker", narrows=True),
        "observer": equals("observer", narrows=True),
        "team": equals("team", narrows=True),
        "service": Filter(in_service),
        "date_from": on_or_after("observed_on"),
        "date_to": before("observed_on"),
        "withdrawn": is_set("withdrawn_at"),
    },
)
"""The latest first."""

_DATED: dict[str, Expression] = {
    "from_": lambda row, _: func.lower(row.valid),
    "to": lambda row, _: func.upper(row.valid),
}

_EXEMPTION = Shape(ObservationExemptionOut, ObservationExemption, _DATED)
EXEMPTION = Document(_EXEMPTION, visible=exemption_visible_to)
EXEMPTIONS = Listing(
    name="observation-exemptions",
    shape=_EXEMPTION,
    visible=exemption_visible_to,
    filters={
        "worker": equals("worker"),
        "current": holds_today(),
    },
)
"""Newest first."""

_STANDING: dict[str, Expression] = {
    "late": lambda row, _: func.coalesce(row.recorded_on > row.due_on, literal(False)),
    "calendar_unknown": lambda row, _: row.due_on.is_(None),
    "answered": lambda row, _: row.answered_at.is_not(None),
}

HIGHLIGHT = Document(
    Shape(HighlightOut, LearningHighlight, _STANDING), visible=highlight_visible_to
)
HIGHLIGHTS = Listing(
    name="learning-highlights",
    shape=Shape(HighlightRow, LearningHighlight, _STANDING),
    visible=highlight_visible_to,
    orders={"changed_at": (changed, lambda row, _: row.id)},
    filters={
        **CHANGED,
        "quarter": equals("quarter"),
        "team": equals("team"),
        "service": Filter(in_service),
        "routed_to": equals("routed_to"),
        "late": flag(lambda row, _: row.recorded_on > row.due_on),
        "answered": is_set("answered_at"),
    },
)
"""Newest first."""
