"""How a moderated judgement compares with the auditor's, on the scale of both."""

from typing import Any

from sqlalchemy import ColumnElement, and_, or_, select

from qa_api.auth.actor import Me
from qa_api.models.aliases import aliased
from qa_api.models.catalogue import ScalePoint
from qa_api.models.inner import value_of
from qa_api.rules.agreement import Compared


def ranks_apart(row: Any) -> ColumnElement[Any]:
    """Ranks from the auditor's judgement to the moderated one: negative is better, 0 the same."""

    def rank(judgement: ColumnElement[Any]) -> ColumnElement[Any]:
        point = aliased(ScalePoint)
        found = select(point.position).where(
            point.scale_code == row.scale_code,
            point.scale_number == row.scale_number,
            point.code == judgement,
        )
        return value_of(point, found)

    return rank(row.moderated_judgement) - rank(row.auditor_judgement)


def compared(row: Any, value: ColumnElement[Any], _: Me) -> ColumnElement[bool]:
    """Whether the moderated judgement stands so to the auditor's (R4.5.4)."""
    apart = ranks_apart(row)
    kept = {
        Compared.EXACT: apart == 0,
        Compared.WITHIN_ONE: apart.between(-1, 1),
        Compared.RAISED: apart < 0,
        Compared.LOWERED: apart > 0,
    }
    return or_(*(and_(value == name.value, condition) for name, condition in kept.items()))
