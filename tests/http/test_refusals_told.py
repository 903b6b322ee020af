"""Who was refused what is in the log, by the route's template: no address as it was sent."""

import logging

import pytest

from tests.api import Api
from tests.test_main import until

REF = "C-told-of-a-refusal"
RECORD = f"/v1/subjects/mosaic/{REF}/record"


def told(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [line for line in caplog.messages if line.startswith("refused with")]


def told_of(caplog: pytest.LogCaptureFixture, times: int) -> list[str]:
    """The lines, once they are written: an answer leaves before its line is."""
    until(lambda: len(told(caplog)) >= times)
    return told(caplog)


def test_a_permission_that_was_missing_is_told_with_its_caller(
    api: Api, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "qa_api.http.gate")
    reader = api.as_("case-system-mosaic")
    answers = [reader.get(RECORD), reader.create("/v1/rights-changes", {"reason": "Mine."})]
    assert [answer.status_code for answer in answers] == [403, 403]
    places = ["GET /v1/subjects/{system}/{ref}/record", "POST /v1/rights-changes"]
    assert told_of(caplog, 2) == [
        f"refused with 403: {place}, caller case-system-mosaic,"
        f" correlation id {answer.headers['x-correlation-id']}"
        for place, answer in zip(places, answers, strict=True)
    ]


def test_a_token_that_is_not_good_is_told_and_nothing_of_it(
    api: Api, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "qa_api.http.gate")
    answer = api.http.get(RECORD, headers={"authorization": f"Bearer {REF}.{REF}.{REF}"})
    assert answer.status_code == 401
    (line,) = told_of(caplog, 1)
    assert line.startswith("refused with 401: GET /v1/subjects/{system}/{ref}/record, caller -,")
    assert REF not in caplog.text


def test_what_is_answered_otherwise_is_not_told(api: Api, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "qa_api.http.gate")
    assert api.get("/v1/me").status_code == 200
    assert api.get(RECORD).status_code == 404
    assert api.as_("case-system-mosaic").get(RECORD).status_code == 403
    assert len(told_of(caplog, 1)) == 1
