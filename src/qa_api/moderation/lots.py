"""What a sample says of its lot and of what it was drawn from, and who is told it (R4.5.1)."""

from typing import Any

from sqlalchemy import ColumnElement, Integer, and_, case, func, or_, select

from qa_api.auth.actor import Me
from qa_api.auth.reach import senior, unrestricted, whole_authority
from qa_api.models.aliases import aliased
from qa_api.models.inner import rows_of, value_of
from qa_api.models.moderation import ModerationMember
from qa_api.reads.kept import completed
from qa_api.rules.states import SampleState
from qa_api.values.explanations import ExplanationOut


def oversees(me: Me) -> ColumnElement[bool]:
    """Quality & Standards, and the senior leaders who read the whole authority."""
    return or_(whole_authority(me), senior(me))


def member_visible_to(row: Any, me: Me) -> ColumnElement[bool]:
    """The population is for those who oversee moderation."""
    return and_(unrestricted(row, me), oversees(me))


def members_seen(child: Any, sample: Any, me: Me) -> ColumnElement[bool]:
    """The members of a sample's population that the caller may see."""
    return and_(child.sample_id == sample.id, member_visible_to(child, me))


def population(row: Any, me: Me) -> ColumnElement[Any]:
    """How many audits a sample was drawn from, to who oversees moderation."""
    member = aliased(ModerationMember)
    count = select(func.count()).where(members_seen(member, row, me)).correlate_except(member)
    return case((oversees(me), count.scalar_subquery()))


def population_hash(row: Any, me: Me) -> ColumnElement[Any]:
    """The fingerprint of the population, to who oversees moderation: judgements are in it."""
    return case((oversees(me), row.population_hash))


def seed_shown(row: Any, me: Me) -> ColumnElement[bool]:
    """Whether the caller is told the seed of a sample; who moderates, once it is closed (R4.5.3).

    The order of the lot comes from the seed and from what was judged. Whoever has both, seed and
    order, can try which judgements give that order; who has no sealed audit yet may be given one.
    """
    return or_(oversees(me), row.state == SampleState.CLOSED)


def seed(row: Any, me: Me) -> ColumnElement[Any]:
    """The seed, to whom `seed_shown` tells it."""
    return case((seed_shown(row, me), row.seed))


def explanation(row: Any, me: Me) -> ColumnElement[Any]:
    """Why so many were drawn, to whoever sees every audit that it counts (X3).

    What is seen is compared with what was counted at the draw, so that nothing rests on a row that
    is hidden.
    """
    member = aliased(ModerationMember)
    seen = select(func.count()).where(members_seen(member, row, me), member.exclusion.is_(None))
    counted = row.explanation["facts"]["eligible"].astext.cast(Integer)
    kept = completed(row.explanation, ExplanationOut)
    return case((value_of(member, seen) == counted, kept))


def strata(row: Any, me: Me) -> ColumnElement[Any]:
    """What the sample was spread over, as far as the caller sees its population."""
    member = aliased(ModerationMember)
    found = (
        select(
            member.stratum.label("stratum"),
            func.count().label("population"),
            func.count().filter(member.drawn).label("drawn"),
        )
        .where(members_seen(member, row, me), member.stratum.is_not(None))
        .group_by(member.stratum)
        .order_by(member.stratum)
    )
    return rows_of(member, found)
