"""R4.7.3: all numbers of a report beside each other, and of two versions, tell nobody of a few.

What each section may tell is attacked by itself in `tests/rules`. Here whole reports on authorities
of chance are presented, and every number that counts audits, pairs or escalations is an equation to
managers, heads, auditors, each two of them, and nobody at all. `./dev drill cells` attacks more.
"""

from collections.abc import Callable, Iterator, Sequence
from itertools import combinations
from random import Random
from typing import Final
from uuid import UUID

import pytest

from qa_api.board import beside_themes, together, told_anew
from qa_api.board.moderated_beside import Beside
from qa_api.models.base import new_id
from tests.board.attacking import Attack, Reader
from tests.board.authorities import AUDITORS, SERVICES, Authority, Row, later, random_authority
from tests.board.numbers_told import Document
from tests.board.presenting import documents
from tests.drill import SEED, share
from tests.responses.casework import Service

STORIES: Final = share(2) or 60
READERS: Final = share(6) or 16
GROUPS: Final = share(4) or 6
"""Of so many groups each reader's bounds are sought."""
LOOKED_AT: Final = [
    {"service", "judgement", *two} for two in combinations(("theme", "month", "heard", "after"), 2)
]


@pytest.fixture(autouse=True)
def _after_the_quarter(at: Callable[[str], None]) -> None:
    at("2026-11-23T09:30:00Z")


def readers(story: Sequence[Authority]) -> list[Reader]:
    """Who manages each team, heads each service, carries out audits; and each two of them."""
    held = {
        team: frozenset(key for one in story for key, row in one.rows.items() if row.team == team)
        for team in SERVICES
    }
    found = [Reader(f"the manager of {team}", held[team], frozenset({team})) for team in SERVICES]
    for service in sorted(set(SERVICES.values())):
        teams = frozenset(team for team in SERVICES if SERVICES[team] == service)
        rows = frozenset[UUID]().union(*(held[team] for team in teams))
        found.append(Reader(f"the head of {service}", rows, teams))
    for auditor, team in AUDITORS.items():
        own = frozenset(
            key for one in story for key, row in one.rows.items() if row.auditor == auditor
        )
        leads = frozenset({team} if team else ())
        found.append(Reader(auditor, own.union(*(held[one] for one in leads)), leads))
    return [*found, *(one.and_another(other) for one, other in combinations(found, 2))]


def attacked(
    story: Sequence[Authority], told: Sequence[Document], chance: Random
) -> Iterator[str | None]:
    """What is known too well of the last of these versions, question by question."""
    attack = Attack(story, told, chance.choice(LOOKED_AT))
    assert attack.misread() == []
    nobody = Reader("nobody", frozenset(), frozenset())
    for reader in (nobody, *chance.sample(readers(story), READERS)):
        yield from attack.narrowed(reader, chance, GROUPS)


def story_of(chance: Random) -> Sequence[Authority]:
    first = random_authority(chance)
    return [first, later(first, chance)]


@pytest.mark.long
def test_no_report_nor_two_versions_of_it_tell_anybody_of_a_few(
    alone: Service, record_property: Callable[[str, object], None]
) -> None:
    found: list[str | None] = []
    for number in range(STORIES):
        chance = Random(f"{SEED} documents {number}")
        story = story_of(chance)
        told = documents(alone, story)
        for many in (1, 2):
            found += attacked(story[:many], told[:many], chance)
    record_property("asked", len(found))
    record_property("wrong", sum(one is not None for one in found))
    assert [one for one in found if one] == []
    assert found


# --- the attack finds what is told without a rule ---

SOLID: Final = ("boston-fast", "nk-and-sk-early-help", "lac-south")
"""A team of each service."""


def audits(
    team: str, judgement: str, many: int, after: str | None = None, theme: str | None = None
) -> list[Row]:
    return [Row(team, 8, judgement, theme, heard=True, after=after, auditor="qs-2")] * many


def authority(*rows: list[Row], submitted: bool = False) -> Authority:
    numbered = {new_id(): row for some in rows for row in some}
    return Authority(numbered, frozenset(SERVICES.values() if submitted else ()), 0, ())


def all_but_one_moderated() -> Sequence[Authority]:
    pairs = [
        audits(team, judgement, many, after=judgement)
        for team in SOLID
        for judgement, many in (("good", 16), ("requires_improvement", 8))
    ]
    return [authority(*pairs, audits("lac-south", "requires_improvement", 1))]


def a_theme_within_a_service() -> Sequence[Authority]:
    others = [
        audits(team, judgement, 12)
        for team in SERVICES
        if SERVICES[team] != "fast"
        for judgement in ("good", "requires_improvement")
    ]
    themed = [
        audits(team, judgement, 8, theme="voice")
        for team in ("boston-fast", "south-kesteven-fast", "west-lindsey-fast")
        for judgement in ("good", "requires_improvement")
    ]
    one = audits("boston-fast", "requires_improvement", 1)
    return [authority(*others, *themed, one, submitted=True)]


def a_service_that_submits_after_its_theme_was_told() -> Sequence[Authority]:
    (told,) = a_theme_within_a_service()
    return [told._replace(submitted=frozenset()), told]


def one_that_left() -> Sequence[Authority]:
    every = [
        audits(team, judgement, 8)
        for team in SOLID
        for judgement in ("good", "requires_improvement")
    ]
    first = authority(*every)
    *others, last = first.rows
    assert first.rows[last].judgement == "requires_improvement"
    return [first, first._replace(rows={key: first.rows[key] for key in others})]


@pytest.mark.long
@pytest.mark.parametrize(
    ("story", "place", "rule"),
    [
        pytest.param(all_but_one_moderated, Beside, "withstands", id="pairs"),
        pytest.param(a_theme_within_a_service, together, "cross_safely", id="themes"),
        pytest.param(
            a_service_that_submits_after_its_theme_was_told,
            beside_themes,
            "cross_safely",
            id="themes of an earlier version",
        ),
        pytest.param(one_that_left, told_anew, "_may_be_told_anew", id="versions"),
    ],
)
def test_the_attack_finds_what_is_told_without_a_rule(
    alone: Service,
    monkeypatch: pytest.MonkeyPatch,
    story: Callable[[], Sequence[Authority]],
    place: object,
    rule: str,
) -> None:
    """One was not moderated, one is outside of a theme, one left: each with its judgement."""
    told_of = story()
    looked_at = {"service", "judgement", "theme", "after"}
    nobody = Reader("nobody", frozenset(), frozenset())

    def known() -> list[str]:
        attack = Attack(told_of, documents(alone, told_of), looked_at)
        assert attack.misread() == []
        return [one for one in attack.narrowed(nobody, Random(rule), 40) if one]

    assert known() == []
    monkeypatch.setattr(place, rule, lambda *_, **__: True)
    assert known()
