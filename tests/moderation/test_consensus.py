"""Domains are moderated like the whole, and two who judged sealed may agree on a third (R4.5.3)."""

from typing import Any

import pytest

from tests.api import Json
from tests.moderation.moderating import OUTCOME, Moderating, place

AGREED = {"judgement": "requires_improvement", "rationale": "The late visits weigh more."}


@pytest.fixture
def judged(moderating: Moderating, request: pytest.FixtureRequest) -> tuple[Json, Json, list[str]]:
    """A sealed pair to come: the sample, the item, the keys of the judged domains."""
    (number,) = (_PERIODS[each] for each in _PERIODS if f"test_{each}" in request.node.name)
    (audit_id,) = moderating.audits(f"{number}-03T10:00:00Z", domains=True)
    year, month = number.split("-")
    sample = moderating.drawn(number, now=f"{year}-{int(month) + 1:02}-03T09:00:00Z")
    (item,) = sample["items"]
    shown = moderating.read(place(sample, item))
    keys = [domain["domain_key"] for domain in shown["domains"]]
    assert audit_id == item["audit_id"]
    assert len(keys) >= 2
    return sample, item, keys


_PERIODS = {
    "each_judged_domain": "2012-03",
    "a_domain_that_was_not_judged": "2012-07",
    "the_two_agree": "2012-09",
    "of_a_domain_that_the_moderator_left_out": "2012-10",
    "a_consensus_waits": "2014-02",
    "of_a_pair_that_was_not_sealed": "2015-07",
}
"""A month of its own for each test, whichever process runs it."""


def of(key: str, judgement: str = "inadequate") -> Json:
    return {"domain_key": key, "judgement": judgement, "rationale": "Seen on the file."}


def test_each_judged_domain_is_sealed_moderated_and_revealed(
    moderating: Moderating, judged: tuple[Json, Json, list[str]]
) -> None:
    sample, item, (first, second, *_) = judged
    before = moderating.read(place(sample, item), item["moderator"])
    assert {domain["auditor_judgement"] for domain in before["domains"]} == {None}
    assert {domain["auditor_rationale"] for domain in before["domains"]} == {None}
    after = moderating.moderate(sample, item, domains=[of(first)])
    by_key = {domain["domain_key"]: domain for domain in after["domains"]}
    assert by_key[first]["auditor_judgement"] == "good"
    assert by_key[first]["moderated_judgement"] == "inadequate"
    assert by_key[second]["moderated_judgement"] is None
    # What was left out before the auditor's was seen is left out for good.
    refused = moderating.try_to_moderate(
        item["moderator"], sample, item, domains=[of(first), of(second)]
    )
    assert refused.json()["code"] == "sealed-judgement-stands"
    assert moderating.moderate(sample, item, domains=[of(first)])["quality"] == OUTCOME["quality"]


def test_a_domain_that_was_not_judged_or_is_named_twice_is_refused_and_nothing_is_recorded(
    moderating: Moderating, judged: tuple[Json, Json, list[str]]
) -> None:
    sample, item, (first, *_) = judged
    wrong: dict[str, list[Json]] = {
        "/domains/0/domain_key": [of("no_such_domain")],
        "/domains/1/domain_key": [of(first), of(first, "good")],
        "/domains/0/judgement": [of(first, "ten")],
    }
    for pointer, domains in wrong.items():
        refused = moderating.try_to_moderate(item["moderator"], sample, item, domains=domains)
        assert refused.status_code == 422
        assert pointer in {error["pointer"] for error in refused.json()["errors"]}
    assert moderating.read(place(sample, item))["moderated_at"] is None


