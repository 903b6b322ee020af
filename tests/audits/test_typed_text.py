"""Section 6: what people type on Windows, on paper-like forms and by mistake."""

import pytest

from tests.api import Json
from tests.audits.auditing import ACTION, FINDING, SUPERVISOR, Auditing, questions

TYPED, KEPT = (
    "First line.\r\nSecond\rthird: cafe\u0301\tend",
    "First line.\nSecond\nthird: café\tend",
)
FIRST = {"if-none-match": "*"}


@pytest.fixture
def text_question() -> str:
    return next(one.key for one in questions("closure") if one.answer_kind.value == "text")


def test_windows_line_ends_are_taken_wherever_an_auditor_writes(
    case: Auditing, text_question: str
) -> None:
    path = case.started()
    auditor = case.api.as_(SUPERVISOR)
    given = {"value": TYPED, "evidence": TYPED, "rationale": TYPED, "comment": TYPED}
    saved = auditor.request("PUT", f"{path}/answers/{text_question}", json=given, headers=FIRST)
    assert saved.status_code == 200, saved.text
    assert {saved.json()[name] for name in given} == {KEPT}
    praised = auditor.change("PATCH", path, {"positive_feedback": TYPED})
    assert praised.json()["positive_feedback"] == KEPT
    raised = auditor.create(f"{path}/urgent-findings", FINDING | {"description": TYPED})
    assert raised.status_code == 201, raised.text
    assert raised.json()["description"] == KEPT
    added = auditor.create(f"{path}/actions", ACTION | {"description": TYPED})
    assert added.json()["description"] == KEPT


@pytest.mark.parametrize(
    ("typed", "code", "words"),
    [
        ("yes\x1b[2J", "text", "ESCAPE (U+001B)"),
        ("\u200b\u200b", "blank", "blank"),
        ("   ", "blank", "blank"),
    ],
)
def test_the_value_of_an_answer_is_a_text_like_any_other(
    case: Auditing, text_question: str, typed: str, code: str, words: str
) -> None:
    path = f"{case.started()}/answers/{text_question}"
    refused = case.api.as_(SUPERVISOR).request("PUT", path, json={"value": typed}, headers=FIRST)
    assert refused.status_code == 422
    (error,) = refused.json()["errors"]
    assert (error["pointer"], error["code"]) == ("/value", code)
    assert words in error["detail"]


def test_a_refused_text_is_never_repeated(case: Auditing) -> None:
    body: Json = FINDING | {"description": "Secret\x07words"}
    refused = case.api.as_(SUPERVISOR).create(f"{case.started()}/urgent-findings", body)
    assert refused.status_code == 422
    assert "ALERT (U+0007)" in refused.text
    assert "Secret" not in refused.text
