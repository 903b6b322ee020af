"""Neighbouring judgements as one number, with what that says (R4.7.3)."""

from collections.abc import Sequence

from qa_api.board.figure_schemas import JoinedJudgementsOut, ScaleJudgementsOut
from qa_api.rules.policy import Policy
from qa_api.rules.shares import all_as_one, share_of_sample


def joined_of(
    scale: ScaleJudgementsOut,
    first: int,
    last: int,
    counts: Sequence[int],
    theme: str | None,
    policy: Policy,
) -> JoinedJudgementsOut:
    """Neighbours as one number; of all there are no interval is told, since nothing is unsure."""
    chosen = scale.judgements[first:last]
    count = sum(counts[first:last])
    share = share_of_sample(count, sum(counts), policy).sentence
    return JoinedJudgementsOut(
        scale_code=scale.scale_code,
        scale_number=scale.scale_number,
        domain_key=scale.domain_key,
        theme=theme,
        judgements=[one.judgement for one in chosen],
        label=" or ".join(one.label for one in chosen),
        count=count,
        sentence=all_as_one(count) if len(chosen) == len(scale.judgements) else share,
    )
