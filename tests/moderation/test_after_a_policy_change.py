"""R4.5.3: what was drawn stays as it was drawn, whatever the policy says afterwards."""

from collections.abc import Callable, Iterator

import pytest
from pydantic import SecretStr

from qa_api.auth.development import DevelopmentIssuer
from qa_api.settings import Settings
from tests.api import Api, Json, serving
from tests.conftest import Clone
from tests.moderation.moderating import SAMPLES, Moderating, place
from tests.responses.casework import Service


@pytest.fixture
def own(
    clone_of_authority: Clone,
    authority: Settings,
    issuer: DevelopmentIssuer,
    new_ref: Callable[[], str],
    at: Callable[[str], None],
) -> Iterator[Moderating]:
    """An authority whose policy this test may change."""
    database = clone_of_authority()
    urls = {
        "database_url": SecretStr(database.database_url),
        "read_url": SecretStr(database.read_url),
    }
    settings = authority.model_copy(update=urls)
    with (
        Service.over(settings) as service,
        serving(settings) as server,
        Api(server, issuer) as api,
    ):
        yield Moderating(service, api, new_ref, at)


def decide(own: Moderating, effective_from: str, **values: object) -> None:
    """The administrator decides on the policy from a day on."""
    changes = [{"key": key, "value": value} for key, value in values.items()]
    body = {"effective_from": effective_from, "reason": "Decided.", "changes": changes}
    answer = own.api.as_("admin-1").create("/v1/policies", body)
    assert answer.status_code == 201, answer.text


def as_it_stands(own: Moderating, sample: Json) -> Json:
    """What a draw decided: whom it drew, in which order, sealed or not, and that it proves so."""
    shown = own.read(f"{SAMPLES}/{sample['id']}")
    proof = own.redrawn(sample)
    assert (proof["same_population"], proof["same_sample"]) == (True, True)
    return {
        "second_grade": shown["second_grade"],
        "policy_version": shown["policy_version"],
        "explanation": shown["explanation"],
        "pairs": [
            (item["audit_id"], item["sealed"], item["unsealed_because"]) for item in shown["items"]
        ],
        "drawn": proof["drawn"],
    }


@pytest.mark.long
def test_a_draw_stays_as_it_was_drawn_over_two_changes_of_the_policy(own: Moderating) -> None:
    own.audits(*(f"2026-09-{day:02}T10:00:00Z" for day in range(1, 13)))
    sealed = own.drawn("2026-09", now="2026-10-05T09:00:00Z")
    before = as_it_stands(own, sealed)
    assert (before["second_grade"], len(before["pairs"])) == ("sealed", 3)

    own.at("2026-10-06T09:00:00Z")
    new = {"moderation_second_grade": "open", "moderation_sample_percent": 100}
    decide(own, "2026-10-07", **new, moderation_strata=["judgement"])
    own.at("2026-10-08T09:00:00Z")
    assert as_it_stands(own, sealed) == before
    item, other, _ = sealed["items"]
    shown = own.read(place(sealed, item), item["moderator"])
    assert (shown["judgement_sealed"], shown["auditor_judgement"]) == (True, None)
    # Who is given it now is bound by the draw's policy as well: sealed, or refused.
    refused = own.assign(sealed, other, "slt-1", unsealed=False)
    assert refused.json()["code"] == "would-not-be-sealed"
    teams = sealed["moderating_teams"]
    second = next(
        f"{who}-{team}"
        for team in teams
        for who in ("ps", "dm", "tm")
        if f"{who}-{team}" not in {other["moderator"], other["auditor"]}
    )
    assert own.assign(sealed, other, second, unsealed=False).json()["sealed"] is True
    recorded = own.moderate(sealed, item)
    assert (recorded["sealed"], recorded["unsealed_because"]) == (True, None)
    changed = own.try_to_moderate(item["moderator"], sealed, item, judgement="good")
    assert changed.json()["code"] == "sealed-judgement-stands"

    # What is drawn under the new policy is open, and stays so when that is taken back.
    own.audits(*(f"2026-10-{day:02}T10:00:00Z" for day in range(9, 12)))
    opened = own.drawn("2026-10", now="2026-11-03T09:00:00Z")
    then = as_it_stands(own, opened)
    assert then["second_grade"] == "open"
    assert {why for _, _, why in then["pairs"]} == {"policy"}
    assert len(then["pairs"]) == 3
    decide(own, "2026-11-04", moderation_second_grade="sealed")
    own.at("2026-11-05T09:00:00Z")
    assert as_it_stands(own, opened) == then
    first, *_ = opened["items"]
    assert own.read(place(opened, first), first["moderator"])["auditor_judgement"] == "good"
    # Nobody is refused for what would not have been sealed anyway.
    given = own.assign(opened, first, "slt-1", unsealed=False).json()
    assert (given["sealed"], given["unsealed_because"]) == (False, "policy")
