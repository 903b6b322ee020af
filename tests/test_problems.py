"""The catalogue is the contract's list, and a problem cannot carry input."""

import pytest

from qa_api import problems
from qa_api.problems import InputError, Problem
from qa_api.problems.catalogue import CATALOGUE, PHRASES

CONTRACT = {
    400: {"malformed-request", "invalid-cursor", "idempotency-key-required"},
    401: {"unauthenticated"},
    403: {"forbidden", "purpose-required"},
    404: {"not-found"},
    405: {"method-not-allowed"},
    406: {"not-acceptable"},
    408: {"request-timeout"},
    409: {"state-conflict"},
    412: {"precondition-failed"},
    413: {"content-too-large"},
    414: {"uri-too-long"},
    415: {"unsupported-media-type"},
    422: {"validation", "business-rule", "idempotency-key-reused"},
    428: {"precondition-required"},
    429: {"quota-exceeded"},
    431: {"header-fields-too-large"},
    500: {"internal-error"},
    503: {"unavailable"},
}

EVERY_REFUSAL = [
    problems.malformed_request("The body is not JSON."),
    problems.invalid_cursor(),
    problems.invalid_changes_token(),
    problems.idempotency_key_required(),
    problems.idempotency_key_reused(),
    problems.unauthenticated(),
    problems.forbidden(),
    problems.purpose_required(["complaint"]),
    problems.not_found(),
    problems.method_not_allowed({"GET", "HEAD"}),
    problems.not_acceptable(["application/json"]),
    problems.request_timeout(),
    problems.head_timeout(10),
    problems.uri_too_long(),
    problems.header_fields_too_large(16_384),
    problems.too_many_headers(100),
    problems.state_conflict("completed", ["amend"], "This audit is completed."),
    problems.precondition_failed('"3.00"'),
    problems.content_too_large(1024),
    problems.unsupported_media_type(["application/json"]),
    problems.validation([InputError.at(["due_on"], "date", "Not a date.")]),
    problems.business_rule("§4.2", "An action is missing."),
    problems.precondition_required(),
    problems.quota_exceeded(3),
    problems.internal_error(),
    problems.unavailable(),
]


def test_the_catalogue_is_the_list_of_the_contract() -> None:
    listed: dict[int, set[str]] = {}
    for slug, kind in CATALOGUE.items():
        assert kind.slug == slug
        listed.setdefault(kind.status, set()).add(slug)
    assert listed == CONTRACT


def test_every_problem_type_has_its_refusal() -> None:
    assert {problem.kind.slug for problem in EVERY_REFUSAL} == set(CATALOGUE)


def test_every_kind_says_what_it_means_and_what_to_do() -> None:
    for kind in CATALOGUE.values():
        assert kind.meaning.endswith(".")
        assert kind.remedy.endswith(".")
        assert kind.title
        assert not kind.title.endswith(".")


def test_headers_that_belong_to_a_status_are_there() -> None:
    assert problems.unauthenticated().headers["WWW-Authenticate"] == 'Bearer realm="qa-api"'
    assert problems.method_not_allowed({"POST", "GET"}).headers["Allow"] == "GET, POST"
    assert problems.precondition_failed('"3.00"').headers["ETag"] == '"3.00"'
    assert problems.precondition_failed(None).headers == {}
    assert problems.unavailable(7).headers["Retry-After"] == "7"
    assert problems.quota_exceeded(9).headers["Retry-After"] == "9"


def test_a_state_conflict_names_the_state_and_what_it_allows() -> None:
    conflict = problems.state_conflict("completed", ["amend", "add_note"], "This is completed.")
    assert conflict.members == {"state": "completed", "allowed_actions": ["add_note", "amend"]}
    assert conflict.detail == "This is completed."


def test_a_pointer_is_escaped_as_rfc_6901_says() -> None:
    assert InputError.at(["a/b", "m~n", 0], "x", "y").pointer == "/a~1b/m~0n/0"
    assert InputError.at([], "x", "y").pointer == ""


def test_an_error_is_either_in_the_body_or_in_a_parameter() -> None:
    with pytest.raises(ValueError, match="either"):
        InputError(detail="x", code="y")
    with pytest.raises(ValueError, match="either"):
        InputError(detail="x", code="y", pointer="", parameter="limit")


def test_status_phrases_are_the_same_on_every_python() -> None:
    assert PHRASES[422] == "Unprocessable Content"
    assert PHRASES[413] == "Content Too Large"


def test_a_slug_that_is_not_in_the_catalogue_cannot_be_raised() -> None:
    with pytest.raises(KeyError):
        Problem("teapot", "No.")
