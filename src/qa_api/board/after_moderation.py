"""What moderation says of all audits of a quarter, by the sample moderated (R4.5.4, R4.7.3).

Moderated audits are drawn by lot from the completed ones, a population that is known: of all audits
completed, between how many would be judged so if each were moderated. Each group and month has a
lot of its own, and some audits are in none: of all is told only where that can hardly matter.

It is worked out from three numbers that stand beside it: judged so after moderation, moderated and
completed. It is told only where all three are, since each follows from it and the other two.
"""

from collections.abc import Iterable, Mapping, Sequence

from qa_api.board.figure_schemas import (
    AfterModerationOut,
    MetricsOut,
    ModeratedCountOut,
    OfJudgements,
    ScaleJudgementsOut,
    judged_on,
)
from qa_api.moderation.figures import interval_out
from qa_api.rules.judged_on import JudgedOn
from qa_api.rules.lots import Lot, moved_at_most
from qa_api.rules.policy import Policy
from qa_api.rules.shares import share_of_lots


def after_moderation(
    scales: Iterable[ScaleJudgementsOut],
    lots: Mapping[JudgedOn, Sequence[Lot]],
    policy: Policy,
) -> list[AfterModerationOut]:
    """How each judgement was given after moderation, for all completed audits."""
    return [
        one
        for scale in scales
        for point in scale.moderated
        if (one := _of_all(scale, point, lots.get(judged_on(scale), ()), policy)) is not None
    ]


def still_said(metrics: MetricsOut) -> list[AfterModerationOut] | None:
    """Those that are left where numbers are withheld: a sentence repeats its three numbers."""
    told = {
        (judged_on(scale), point.judgement)
        for scale in metrics.judgements
        for point in scale.moderated
        if None not in (point.after, scale.moderated_pairs, scale.denominator.count)
    }
    said = metrics.after_moderation
    return said and [one for one in said if _which(one) in told]


def of_scale(metrics: MetricsOut, scale: OfJudgements) -> dict[str, AfterModerationOut]:
    """Those of one thing, by judgement."""
    said = metrics.after_moderation or ()
    return {one.judgement: one for one in said if judged_on(one) == judged_on(scale)}


def _of_all(
    scale: ScaleJudgementsOut, point: ModeratedCountOut, lots: Sequence[Lot], policy: Policy
) -> AfterModerationOut | None:
    after, pairs, completed = point.after, scale.moderated_pairs, scale.denominator.count
    if after is None or pairs is None or completed is None or pairs > completed:
        return None
    moved = moved_at_most(lots, completed, pairs)
    share = share_of_lots(after, pairs, policy, completed, moved)
    return AfterModerationOut(
        scale_code=scale.scale_code,
        scale_number=scale.scale_number,
        domain_key=scale.domain_key,
        judgement=point.judgement,
        shown_as=share.shown_as,
        interval=interval_out(share.interval),
        enough=share.enough,
        sentence=share.sentence,
    )


def _which(said: AfterModerationOut) -> tuple[JudgedOn, str]:
    return judged_on(said), said.judgement
