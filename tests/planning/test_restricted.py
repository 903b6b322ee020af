"""X3: of whom a list of cases tells nothing, once their record is restricted."""

import pytest

from qa_api.planning.queries import CASE_LIST
from tests.api import Api, Json, in_a_week
from tests.auth.test_both_locks import differences
from tests.closures.sending import RESTRICTED, Episode
from tests.conftest import Database
from tests.looking import look
from tests.planning.quarters import FIRST, SECOND, Planning, accept

OF_THE_WHOLE = ("seed", "population_hash", "explanation")


def restrict(api: Api, ref: str, *, on: bool = True) -> None:
    """The case system tells that the record is restricted, or is no longer."""
    version = 2 if on else 3
    Episode(api, [ref]).tell(RESTRICTED, version, restriction={"kind": "staff", "on": on})


def let_in(api: Api, ref: str, person: str) -> None:
    """Somebody is given leave to see a restricted record."""
    (account,) = api.as_("admin-1").get(f"/v1/principals?worker={person}").json()["items"]
    leave = {"principal_id": account["id"], "reason": "Theirs to do.", "expires_at": in_a_week()}
    accept(api.as_("qs-1").create(f"/v1/subjects/mosaic/{ref}/restriction-grants", leave))


def refs(shown: Json, part: str = "population") -> list[str]:
    """The references that a list shows."""
    return [entry["ref"] for entry in shown[part]]


@pytest.mark.long
def test_a_restricted_child_is_in_no_part_of_a_list_and_on_no_line(
    planning: Planning, database: Database
) -> None:
    theme = planning.theme()
    path = planning.published(theme, {FIRST: 2})
    posted = [planning.case().ref for _ in range(4)]
    drawn = accept(planning.name(path, theme, *posted, method="drawn"))
    place, (first, second) = f"{path}/cases/{drawn['id']}", refs(drawn, "chosen")
    undrawn = next(ref for ref in posted if ref not in {first, second})

    restrict(planning.api, first)
    now = planning.read(place)
    assert refs(now) == [ref for ref in posted if ref != first]
    assert refs(now, "chosen") == [second]
    restrict(planning.api, undrawn)
    answer = planning.api.get(place)
    assert refs(answer.json()) == [ref for ref in posted if ref not in {first, undrawn}]
    # What is said of the whole list would tell how many are withheld, and is a proof of which.
    assert [answer.json()[name] for name in OF_THE_WHOLE] == [None] * len(OF_THE_WHOLE)
    for hidden in (first, undrawn, drawn["chosen"][0]["audit_id"]):
        assert hidden not in answer.text
    named, lines = look(planning.api, database, "qs-1", place)
    assert (len(named), lines) == (2, [named])

    let_in(planning.api, first, "qs-2")
    granted = planning.read(place, "qs-2")
    assert refs(granted) == [ref for ref in posted if ref != undrawn]
    assert granted["chosen"] == drawn["chosen"]
    assert granted["population_hash"] is None
    named, lines = look(planning.api, database, "qs-2", place)
    assert (len(named), lines) == (3, [named])
    let_in(planning.api, undrawn, "qs-2")
    assert planning.read(place, "qs-2") == drawn
    # Neither of the two locks rests on the other.
    issuer = planning.api.issuer.settings.issuer
    found, compared = differences(database, issuer, [("the list", CASE_LIST)])
    assert (found, compared > 0) == (set(), True)

    for ref in (first, undrawn):
        restrict(planning.api, ref, on=False)
    assert planning.read(place) == drawn


@pytest.mark.long
def test_a_reference_of_a_restricted_record_is_as_one_of_nobody(
    planning: Planning, database: Database
) -> None:
    theme = planning.theme()
    path = planning.published(theme, {FIRST: 1})
    hidden, able, other = planning.case().ref, planning.case().ref, planning.case(SECOND).ref
    restrict(planning.api, hidden)
    nobody = planning.new_ref()
    drawn = accept(planning.name(path, theme, hidden, able, other, nobody, method="drawn"))
    place = f"{path}/cases/{drawn['id']}"
    assert [entry["excluded"] for entry in drawn["population"]] == [
        *("unknown", None, "other_team", "unknown")
    ]
    for person in ("qs-1", "qs-2"):
        assert planning.read(place, person) == drawn
    _, lines = look(planning.api, database, "qs-1", place)
    assert [len(line) for line in lines] == [2]


@pytest.mark.long
@pytest.mark.parametrize("whose", ["the child", "its audit"])
def test_who_was_chosen_is_withheld_with_their_audit(planning: Planning, whose: str) -> None:
    theme = planning.theme()
    path = planning.published(theme, {FIRST: 1})
    named, other = planning.case().ref, planning.case().ref
    chosen = accept(planning.name(path, theme, named))
    (one,) = chosen["chosen"]
    # The planned audit is of another child after all.
    about = {"subject": {"system": "mosaic", "ref": other}}
    accept(planning.api.change("PATCH", f"/v1/audits/{one['audit_id']}", about))
    restrict(planning.api, named if whose == "the child" else other)
    shown = planning.read(f"{path}/cases/{chosen['id']}")
    assert (shown["population"], shown["chosen"], shown["explanation"]) == ([], [], None)


@pytest.mark.long
def test_a_stand_in_is_not_taken_for_the_record_that_was_chosen(
    planning: Planning, database: Database
) -> None:
    hidden, theme = planning.case().ref, planning.theme()
    path = planning.published(theme, {FIRST: 1})
    restrict(planning.api, hidden)
    let_in(planning.api, hidden, "qs-2")
    granted = Planning(planning.api.as_("qs-2"), planning.new_ref)
    chosen = accept(granted.name(path, theme, hidden))
    place = f"{path}/cases/{chosen['id']}"
    # To whoever has no leave the reference means a record of its own from now on.
    body = {"kind": "child", "team": FIRST, "worker": f"sw1-{FIRST}"}
    accept(planning.api.change("PUT", f"/v1/subjects/mosaic/{hidden}", body))
    shown = planning.read(place)
    assert (shown["population"], shown["chosen"], shown["population_hash"]) == ([], [], None)
    assert look(planning.api, database, "qs-1", place) == (set(), [])
    assert planning.read(place, "qs-2") == chosen
