"""What is compared of two authorities is everything, though what nobody wrote is not read again."""

from collections.abc import Callable

import pytest

from tests.api import Json
from tests.closures.orders import MERGED, event
from tests.closures.sending import ALLOCATED, PROPOSED
from tests.closures.two_authorities import Authority, send
from tests.closures.two_ways import Read, differences, everything
from tests.conftest import Database, execute
from tests.kept import KEPT


def read_anew(database: Database) -> object:
    """The same, by somebody who has read nothing before."""
    read = Read({})
    KEPT.ask(database.migrate_url, read.again)
    return read.found


@pytest.fixture
def told(authorities: list[Authority], new_ref: Callable[[], str]) -> list[Json]:
    """Events of two people, which both authorities were sent; read once."""
    run = new_ref()
    said = {"occurred_at": "2026-11-20T12:00:00Z", "source_version": 1}
    events = [
        event(0, PROPOSED, episode_id=run, subjects=[{"ref": f"{run}-a"}], **said),
        event(1, ALLOCATED, subjects=[{"ref": f"{run}-b"}], allocation={"worker": None}, **said),
        event(2, MERGED, merge={"from": f"{run}-b", "into": f"{run}-a"}, **said),
    ]
    named = [each | {"id": f"{run}-{number}"} for number, each in enumerate(events)]
    for authority in authorities:
        send(authority.api, named[:2])
    assert differences(authorities[0].database, authorities[1].database) == []
    return named


@pytest.mark.long
def test_what_was_written_since_and_who_is_called_otherwise_is_told_as_if_all_were_read(
    authorities: list[Authority], told: list[Json]
) -> None:
    one, other = (authority.database for authority in authorities)
    before = everything(one)
    send(authorities[0].api, told[2:])
    assert everything(one) == read_anew(one) != before
    assert any(line.startswith("- case_events") for line in differences(one, other))
    send(authorities[1].api, told[2:])
    assert differences(one, other) == []
    assert everything(other) == read_anew(other)


@pytest.mark.long
@pytest.mark.parametrize(
    "hand",
    [
        "UPDATE teams SET name = 'Renamed' WHERE code = 'boston-fast'",
        "DELETE FROM auditor_group_memberships WHERE team = 'boston-fast'",
        "INSERT INTO teams (code, name, version) VALUES ('planted', 'Planted', 1)",
    ],
    ids=["changed", "gone", "new"],
)
def test_a_single_row_by_somebody_s_hand_is_a_difference_until_it_is_in_both(
    authorities: list[Authority], told: list[Json], hand: str
) -> None:
    one, other = (authority.database for authority in authorities)
    execute(other.migrate_url, hand)
    assert differences(one, other) != []
    assert everything(other) == read_anew(other)
    execute(one.migrate_url, hand)
    assert differences(one, other) == []
