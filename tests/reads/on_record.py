"""Something on record for every list that a person reads, of two teams."""

import pytest

from tests.api import Api, contract
from tests.audits.auditing import ACTION, FINDING, SUPERVISOR, domains, of_new_child
from tests.closures.sending import PROPOSED, Episode
from tests.responses.casework import Casework

OTHERS = {"team": "cwd", "worker": "sw1-cwd"}


@pytest.fixture
def on_record(casework: Casework) -> Api:
    """Something of several kinds, states and teams."""
    api, new_ref = casework.api, casework.new_ref
    for case in (of_new_child(api, new_ref), of_new_child(api, new_ref, **OTHERS)):
        auditor = SUPERVISOR if case.team != "cwd" else "ps-cwd"
        audit = case.filled(auditor)
        for part, body in (("urgent-findings", FINDING), ("actions", ACTION)):
            assert api.as_(auditor).create(f"{audit}/{part}", body).status_code == 201
        judged = {"judgement": "good" if auditor == SUPERVISOR else "outstanding"}
        judged |= {"rationale": "In time."}
        domain = min(domains("closure"))
        judging = api.as_(auditor).change("PUT", f"{audit}/judgements/{domain}", judged, on=audit)
        case.accept(judging)
        case.accept(api.as_(auditor).act(f"{audit}/complete", {"overall": judged}))
        case.plan()
    casework.deliver(casework.completed_audit())
    Episode(api, [new_ref()]).tell(PROPOSED)
    Episode(api, [new_ref()], **OTHERS).tell(PROPOSED)
    observed = contract()["components"]["schemas"]["ObservationIn"]["examples"][0]
    for worker, observer in (("sw1-lincoln-fast", SUPERVISOR), ("sw1-cwd", "ps-cwd")):
        body = {**observed, "worker": worker, "observer": observer}
        made = api.as_(observer).create("/v1/practice-observations", body)
        assert made.status_code == 201, made.text
    learned = contract()["components"]["schemas"]["HighlightIn"]["examples"][0]
    for quarter in ("2021-22 Q3", "2021-22 Q4"):
        said = learned | {"quarter": quarter}
        made = api.as_("tm-lincoln-fast").create("/v1/learning-highlights", said)
        assert made.status_code == 201, made.text
    handed = {"from_worker": "sw2-lincoln-fast", "to_workers": ["sw1-lincoln-fast"]}
    proposed = api.as_("tm-lincoln-fast").create("/v1/hand-overs", handed | {"because": "other"})
    assert proposed.status_code == 201, proposed.text
    return api
