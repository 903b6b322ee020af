"""What closed before the authority uses the service is kept as history (§3, C3).

In an authority of its own: its policy says from which day closings are looked after.
"""

from collections.abc import Callable
from itertools import permutations
from typing import Any

import pytest
from hypothesis import given

from tests.api import Api, Json, give_right
from tests.closures.orders import MERGED, Story, child, event, prepare, stories
from tests.closures.sending import CANCELLED, CLOSED, PROPOSED, REOPENED, Episode
from tests.closures.test_order import in_order
from tests.conftest import Database
from tests.drill import share, stories_by_seed
from tests.kept import KEPT

EXAMPLES = share(6) or 1_000
IN_USE_FROM = "2026-11-21"
BEFORE, LAST, FIRST, AFTER = (
    "2026-11-19T12:00:00Z",
    "2026-11-20T23:59:59Z",
    "2026-11-21T00:00:00Z",
    "2026-11-23T08:00:00Z",
)
NOW = "2026-11-23T09:30:00Z"
_TOLD = """
SELECT (SELECT count(*) FROM audits) AS audits, (SELECT count(*) FROM escalations) AS escalations,
    (SELECT count(*) FROM alerts) AS alerts, (SELECT count(*) FROM notifications) AS notifications,
    (SELECT count(*) FROM deliveries) AS deliveries,
    (SELECT count(*) FROM events WHERE type LIKE 'closure_gate.%') AS changes,
    (SELECT count(*) FROM rollup_deltas WHERE series LIKE 'closure-gates/%') AS figures
"""


@pytest.fixture
def api(own_authority: Api, made_ready: list[Api], at: Callable[[str], None]) -> Api:
    at(NOW)
    if not made_ready:
        prepare(own_authority)
        changes = [{"key": "in_use_from", "value": IN_USE_FROM}]
        give_right(own_authority, policy={"effective_from": NOW[:10], "changes": changes})
        wanted = {
            "url": "http://127.0.0.1:9/hooks",
            "system": "mosaic",
            "event_types": ["closure_gate.opened", "closure_gate.changed"],
        }
        answer = own_authority.as_("admin-1").create("/v1/webhook-endpoints", wanted)
        assert answer.status_code == 201, answer.text
        made_ready.append(own_authority)
    return own_authority


@pytest.fixture
def episode(api: Api, new_ref: Callable[[], str]) -> Episode:
    return Episode(api, [new_ref()])


@pytest.fixture
def told(own_database: Database) -> Callable[[], Json]:
    """How much there is of everything that asks something of somebody."""

    def ask() -> Json:
        row = KEPT.ask(own_database.migrate_url, lambda kept: kept.fetchrow(_TOLD))
        return dict(row or {})

    return ask


def whole_life(episode: Episode, *times: str) -> list[Json]:
    types = (PROPOSED, CANCELLED, PROPOSED, CLOSED, REOPENED)
    return [
        episode.event(type_, version, occurred_at=at)
        for version, (type_, at) in enumerate(zip(types, times, strict=True), start=1)
    ]


@pytest.mark.long
def test_what_closed_before_asks_nothing_of_anybody_in_any_order(
    api: Api, new_ref: Callable[[], str], told: Callable[[], Json]
) -> None:
    before = told()
    ends = set()
    for order in list(permutations(range(5)))[::17]:
        episode = Episode(api, [new_ref()])
        events = whole_life(episode, BEFORE, BEFORE, BEFORE, LAST, LAST)
        for number in order:
            assert episode.send(events[number])["outcome"] in {"applied", "no_change"}
        (gate,) = episode.gates()
        ends.add((gate["state"], gate["may_close"], gate["current"], gate["cycle"]))
    assert ends == {("closed", False, False, 1)}
    assert told() == before


def test_a_closing_from_before_is_shown_closed_and_why(episode: Episode) -> None:
    assert episode.tell(CLOSED, occurred_at=LAST) == "applied"
    answer = episode.answer()
    assert (answer["state"], answer["may_close"], answer["waits_for"]) == ("closed", True, [])
    facts = answer["explanation"]["facts"]
    assert (facts["exempt_because"], facts["in_use_from"]) == ("before_in_use", IN_USE_FROM)
    (gate,) = episode.gates()
    assert (answer["audit_id"], gate["closed_at"][:19]) == (None, LAST[:19])