def test_the_two_agree_on_a_third_value_and_neither_judgement_changes(
    moderating: Moderating, judged: tuple[Json, Json, list[str]]
) -> None:
    sample, item, (first, *_) = judged
    path = f"{place(sample, item)}/consensus"
    moderator, auditor = (moderating.api.as_(item[who]) for who in ("moderator", "auditor"))

    def propose(who: Any, **changes: Any) -> Any:
        return who.change("PUT", path, AGREED | changes, on=place(sample, item))

    def agree(who: Any) -> Any:
        return who.act(f"{place(sample, item)}/agree")

    assert propose(moderator).json()["code"] == "not-moderated-yet"
    moderating.moderate(sample, item, judgement="inadequate", domains=[of(first)])
    assert agree(auditor).json()["code"] == "no-consensus-proposed"
    assert propose(moderating.api.as_("qs-1")).status_code == 403
    proposed = propose(moderator, domains=[of(first, "requires_improvement")])
    assert proposed.status_code == 200, proposed.text
    assert proposed.json()["consensus_agreed_at"] is None
    assert agree(moderator).json()["code"] == "own-proposal"
    agreed = agree(auditor)
    assert agreed.status_code == 200, agreed.text
    shown = agreed.json()
    assert shown["consensus_judgement"] == "requires_improvement"
    assert shown["consensus_proposed_by"] == item["moderator"]
    assert shown["consensus_agreed_by"] == item["auditor"]
    assert (shown["auditor_judgement"], shown["moderated_judgement"]) == ("good", "inadequate")
    (domain,) = (one for one in shown["domains"] if one["domain_key"] == first)
    assert [domain[f"{whose}_judgement"] for whose in ("auditor", "moderated", "consensus")] == [
        "good",
        "inadequate",
        "requires_improvement",
    ]
    assert propose(auditor).json()["code"] == "consensus-stands"
    (row,) = moderating.read(f"/v1/moderation-samples/{sample['id']}/outcomes")["items"]
    assert row["consensus_judgement"] == "requires_improvement"
    assert moderating.read(f"/v1/audits/{item['audit_id']}")["overall_judgement"] == "good"


def test_of_a_domain_that_the_moderator_left_out_there_is_no_consensus(
    moderating: Moderating, judged: tuple[Json, Json, list[str]]
) -> None:
    sample, item, (first, second, *_) = judged
    path = place(sample, item)
    moderating.moderate(sample, item, judgement="inadequate", domains=[of(first)])
    moderator = moderating.api.as_(item["moderator"])
    both = AGREED | {"domains": [of(first), of(second)]}
    refused = moderator.change("PUT", f"{path}/consensus", both, on=path)
    assert refused.status_code == 422
    (error,) = refused.json()["errors"]
    assert (error["pointer"], error["code"]) == ("/domains/1/domain_key", "not-moderated")
    assert moderating.read(path)["consensus_proposed_at"] is None


@pytest.mark.long
def test_a_consensus_waits_for_the_other_of_the_two_until_they_agree(
    moderating: Moderating, judged: tuple[Json, Json, list[str]]
) -> None:
    sample, item, _ = judged
    path = place(sample, item)
    two = [item["moderator"], item["auditor"]]

    def waits_for() -> list[str]:
        return [
            person
            for person in (*two, "qs-1")
            for entry in moderating.read("/v1/me/work?kind=agree&limit=500", person)["items"]
            if entry["about"] == item["audit_id"]
        ]

    moderating.moderate(sample, item)
    assert waits_for() == []
    proposers = [moderating.api.as_(person) for person in two]
    assert proposers[0].change("PUT", f"{path}/consensus", AGREED, on=path).status_code == 200
    assert waits_for() == [item["auditor"]]
    waiting = moderating.read("/v1/me/work?kind=agree&limit=500", item["auditor"])["items"]
    (entry,) = (one for one in waiting if one["about"] == item["audit_id"])
    assert (entry["path"], entry["due_on"]) == (path, None)
    # The other proposes something else: now it waits for the first.
    other = AGREED | {"judgement": "good"}
    assert proposers[1].change("PUT", f"{path}/consensus", other, on=path).status_code == 200
    assert waits_for() == [item["moderator"]]
    assert proposers[0].act(f"{path}/agree").status_code == 200
    assert waits_for() == []


def test_of_a_pair_that_was_not_sealed_there_is_no_consensus(
    moderating: Moderating, judged: tuple[Json, Json, list[str]]
) -> None:
    sample, item, _ = judged
    assert moderating.assign(sample, item, "slt-1").json()["sealed"] is False
    assert moderating.try_to_moderate("slt-1", sample, item).status_code == 200
    refused = moderating.api.as_("slt-1").change(
        "PUT", f"{place(sample, item)}/consensus", AGREED, on=place(sample, item)
    )
    assert refused.json()["code"] == "not-sealed"
