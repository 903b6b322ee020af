"""Plans draw from a caseload: each child's chance is known, and anybody can draw again (R4.4.4)."""

from collections.abc import Callable

import pytest

from tests.api import Api, Json
from tests.audits.auditing import of_new_child
from tests.caseloads.sending import OTHER, TEAM, Caseloads
from tests.planning.quarters import Planning, accept, codes
from tests.planning.test_restricted import let_in, restrict


@pytest.fixture
def planning(api: Api, caseloads: Caseloads, new_ref: Callable[[], str]) -> Planning:
    """Quality & Standards, on the morning after the day of the caseload."""
    return Planning(api.as_("qs-1"), new_ref)


def draw(planning: Planning, path: str, theme: str, caseloads: Caseloads, **how: str) -> Json:
    return accept(planning.api.create(f"{path}/cases", asked(theme, caseloads, **how)))


def asked(theme: str, caseloads: Caseloads, **how: str) -> Json:
    body = {"team": TEAM, "theme": theme, "system": "mosaic", "method": "drawn"}
    return body | {"caseload": str(caseloads.day)} | how


def known(planning: Planning, team: str = TEAM) -> str:
    return of_new_child(planning.api, planning.new_ref, team=team, worker=f"sw1-{team}").ref


@pytest.mark.long
def test_each_child_of_the_team_has_a_known_chance_and_who_cannot_be_drawn_a_reason(
    planning: Planning, caseloads: Caseloads
) -> None:
    theme = planning.theme()
    path = planning.published(theme, {TEAM: 2})
    drawable = {known(planning) for _ in range(4)}
    elsewhere, unknown, others = known(planning, OTHER), caseloads.new_ref(), known(planning, OTHER)
    taken = caseloads.taken(
        *(caseloads.child(ref) for ref in (*drawable, elsewhere, unknown)),
        caseloads.child(others, team=OTHER),
    )
    drawn = draw(planning, path, theme, caseloads)
    assert drawn["caseload_on"] == str(caseloads.day)
    population = {entry["ref"]: entry for entry in drawn["population"]}
    assert set(population) == drawable | {elsewhere, unknown}, "the team's, of that day"
    assert {ref: one["chance"] for ref, one in population.items()} == {
        **dict.fromkeys(drawable, 0.5),
        elsewhere: 0.0,
        unknown: 0.0,
    }
    assert (population[elsewhere]["excluded"], population[unknown]["excluded"]) == (
        "other_team",
        "unknown",
    )
    assert len(drawn["chosen"]) == 2
    assert {one["ref"] for one in drawn["chosen"]} < drawable
    digests = {child["ref"]: child["digest"] for child in caseloads.children()}
    assert all(one["digest"] == digests[ref] for ref, one in population.items())
    again = accept(planning.api.post(f"{path}/cases/{drawn['id']}/redraw"))
    assert (again["same_population"], again["same_draw"]) == (True, True)
    assert taken["children"] == 7


@pytest.mark.long
def test_a_caseload_that_was_drawn_from_stands(planning: Planning, caseloads: Caseloads) -> None:
    theme = planning.theme()
    path = planning.published(theme, {TEAM: 1})
    child = caseloads.child(known(planning))
    caseloads.taken(child)
    draw(planning, path, theme, caseloads)
    tag = caseloads.system.tag(caseloads.path)
    refused = caseloads.put([caseloads.child()], tag=tag)
    assert (refused.status_code, refused.json()["state"]) == (409, "drawn")
    assert caseloads.put([child]).status_code == 201, "the same again is the same"


