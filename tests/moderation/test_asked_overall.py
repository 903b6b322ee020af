"""The database holds that an audit is judged as its tool asks (R4.1.3)."""

from typing import Any

import pytest
from sqlalchemy.exc import IntegrityError

from qa_api.models.audits import Audit
from qa_api.rules.local_time import local_date
from qa_api.work import Work
from tests.moderation.moderating import Moderating
from tests.responses.casework import complete_audit


@pytest.mark.parametrize(
    ("written", "constraint"),
    [
        ({"state": "completed"}, "audits_completed_with_judgement_check"),
        ({"overall_asked": "none"}, "audits_tool_id_overall_asked_fkey"),
        (
            {"overall_asked": "none", "overall_judgement": "good", "overall_rationale": "So."},
            "audits_judged_as_asked_check",
        ),
    ],
    ids=["completed without", "another than its tool says", "judged where there is none to be"],
)
def test_an_audit_is_judged_as_its_tool_asks(
    moderating: Moderating, written: dict[str, str], constraint: str
) -> None:
    moderating.at("2026-11-23T09:30:00Z")

    async def write(work: Work) -> str:
        audit_id, *_ = await complete_audit(work, moderating.new_ref(), actions=0, draft=True)
        audit = await work.session.get_one(Audit, audit_id)
        audit.completed_at, audit.completed_on = work.now, local_date(work.now)
        for name, value in written.items():
            setattr(audit, name, value)
        with pytest.raises(IntegrityError) as refused:
            await work.session.flush()
        original: Any = refused.value.orig
        raise _Refused(str(original.__cause__.constraint_name))

    with pytest.raises(_Refused, match=f"^{constraint}$"):
        moderating.service.work(write)


class _Refused(Exception):
    """Ends the transaction, with the name of the constraint."""
