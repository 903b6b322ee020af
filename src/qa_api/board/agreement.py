"""The agreement of auditors and moderators as figures of the Board (R4.5.4, R4.7.3)."""

from collections.abc import Iterable
from typing import Final
from urllib.parse import urlencode

from qa_api.auth.roles import Permission
from qa_api.board.figure_schemas import AgreementFiguresOut, MetricOut, MetricPartOut
from qa_api.moderation.agreement_schemas import FigureOut, ScaleAgreementOut
from qa_api.moderation.figures import DENOMINATOR, agreed_by_scale
from qa_api.rules.agreement import CLAUSE, Compared
from qa_api.rules.local_time import FinancialQuarter
from qa_api.rules.metrics import Scope, Unit
from qa_api.rules.policy_values import SecondGrade
from qa_api.work import Work

_TITLES: Final = {
    Compared.EXACT: "Confirmed by moderation",
    Compared.WITHIN_ONE: "At most one rank apart",
    Compared.RAISED: "Raised by moderation",
    Compared.LOWERED: "Lowered by moderation",
}


async def agreed_on(
    work: Work, quarter: FinancialQuarter, scope: Scope
) -> list[ScaleAgreementOut] | None:
    """How far moderation agreed with the quarter's audits, scale by scale.

    None if the actor may not see these figures, and for a service. A team is that of the auditor.
    """
    if scope.service is not None or not work.actor.holds(Permission.MODERATION_FIGURES):
        return None
    return await agreed_by_scale(work, quarter, scope.team, scope.type)


def agreement_of(
    agreed: Iterable[ScaleAgreementOut], quarter: FinancialQuarter, scope: Scope
) -> list[AgreementFiguresOut]:
    """The same as figures, each with a link that lists its pairs; none below the minimum."""
    return [
        AgreementFiguresOut(
            scale_code=scale.scale_code,
            scale_number=scale.scale_number,
            domain_key=scale.domain_key,
            domain=scale.domain,
            second_grade=scale.second_grade,
            minimum_pairs=scale.minimum_pairs,
            figures=[
                _figure(compared, scale, _pairs_of(scale, quarter, scope)) for compared in Compared
            ],
            weighted_kappa=scale.weighted_kappa.value,
            kappa_weights=scale.weighted_kappa.weights,
            kappa_withheld=scale.weighted_kappa.withheld,
        )
        for scale in agreed
    ]


def _pairs_of(scale: ScaleAgreementOut, quarter: FinancialQuarter, scope: Scope) -> str:
    """Where the pairs of one scale are listed."""
    asked = {
        "judged": "true",
        "in_error": "false",
        **_of_scale(scale),
        "sealed": "true" if scale.second_grade is SecondGrade.SEALED else "false",
        "completed_from": str(quarter.starts_on),
        "completed_to": str(quarter.next.starts_on),
    }
    if scope.team is not None:
        asked["auditor_team"] = scope.team
    if scope.type is not None:
        asked["type"] = scope.type
    return f"/v1/moderation-outcomes?{urlencode(asked)}"


def _of_scale(scale: ScaleAgreementOut) -> dict[str, str]:
    number = str(scale.scale_number)
    if scale.domain_key is None:
        return {"scale": scale.scale_code, "scale_number": number}
    return {"profile": f"{scale.scale_code}/{number}", "domain": scale.domain_key}


def _figure(compared: Compared, scale: ScaleAgreementOut, pairs: str) -> MetricOut:
    found: FigureOut = getattr(scale, compared.value)
    so = {"compared": compared.value}
    if scale.domain_key is not None:
        so = {"domain_compared": f"{scale.domain_key}/{compared.value}"}
    return MetricOut(
        key=f"agreement_{compared.value}",
        title=_TITLES[compared],
        clause=CLAUSE,
        unit=Unit.SHARE,
        numerator=MetricPartOut(
            definition=_as_part_of_sentence(found.meaning),
            count=found.numerator,
            rows=f"{pairs}&{urlencode(so)}",
        ),
        denominator=MetricPartOut(
            definition=_as_part_of_sentence(DENOMINATOR), count=found.denominator, rows=pairs
        ),
        value=found.share,
        withheld=found.numerator is None,
    )


def _as_part_of_sentence(sentence: str) -> str:
    """A sentence as it stands within another."""
    return sentence[:1].lower() + sentence[1:].removesuffix(".")
