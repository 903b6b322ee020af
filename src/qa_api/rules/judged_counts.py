"""The Board's counts of judgements: audits as a whole, or domain by domain (§4.7, R4.7.3)."""

from qa_api.rules.judged_on import JudgedOn
from qa_api.rules.metrics import COMPLETED, Counted


def judged(on: JudgedOn) -> Counted:
    """Audits completed in the quarter that were judged on one number of one scale (R4.1.3).

    As a whole, or in a domain where the domains stand for the audit.
    """
    if on.domain is None:
        return COMPLETED.narrowed(
            "audits completed in the quarter on this scale", scale=on.scale, scale_number=on.number
        )
    return COMPLETED.narrowed(
        "audits completed in the quarter of which this domain was judged on this scale",
        profile=f"{on.scale}/{on.number}",
        domain=on.domain,
    )


def judged_so(part: Counted, judgement: str) -> Counted:
    """Those of them with one judgement: of the whole, or of the domain."""
    if (domain := part.filters.get("domain")) is None:
        return part.narrowed("those with this overall judgement", judgement=judgement)
    return part.narrowed(
        "those with this judgement of the domain", domain_judgement=f"{domain}/{judgement}"
    )