def test_the_gate_names_the_version_of_the_policy_that_has_the_key(
    api: Api, episode: Episode
) -> None:
    """Today's policy says from which day on, and not the one of the day of the closing."""
    versions = [policy["version"] for policy in api.as_("qs-1").get("/v1/policies").json()["items"]]
    assert len(versions) > 1
    episode.tell(CLOSED, occurred_at=LAST)
    (gate,) = episode.gates()
    named = api.as_("qs-1").get(f"/v1/closure-gates/{gate['id']}").json()
    assert named["policy_version"] == named["explanation"]["policy_version"] == max(versions)


def test_from_the_day_itself_on_all_is_as_ever(episode: Episode, told: Callable[[], Json]) -> None:
    before = told()
    assert episode.tell(CLOSED, occurred_at=FIRST) == "closed_without_audit"
    after = told()
    assert {name for name in before if after[name] == before[name]} <= {"notifications", "alerts"}
    assert episode.answer()["audit_id"] is not None


def test_a_proposal_from_before_opens_no_gate_and_the_case_is_proposed_again(
    episode: Episode, told: Callable[[], Json]
) -> None:
    before = told()
    assert episode.tell(PROPOSED, 1, occurred_at=LAST) == "no_change"
    assert (episode.answer()["state"], told()) == ("not_proposed", before)
    assert episode.tell(PROPOSED, 2, occurred_at=FIRST) == "gate_opened"
    assert episode.answer()["state"] == "awaiting_audit"


def test_a_case_proposed_before_that_closes_after_is_one_without_an_audit(episode: Episode) -> None:
    episode.tell(PROPOSED, 1, occurred_at=LAST)
    assert episode.tell(CLOSED, 2, occurred_at=FIRST) == "closed_without_audit"


@pytest.mark.parametrize(
    ("first", "later", "ends"),
    [
        # The closing that counts is the one of the lower version: the later ones say it again.
        (FIRST, LAST, ("closed", "resolved")),
        (LAST, FIRST, ("closed_without_audit", "raised")),
    ],
)
def test_a_correction_moves_a_closing_over_the_day(
    episode: Episode, first: str, later: str, ends: tuple[str, str]
) -> None:
    episode.tell(CLOSED, 5, occurred_at=first)
    episode.tell(CLOSED, 4, occurred_at=later)
    gate = episode.answer()
    found = episode.api.as_("qs-1").get(f"/v1/escalations?gate={gate['id']}").json()["items"]
    assert (gate["state"], *{each["state"] for each in found}) == ends
    audits = episode.api.as_("qs-1").get(f"/v1/audits?subject=mosaic/{episode.refs[0]}").json()
    assert [each["state"] for each in audits["items"]] == [
        "cancelled" if ends[0] == "closed" else "planned"
    ]


def told_of(letter: str, version: int, at: str) -> Json:
    """What an event of the one episode says of one child."""
    return {
        "episode_id": "RUN-E1",
        "source_version": version,
        "occurred_at": at,
        "subjects": [child(letter)],
    }


ACROSS = Story(
    tuple(
        event(number, type_, **said)
        for number, (type_, said) in enumerate(
            [
                (PROPOSED, told_of("a", 1, BEFORE)),
                (CLOSED, told_of("b", 2, LAST)),
                (REOPENED, told_of("a", 3, FIRST)),
                (PROPOSED, told_of("a", 4, AFTER)),
                (MERGED, {"occurred_at": AFTER, "merge": {"from": "RUN-b", "into": "RUN-a"}}),
            ]
        )
    )
)


@pytest.mark.long
def test_a_case_that_goes_on_over_the_day_ends_in_one_state_in_every_order(
    api: Api, own_database: Database
) -> None:
    as_told = in_order(api, own_database, ACROSS, [[*range(5)]])
    assert len([line for line in as_told if line.startswith("gate")]) == 2
    for order in list(permutations(range(5)))[::7]:
        assert in_order(api, own_database, ACROSS, [list(order)]) == as_told, order


@pytest.mark.long
@stories_by_seed(EXAMPLES)
@given(stories())
def test_any_order_of_anything_ends_in_one_state_where_some_of_it_is_history(
    api: Api, own_database: Database, story: tuple[Story, list[list[int]]]
) -> None:
    told, arrival = story
    as_told = [list(range(len(told.events)))]
    assert in_order(api, own_database, told, arrival) == in_order(api, own_database, told, as_told)


def test_figures_count_no_closing_from_before(own_database: Database, episode: Episode) -> None:
    episode.tell(CLOSED, occurred_at=LAST)
    gate = episode.answer()["id"]
    count = "SELECT count(*) FROM closure_gates g, cells_of_gate(g) WHERE g.id = $1::text::uuid"

    async def ask(kept: Any) -> Any:
        return await kept.fetchval(count, gate)

    assert KEPT.ask(own_database.migrate_url, ask) == 0
