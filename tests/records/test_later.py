"""What came after an audit: its earlier words, and what moderation made of it (R4.1.5, R4.5.3)."""

import json
from collections.abc import Callable
from dataclasses import replace

import pytest

from tests.api import Api, Json
from tests.audits.auditing import SUPERVISOR, Auditing
from tests.conftest import Database, execute
from tests.moderation.moderating import OUTCOME, SAMPLES, Moderating
from tests.moderation.months import Months
from tests.planning.quarters import accept
from tests.records.test_page import page
from tests.records.test_record import the_record
from tests.responses.casework import Service, service

__all__ = ["service"]

EVIDENCE, EARLIER = "Case note 12", "The plan was late."


@pytest.fixture
def amended(case: Auditing) -> str:
    """The path of a completed audit that was amended twice."""
    path = case.filled()
    auditor = case.api.as_(SUPERVISOR)
    accept(auditor.act(f"{path}/complete", {"overall": {"judgement": "good", "rationale": "?!"}}))
    question = case.read(path)["answers"][0]["question_key"]
    answer = {"question_key": question, "value": "no", "evidence": "Case note 99"}
    for body in (
        {"positive_feedback": EARLIER, "answers": [answer]},
        {"overall": {"judgement": "requires_improvement", "rationale": "Seen again."}},
        {"positive_feedback": "The plan was in time."},
    ):
        accept(auditor.act(f"{path}/amend", {"reason": "Read again."} | body))
    return path


def test_each_amendment_says_what_was_said_before_and_only_that(
    case: Auditing, amended: str
) -> None:
    (audit,) = the_record(case)["audits"]
    first, second, third = audit["revisions"]
    changed = {one["key"]: one for one in first["earlier"]}
    answered = next(key for key in changed if key.startswith("answer_"))
    assert set(changed) == {"positive_feedback", answered}
    assert changed["positive_feedback"]["text"] == "Warm and purposeful direct work."
    assert (changed[answered]["value"], changed[answered]["evidence"]) == ("yes", EVIDENCE)
    asked = {f"answer_{one['question_key']}": one["question"] for one in audit["answers"]}
    assert changed[answered]["about"] == asked[answered]
    (overall,) = second["earlier"]
    assert (overall["key"], overall["label"], overall["rationale"]) == ("overall", "Good", "?!")
    assert [one["text"] for one in third["earlier"]] == [EARLIER]
    assert audit["positive_feedback"] == "The plan was in time."


def test_earlier_words_are_read_where_they_were_kept_before_a_field_was_added(
    case: Auditing, amended: str, database: Database
) -> None:
    audit_id = amended.rpartition("/")[2]
    execute(
        database.migrate_url,
        "SET qa.reach = 'service';"
        "UPDATE audit_revisions r SET content = jsonb_set(r.content, '{answers}',"
        " (SELECT jsonb_object_agg(key, value - 'expected_by')"
        " FROM jsonb_each(r.content -> 'answers')))"
        f" WHERE audit_id = '{audit_id}'",
    )
    (audit,) = the_record(case)["audits"]
    first = audit["revisions"][0]["earlier"]
    (answer,) = (one for one in first if one["key"].startswith("answer_"))
    assert (answer["expected_by"], answer["evidence"]) == (None, EVIDENCE)


def test_earlier_words_are_for_whom_the_words_of_today_are_for(
    case: Auditing, amended: str
) -> None:
    theirs = the_record(case, audience="subject")["audits"][0]["revisions"]
    assert theirs[2]["earlier"][0]["text"] == EARLIER
    assert EVIDENCE not in json.dumps(theirs)
    for audience in ("subject", "professional"):
        shown = page(case, audience=audience).text
        assert "Before that it said:" in shown
        assert EARLIER in shown
        assert (EVIDENCE in shown) == (audience == "professional")


@pytest.fixture
def moderating(
    service: Service,
    api: Api,
    new_ref: Callable[[], str],
    at: Callable[[str], None],
    months: Months,
) -> Moderating:
    """Moderation of a month that no other test has audits in."""
    return Moderating(service, api, new_ref, at, replace(months, by=__name__))


@pytest.fixture(scope="session")
def moderated() -> dict[str, Json]:
    """What the tests below share: one group's month is drawn once."""
    return {}


@pytest.fixture
def case_of(moderating: Moderating, moderated: dict[str, Json]) -> Auditing:
    """A child whose audit was drawn, and whose moderator set a learning action."""
    if not moderated:
        audit_id = moderating.audit("2012-11-11T10:00:00Z")
        sample = moderating.drawn("2012-11", "a", "2012-12-03T09:00:00Z")
        (item,) = sample["items"]
        if item["moderator"] is None:
            moderating.assign(sample, item, "slt-1")
            item["moderator"] = "slt-1"
        moderating.moderate(sample, item, judgement="requires_improvement")
        path = f"{SAMPLES}/{sample['id']}/outcomes/{audit_id}/learning-actions"
        action = {"description": "Ask the child.", "owner": "ps-lincoln-fast"}
        setting = moderating.api.as_(item["moderator"])
        accept(setting.create(path, action | {"due_on": "2012-12-19"}))
        subject = moderating.read(f"/v1/audits/{audit_id}")["subject"]
        moderated |= {"sample": sample, "subject": subject, "item": item}
    return Auditing(moderating.api, moderated["subject"]["ref"], "boston-fast")


def test_an_outcome_is_in_the_record_once_its_sample_is_closed(
    case_of: Auditing, moderating: Moderating, moderated: dict[str, Json]
) -> None:
    assert the_record(case_of)["audits"][0]["moderations"] == []
    moderating.close(moderated["sample"])
    for person in ("qs-1", "tm-boston-fast", "hos-fast"):
        (audit,) = the_record(case_of, person)["audits"]
        (found,) = audit["moderations"]
        labels = (found["auditor_label"], found["moderated_label"])
        assert labels == ("Good", "Requires improvement")
        assert found["quality"] == OUTCOME["quality"]
        assert audit["overall_judgement"] == "good"
        (learning,) = found["learning_actions"]
        assert (learning["description"], learning["owner"]) == ("Ask the child.", "ps-lincoln-fast")


def test_the_child_reads_what_was_found_and_not_how_the_auditor_did(case_of: Auditing) -> None:
    (found,) = the_record(case_of, audience="subject")["audits"][0]["moderations"]
    assert found["moderated_rationale"] == OUTCOME["rationale"]
    assert found["contribution_to_impact"] == OUTCOME["contribution_to_impact"]
    assert found["quality"] is found["feedback_to_auditor"] is found["moderated_by"] is None
    assert found["learning_actions"][0]["owner"] is None
    for audience in ("subject", "professional"):
        shown = page(case_of, audience=audience).text
        assert "What somebody else made of it" in shown
        assert "They found: requires improvement." in shown
        assert "Ask the child." in shown
        assert (OUTCOME["quality"] in shown) == (audience == "professional")
