"""A reason that needs no closure audit is one of the closing itself, by the policy of its day (C3).

In an authority of its own: its policy changes.
"""

from collections.abc import Callable, Iterator

import pytest

from qa_api.auth.development import DevelopmentIssuer
from tests.api import Api, Json, give_right, serving
from tests.closures.sending import CLOSED, PROPOSED, Episode, at_hour
from tests.conftest import Clone, settings_for

EXEMPT, OTHER = "RC5", "RC2"


@pytest.fixture(scope="module")
def exempting(clone_of_authority: Clone, issuer: DevelopmentIssuer) -> Iterator[Api]:
    settings = settings_for(clone_of_authority(), issuer)
    with serving(settings) as server, Api(server, issuer) as client:
        yield client


@pytest.fixture
def api(exempting: Api, at: Callable[[str], None]) -> Api:
    at("2026-11-23T09:30:00Z")
    return exempting


def decide(api: Api, effective_from: str, *reasons: str) -> None:
    changes = [{"key": "closure_exempt_reasons", "value": list(reasons)}]
    give_right(api, policy={"effective_from": effective_from, "changes": changes})


def why(reason: str) -> Json:
    return {"closure": {"reason_code": reason}}


@pytest.mark.long
def test_the_reason_of_the_closing_decides_in_either_order(
    api: Api, new_ref: Callable[[], str]
) -> None:
    decide(api, "2026-11-23", EXEMPT)
    for proposed_for, closed_for, state in (
        (EXEMPT, OTHER, "closed_without_audit"),
        (OTHER, EXEMPT, "closed"),
    ):
        assert ends(api, new_ref, proposed_for, closed_for) == {(state, state == "closed")}


def ends(
    api: Api, new_ref: Callable[[], str], proposed_for: str, closed_for: str
) -> set[tuple[str, bool]]:
    """How a case that is proposed for one reason and closed for another ends, in either order."""
    found = []
    for order in ((0, 1), (1, 0)):
        episode = Episode(api, [new_ref()])
        events = [
            episode.event(PROPOSED, 1, occurred_at=at_hour(8), **why(proposed_for)),
            episode.event(CLOSED, 2, occurred_at=at_hour(9), **why(closed_for)),
        ]
        for number in order:
            episode.send(events[number])
        answer = episode.answer()
        raised = api.as_("qs-1").get(f"/v1/escalations?gate={answer['id']}").json()["items"]
        assert raised or closed_for == EXEMPT
        found.append((answer["state"], answer["may_close"]))
    return set(found)


@pytest.mark.long
def test_a_reason_is_exempt_however_policy_and_case_system_spell_it(
    api: Api, new_ref: Callable[[], str], at: Callable[[str], None]
) -> None:
    """The service decides it, and the database holds it to that."""
    at("2026-11-24T09:30:00Z")
    decide(api, "2026-11-24", EXEMPT, EXEMPT.lower(), "Übergabe")
    for reason, state, closed in (
        (" rc5 ", "exempt", "closed"),
        ("ÜBERGABE", "exempt", "closed"),
        ("rc55", "awaiting_audit", "closed_without_audit"),
    ):
        episode = Episode(api, [new_ref()])
        episode.tell(PROPOSED, 1, occurred_at="2026-11-24T08:00:00Z", **why(reason))
        answer = episode.answer()
        assert (answer["state"], answer["may_close"]) == (state, state == "exempt")
        episode.tell(CLOSED, 2, occurred_at="2026-11-24T09:00:00Z", **why(reason))
        assert episode.answer()["state"] == closed


def test_a_closing_stamped_ahead_is_judged_by_the_policy_of_the_day_it_was_heard_of(
    api: Api, new_ref: Callable[[], str], at: Callable[[str], None]
) -> None:
    at("2026-11-25T09:30:00Z")
    episode = Episode(api, [new_ref()])
    decide(api, "2026-11-25")
    decide(api, "2026-11-26", EXEMPT)
    episode.tell(CLOSED, 2, occurred_at="2099-01-01T00:00:00Z", **why(EXEMPT))
    owed = episode.answer()
    assert owed["state"] == "closed_without_audit"
    at("2026-11-26T09:30:00Z")
    episode.tell(PROPOSED, 1, occurred_at=at_hour(5))
    again = episode.answer()
    assert (again["state"], again["audit_id"]) == ("closed_without_audit", owed["audit_id"])
    audit = api.as_("qs-1").get(f"/v1/audits/{owed['audit_id']}").json()
    assert audit["state"] == "planned"


def test_what_an_exempt_closing_raised_before_its_reason_was_told_is_over(
    api: Api, new_ref: Callable[[], str], at: Callable[[str], None]
) -> None:
    at("2026-11-26T09:30:00Z")
    decide(api, "2026-11-26", EXEMPT)
    episode = Episode(api, [new_ref()])
    closing = episode.event(CLOSED, 3, occurred_at="2026-11-26T09:00:00Z")
    reason, other = (
        episode.event(PROPOSED, version, occurred_at=f"2026-11-26T0{version}:00:00Z", **why(code))
        for version, code in ((1, EXEMPT), (2, OTHER))
    )

    def raised() -> list[str]:
        path = f"/v1/escalations?gate={episode.answer()['id']}"
        return sorted(each["state"] for each in api.as_("qs-1").get(path).json()["items"])

    episode.send(closing)
    assert (episode.answer()["state"], raised()) == ("closed_without_audit", ["raised"])
    episode.send(reason)
    assert (episode.answer()["state"], raised()) == ("closed", ["resolved"])
    # The other reason came last of the two: the closing was one without an audit after all.
    episode.send(other)
    assert episode.answer()["state"] == "closed_without_audit"
    assert raised() == ["raised", "resolved"]
