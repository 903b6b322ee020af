"""What the lots of a quarter were drawn from, for what the moderated audits say of all (R4.5.1)."""

from collections import defaultdict
from collections.abc import Mapping, Sequence

from sqlalchemy import Select, Subquery, Text, cast, func, null, select, type_coerce

from qa_api.models.audits import Audit, DomainJudgement
from qa_api.models.moderation import ModerationMember, ModerationSample
from qa_api.moderation.lots import member_visible_to
from qa_api.rules.judged_on import JudgedOn
from qa_api.rules.local_time import FinancialQuarter
from qa_api.rules.lots import Lot
from qa_api.rules.metrics import Scope
from qa_api.rules.tools import OverallAsked
from qa_api.work import Work


async def lots_drawn(
    work: Work, quarter: FinancialQuarter, scope: Scope, *, of_domains: bool
) -> Mapping[JudgedOn, Sequence[Lot]]:
    """The lots that audits completed in the quarter were in, by what was judged of these.

    As far as the actor may see populations: who does not oversee moderation has none.
    """
    found: dict[JudgedOn, list[Lot]] = defaultdict(list)
    for domains in (False, True)[: 1 + of_domains]:
        for row in await work.session.execute(_lots(work, quarter, scope, domains=domains)):
            on = JudgedOn(row.scale_code, row.scale_number, row.domain)
            found[on].append(
                Lot(str(row.sample_id), row.could_be, row.drawn, row.completed, row.chosen)
            )
    return found


def _drawn_from(quarter: FinancialQuarter) -> Subquery:
    """How many of each lot could be drawn, and were."""
    return (
        select(
            ModerationMember.sample_id,
            ModerationMember.stratum,
            func.count().label("could_be"),
            func.count().filter(ModerationMember.drawn).label("drawn"),
        )
        .join(ModerationSample, ModerationSample.id == ModerationMember.sample_id)
        .where(
            ModerationSample.starts_on < quarter.next.starts_on,
            ModerationSample.ends_before > quarter.starts_on,
            ModerationMember.exclusion.is_(None),
        )
        .group_by(ModerationMember.sample_id, ModerationMember.stratum)
        .subquery()
    )


def _lots(
    work: Work, quarter: FinancialQuarter, scope: Scope, *, domains: bool
) -> Select[str, int, str | None, object, int, int, int, int]:
    lot = _drawn_from(quarter)
    judged = DomainJudgement if domains else Audit
    domain = type_coerce(DomainJudgement.domain_key, Text) if domains else cast(null(), Text)
    found = (
        select(
            judged.scale_code,
            judged.scale_number,
            domain.label("domain"),
            lot.c.sample_id,
            lot.c.could_be,
            lot.c.drawn,
            func.count().label("completed"),
            func.count().filter(ModerationMember.drawn).label("chosen"),
        )
        .select_from(ModerationMember)
        .join(
            lot,
            (lot.c.sample_id == ModerationMember.sample_id)
            & lot.c.stratum.is_not_distinct_from(ModerationMember.stratum),
        )
        .join(Audit, Audit.id == ModerationMember.audit_id)
        .where(
            member_visible_to(ModerationMember, work.me),
            ModerationMember.exclusion.is_(None),
            Audit.completed_on >= quarter.starts_on,
            Audit.completed_on < quarter.next.starts_on,
            Audit.recorded_in_error_at.is_(None),
            Audit.overall_asked != OverallAsked.REQUIRED
            if domains
            else Audit.overall_judgement.is_not(None),
        )
        .group_by(judged.scale_code, judged.scale_number, domain, *lot.c)
    )
    if domains:
        found = found.join(DomainJudgement, DomainJudgement.audit_id == Audit.id)
    if scope.type is not None:
        found = found.where(Audit.type == scope.type)
    return found
