"""Judgements as the Board's page shows them: one by one, or neighbours as one number."""

from collections.abc import Iterable, Mapping, Sequence
from html import escape

from qa_api.board.figure_schemas import (
    AgreementFiguresOut,
    DoubtOut,
    JoinedJudgementsOut,
    ScaleJudgementsOut,
    ThemeJudgementsOut,
    judged_on,
)
from qa_api.moderation.agreement_schemas import IntervalOut
from qa_api.rules.shares import all_as_one
from qa_api.rules.unchanging import Unchanging


class ShownJudgement(Unchanging):
    """One judgement, or neighbours that are shown as one number; None where it is withheld."""

    label: str
    count: int | None
    sentence: str | None
    interval: IntervalOut | None = None
    is_joined: bool = False


def shown_judgements(
    scale: ScaleJudgementsOut | ThemeJudgementsOut,
    joined: Iterable[JoinedJudgementsOut],
    doubts: Mapping[str, DoubtOut],
    theme: str | None = None,
) -> Sequence[ShownJudgement]:
    """The judgements on a scale, best first, joined ones in the place of their best."""
    together = {
        code: one
        for one in joined
        if one.theme == theme and judged_on(one) == judged_on(scale)
        for code in one.judgements
    }
    found = []
    for judgement in scale.judgements:
        one = together.get(judgement.judgement)
        if one is None:
            doubt = doubts.get(judgement.rows)
            said = (None, None) if doubt is None else (doubt.sentence, doubt.interval)
            found.append(ShownJudgement(judgement.label, judgement.count, *said))
        elif one.judgements[0] == judgement.judgement:
            is_whole = len(one.judgements) == len(scale.judgements)
            # Frozen ones may have an interval of what is certain.
            sentence = all_as_one(one.count) if is_whole else one.sentence
            found.append(ShownJudgement(one.label, one.count, sentence, is_joined=True))
    return found


def name_of(
    scale: ScaleJudgementsOut | ThemeJudgementsOut | AgreementFiguresOut,
) -> str:
    """What the judgements are of, for people: the domain where it is one, and the scale."""
    on_scale = f"{scale.scale_code}, number {scale.scale_number}"
    if scale.domain_key is None:
        return f"Scale {on_scale}"
    return f"{scale.domain or scale.domain_key}, scale {on_scale}"


def key_of(scale: ScaleJudgementsOut | AgreementFiguresOut) -> str:
    """The same as a part of an id within the page."""
    key = f"{escape(scale.scale_code)}-{scale.scale_number}"
    return key if scale.domain_key is None else f"{key}-{escape(scale.domain_key)}"


def together(shown: Iterable[ShownJudgement]) -> str:
    """Why some judgements stand as one number, if any do."""
    if not any(one.is_joined for one in shown):
        return ""
    return (
        "<p>Neighbouring judgements stand as one number where one by itself would let somebody who "
        "knows some of the cases work out the others.</p>"
    )
