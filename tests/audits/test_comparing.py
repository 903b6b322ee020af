"""A later audit that looks at an earlier one again shows before and after (R4.1.9)."""

import pytest

from tests.audits.auditing import SUPERVISOR, Auditing
from tests.audits.test_in_error import recorded_in_error


@pytest.mark.long
def test_a_re_audit_shows_before_and_after_per_question(case: Auditing) -> None:
    earlier = case.completed()
    first = case.read(earlier)
    later = case.started(re_audit_of=first["id"])
    key = first["answers"][0]["question_key"]
    saved = case.api.as_(SUPERVISOR).change(
        "PUT", f"{later}/answers/{key}", {"value": "no", "evidence": "Case note 51"}
    )
    assert saved.status_code == 200, saved.text
    compared = case.accept(case.api.as_(SUPERVISOR).get(f"{later}/comparison"))
    assert compared["earlier"] == first["id"]
    assert (compared["same_scale"], compared["not_compared_because"]) == (True, None)
    assert compared["overall_before"] == first["overall_judgement"]
    assert compared["overall_after"] is None
    lines = {line["question_key"]: line for line in compared["answers"]}
    assert lines[key] == {"question_key": key, "before": "yes", "after": "no"}
    others = [line for name, line in lines.items() if name != key]
    assert others
    assert all(line["after"] is None for line in others)


def test_an_audit_that_looks_at_none_again_has_no_comparison(case: Auditing) -> None:
    path = case.completed()
    assert case.api.as_("qs-1").get(f"{path}/comparison").status_code == 404


def test_who_may_not_read_the_draft_may_not_compare_it(case: Auditing) -> None:
    first = case.read(case.completed())
    later = case.started(re_audit_of=first["id"])
    assert case.api.as_("tm-lincoln-fast").get(f"{later}/comparison").status_code == 404


def test_an_earlier_audit_recorded_in_error_is_not_compared_and_it_is_said_why(
    case: Auditing,
) -> None:
    earlier = case.completed()
    later = case.started(re_audit_of=case.read(earlier)["id"])
    recorded_in_error(case, earlier)
    for person in (SUPERVISOR, "qs-1"):
        compared = case.accept(case.api.as_(person).get(f"{later}/comparison"))
        assert "recorded in error" in compared["not_compared_because"]
        assert (compared["earlier_completed_on"], compared["overall_before"]) == (None, None)
        assert (compared["actions_verified"], compared["same_scale"]) == (0, False)
        lines = compared["answers"] + compared["judgements"]
        assert all(line["before"] is None for line in lines)
    assert case.api.as_("tm-boston-fast").get(f"{later}/comparison").status_code == 404
