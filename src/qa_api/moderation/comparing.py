"""How a moderated judgement compares with the auditor's, on the scale of both."""

from typing import Any

from sqlalchemy import ColumnElement, Text, and_, cast, or_, select

from qa_api.auth.actor import Me
from qa_api.models.aliases import aliased
from qa_api.models.audits import Audit
from qa_api.models.catalogue import ScalePoint
from qa_api.models.inner import there_is, value_of
from qa_api.models.moderation import ModeratedDomain
from qa_api.rules.agreement import Compared
from qa_api.rules.tools import OverallAsked


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


def _standing(row: Any) -> dict[Compared, ColumnElement[bool]]:
    apart = ranks_apart(row)
    return {
        Compared.EXACT: apart == 0,
        Compared.WITHIN_ONE: apart.between(-1, 1),
        Compared.RAISED: apart < 0,
        Compared.LOWERED: apart > 0,
    }


def compared(row: Any, value: ColumnElement[Any], _: Me) -> ColumnElement[bool]:
    """Whether the moderated judgement of the whole stands so to the auditor's (R4.5.4)."""
    kept = _standing(row)
    return or_(*(and_(value == name.value, condition) for name, condition in kept.items()))


def domain_compared(row: Any, value: ColumnElement[Any], _: Me) -> ColumnElement[bool]:
    """Whether the moderated judgement of a domain does: `KEY/exact` (R4.5.4)."""
    domain = aliased(ModeratedDomain)
    kept = _standing(domain)
    so = or_(
        *(
            and_(value == domain.domain_key.concat(f"/{name.value}"), condition)
            for name, condition in kept.items()
        )
    )
    return there_is(domain, domain.outcome_id == row.id, so)


def domain_moderated(row: Any, value: ColumnElement[Any], _: Me) -> ColumnElement[bool]:
    """Whether the domain of this key was moderated."""
    domain = aliased(ModeratedDomain)
    return there_is(
        domain,
        domain.outcome_id == row.id,
        domain.domain_key == value,
        domain.moderated_judgement.is_not(None),
    )


def of_whole(row: Any) -> ColumnElement[bool]:
    """Whether its audit was judged as a whole."""
    return or_(
        _asked(row, OverallAsked.REQUIRED),
        and_(_asked(row, OverallAsked.OPTIONAL), row.auditor_judgement.is_not(None)),
    )


def in_profile(row: Any, value: ColumnElement[Any], _: Me) -> ColumnElement[bool]:
    """Whether the domains stand for its audit, on this scale: `CODE/NUMBER`."""
    on_scale = row.scale_code.concat("/").concat(cast(row.scale_number, Text)) == value
    asked = (OverallAsked.OPTIONAL, OverallAsked.NONE)
    return and_(on_scale, _asked(row, *asked))


def _asked(row: Any, *how: OverallAsked) -> ColumnElement[bool]:
    audit = aliased(Audit)
    return there_is(audit, audit.id == row.audit_id, audit.overall_asked.in_(how))
