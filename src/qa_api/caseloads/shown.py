"""Coverage as it goes out (R4.4.4)."""

from collections.abc import Collection, Mapping
from datetime import date
from typing import Any

import orjson

from qa_api.caseloads.figures_schemas import BoundsOut, CoverageOut, CoveragePartOut, CoveredOut
from qa_api.reads.kept import with_nulls
from qa_api.rules.caseload_coverage import Coverage
from qa_api.rules.shares import Share


def coverage_out(
    day: date,
    since: date,
    found: Coverage,
    policy_version: int,
    *,
    complete: bool | None = None,
) -> CoverageOut:
    """The coverage of a day, of audits completed `since`; `complete`: where that may be said."""
    return CoverageOut(
        day=day,
        audited_from=since,
        complete=complete,
        covered=_covered(found.whole),
        parts=[
            CoveragePartOut(by=part.by, code=part.value, covered=_covered(part.share))
            for part in found.parts
        ],
        policy_version=policy_version,
    )


def read_coverage(kept: Mapping[str, Any]) -> CoverageOut:
    """A coverage that was kept. A part that was listed without a number, as once it was, is not."""
    found = CoverageOut.model_validate_json(orjson.dumps(with_nulls(kept, CoverageOut)))
    told = [part for part in found.parts if part.covered is not None]
    return found.model_copy(update={"parts": told})


def of_system(found: CoverageOut, systems: Collection[str], system: str) -> CoverageOut:
    """What a coverage of several case systems says of one, to those who may list no child.

    Nothing of its teams, statuses and strata: beside those of all they would tell of few.
    """
    if [system] == [*systems]:
        return found
    own = (one for one in found.parts if (one.by, one.code) == ("system", system))
    covered = next((one.covered for one in own), None)
    return found.model_copy(update={"covered": covered, "parts": []})


def _covered(share: Share | None) -> CoveredOut | None:
    if share is None:
        return None
    bounds = share.interval
    return CoveredOut(
        audited=share.count,
        children=share.of,
        share=None if share.value is None else round(share.value, 4),
        shown_as=share.shown_as,
        interval=(
            None
            if bounds is None
            else BoundsOut(low=round(bounds.low, 4), high=round(bounds.high, 4))
        ),
        enough=share.enough,
        sentence=share.sentence,
    )