@pytest.mark.long
def test_a_restricted_child_is_not_in_the_population_of_whoever_has_no_leave(
    planning: Planning, caseloads: Caseloads
) -> None:
    theme = planning.theme()
    path = planning.published(theme, {TEAM: 2})
    hidden, plain = known(planning), known(planning)
    caseloads.taken(caseloads.child(hidden), caseloads.child(plain))
    restrict(planning.api, hidden)
    drawn = draw(planning, path, theme, caseloads)
    assert [entry["ref"] for entry in drawn["population"]] == [plain]
    assert drawn["population_hash"] is not None, "nothing is withheld of what was drawn from"
    let_in(planning.api, hidden, "qs-2")
    granted = draw(
        Planning(planning.api.as_("qs-2"), planning.new_ref, planning.quarters),
        path,
        theme,
        caseloads,
    )
    assert hidden in {entry["ref"] for entry in granted["population"]}
    assert hidden not in planning.api.get(f"{path}/cases/{granted['id']}").text


def test_to_whoever_sent_it_a_restricted_child_is_one_of_whom_nobody_knows(
    planning: Planning, caseloads: Caseloads
) -> None:
    theme = planning.theme()
    path = planning.published(theme, {TEAM: 1})
    hidden, plain, nobody = known(planning), known(planning), caseloads.new_ref()
    restrict(planning.api, hidden)
    sent = [caseloads.child(ref) for ref in (hidden, plain, nobody)]
    assert caseloads.put(sent, by=planning.api).status_code == 201
    drawn = draw(planning, path, theme, caseloads)
    excluded = {entry["ref"]: entry["excluded"] for entry in drawn["population"]}
    assert excluded == {hidden: "unknown", plain: None, nobody: "unknown"}
    assert drawn["population_hash"] is not None
    again = accept(planning.api.post(f"{path}/cases/{drawn['id']}/redraw"))
    assert (again["same_population"], again["same_draw"]) == (True, True)
    # A colleague is not shown this row of the caseload, and so not here; nor how many there are.
    colleague = planning.api.as_("qs-2").get(f"{path}/cases/{drawn['id']}").json()
    shown = {
        entry["ref"]: (entry["excluded"], entry["chance"]) for entry in colleague["population"]
    }
    assert shown == {plain: (None, None), nobody: ("unknown", None)}
    assert (colleague["seed"], colleague["population_hash"]) == (None, None)
    let_in(planning.api, hidden, "qs-2")
    whole = planning.api.as_("qs-2").get(f"{path}/cases/{drawn['id']}").json()
    assert whole["population"] == drawn["population"]


def test_it_is_said_what_is_drawn_from(planning: Planning, caseloads: Caseloads) -> None:
    theme = planning.theme()
    path = planning.published(theme, {TEAM: 1})
    body = asked(theme, caseloads)
    post = planning.api.create
    assert codes(post(f"{path}/cases", body)) == {"unknown"}
    caseloads.taken(caseloads.child(known(planning)))
    assert codes(post(f"{path}/cases", body | {"refs": ["C-1"]})) == {"one-of-them"}
    assert codes(post(f"{path}/cases", body | {"caseload": None})) == {"one-of-them"}
    assert codes(post(f"{path}/cases", body | {"method": "named"})) == {"not-drawn"}


def test_a_posted_list_is_drawn_again_as_well_and_one_that_was_named_is_not(
    planning: Planning, caseloads: Caseloads
) -> None:
    theme = planning.theme()
    path = planning.published(theme, {TEAM: 2})
    refs = [known(planning) for _ in range(3)]
    drawn = accept(planning.name(path, theme, *refs[:2], method="drawn"))
    assert {entry["chance"] for entry in drawn["population"]} == {1.0}
    assert {entry["digest"] for entry in drawn["population"]} == {None}
    again = accept(planning.api.post(f"{path}/cases/{drawn['id']}/redraw"))
    assert (again["same_population"], again["same_draw"]) == (True, True)
    other = planning.published(theme, {TEAM: 3})
    named = accept(planning.name(other, theme, refs[2]))
    assert {entry["chance"] for entry in named["population"]} == {None}
    refused = planning.api.post(f"{other}/cases/{named['id']}/redraw")
    assert (refused.status_code, refused.json()["code"]) == (422, "not-drawn")
    manager = planning.api.as_(f"tm-{TEAM}")
    assert manager.post(f"{path}/cases/{drawn['id']}/redraw").status_code == 403
