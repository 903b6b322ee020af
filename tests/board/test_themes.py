"""What each theme came to, what was exempt, and how far moderation agrees (R4.7.3)."""

from collections.abc import Callable

import pytest

from tests.api import Api, Json, give_right
from tests.board.test_metrics import disagreeing, figure, metrics
from tests.closures.sending import CLOSED, PROPOSED, Episode
from tests.moderation.moderating import Moderating
from tests.planning.quarters import FIRST, SECOND, Planning, accept
from tests.planning.test_under_a_plan import carried_out
from tests.reporting.copies import REPORTER
from tests.responses.casework import Casework

QUARTER = "2027-28 Q2"


@pytest.fixture
def planning(
    casework: Casework, board: Api, new_ref: Callable[[], str], at: Callable[[str], None]
) -> Planning:
    """Quality & Standards within the quarter."""
    at("2027-08-02T09:30:00Z")
    return Planning(board.as_("qs-1"), new_ref)


def theme_of(found: Json, code: str) -> Json:
    return next(dict(theme) for theme in found["themes"] if theme["theme"] == code)


@pytest.mark.long
def test_each_theme_says_what_was_planned_completed_and_judged(
    planning: Planning, board: Api, at: Callable[[str], None]
) -> None:
    theme, other = planning.theme(), planning.theme()
    content = planning.content(theme, {FIRST: 3}, quarter=QUARTER, audit_type=planning.short_type())
    content["themes"].append(
        {"theme": other, "source": "Inspection", "practice_lead_session": None}
    )
    content["teams"].append(
        {"team": SECOND, "theme": other, "why": "New here.", "audits_expected": 2}
    )
    path = f"/v1/quarter-plans/{accept(planning.api.create('/v1/quarter-plans', content))['id']}"
    accept(planning.api.act(f"{path}/publish"))
    cases = [planning.case() for _ in range(2)]
    chosen = accept(planning.name(path, theme, *(case.ref for case in cases)))["chosen"]
    items = [{"audit_id": one["audit_id"], "auditor": "au-1"} for one in chosen]
    accept(planning.decide(path, items))
    carried_out(cases[0], items[0])
    exempt = {"team": SECOND, "reason": "Two of three posts are vacant."}
    accept(planning.api.create(f"{path}/exemptions", exempt))
    accept(planning.api.act(f"/v1/audits/{items[1]['audit_id']}/cancel", {"reason": "Moved away."}))

    found = metrics(board, quarter=QUARTER)
    of_theme = theme_of(found, theme)
    assert of_theme["title"] == "The child's voice"
    assert of_theme["audits"]["denominator"]["count"] == 2
    assert of_theme["audits"]["numerator"]["count"] == of_theme["completed"]["count"] == 1
    (scale,) = of_theme["judgements"]
    assert {j["judgement"]: j["count"] for j in scale["judgements"] if j["count"]} == {"good": 1}
    assert other not in {one["theme"] for one in found["themes"]}  # nothing of it stands
    # Of so few nothing is published, and so they are not listed: a code would say there are some.
    assert metrics(board, REPORTER, quarter=QUARTER)["themes"] == []
    for key, count in (("audits_due", 2), ("audits_cancelled", 1), ("audits_exempt", 2)):
        assert figure(found, key)["numerator"]["count"] == count, key
        assert figure(found, key)["denominator"]["count"] == 5, key
    for person in ("qs-1", "hos-fast", "slt-1", f"tm-{SECOND}"):
        assert not disagreeing(board, person, metrics(board, person, quarter=QUARTER)), person
    assert metrics(board, f"tm-{SECOND}", quarter=QUARTER)["themes"] == []

    # Retired within the quarter, the theme keeps its figures, also of what is completed later.
    accept(planning.api.act(f"/v1/themes/{theme}/retire"))
    assert theme_of(metrics(board, quarter=QUARTER), theme) == of_theme
    at("2027-09-30T22:59:59Z")  # the last second of the quarter in London
    late = planning.case()
    (one,) = accept(planning.name(path, theme, late.ref))["chosen"]
    item = {"audit_id": one["audit_id"], "auditor": "au-1"}
    accept(planning.decide(path, [item]))
    carried_out(late, item)
    assert theme_of(metrics(board, quarter=QUARTER), theme)["completed"]["count"] == 2


@pytest.mark.long
def test_agreement_counts_the_pairs_that_it_lists_and_few_of_them_below_the_minimum(
    casework: Casework, board: Api, new_ref: Callable[[], str], at: Callable[[str], None]
) -> None:
    moderating = Moderating(casework.service, board, new_ref, at)
    hours = (f"2034-04-{day:02}T1{hour}:00:00Z" for day in range(1, 31) for hour in range(3))
    audits = moderating.audits(*hours)
    sample = moderating.drawn("2034-04", "a", "2034-05-04T09:00:00Z")
    drawn = {item["audit_id"] for item in sample["items"]}
    others = [audit for audit in audits if audit not in drawn]
    few = [("good", "good")] * 10 + [("good", "requires_improvement")] * 5
    moderating.judged(others[:15], *few)

    def agreement() -> Json:
        (scale,) = metrics(board, quarter="2034-35 Q1")["agreement"]
        return dict(scale)

    assert agreement()["minimum_pairs"] == 60
    assert [one["numerator"]["count"] for one in agreement()["figures"]] == [10, 15, None, None]
    assert agreement()["figures"][0]["denominator"]["count"] == 15
    assert agreement()["weighted_kappa"] is None
    moderating.judged(others[15:63], *[("good", "outstanding")] * 8, *[("good", "good")] * 40)
    counts = {one["key"]: one["numerator"]["count"] for one in agreement()["figures"]}
    assert counts == {
        "agreement_exact": 50,
        "agreement_within_one": 63,
        "agreement_raised": 8,
        "agreement_lowered": 5,
    }
    assert agreement()["weighted_kappa"] is not None
    of_others = metrics(board, REPORTER, quarter="2034-35 Q1")
    assert of_others["agreement"][0]["weighted_kappa"] == agreement()["weighted_kappa"]
    assert len(of_others["beyond_chance"]) == 1, "each kind of pairs is of many, and is told"
    for person in ("qs-1", "slt-1"):
        assert not disagreeing(board, person, metrics(board, person, quarter="2034-35 Q1"))
    _a_pair_of_its_own_withholds_coefficients(moderating, board, others[63])
    moderating.record_in_error(others[0])
    assert not disagreeing(board, "qs-1", metrics(board, quarter="2034-35 Q1"))
    assert metrics(board, "hos-fast", quarter="2034-35 Q1")["agreement"] is None


def _a_pair_of_its_own_withholds_coefficients(
    moderating: Moderating, board: Api, audit: str
) -> None:
    """Lowered like five others, but by two ranks: of its kind there is one."""
    moderating.judged([audit], ("good", "inadequate"))
    own, of_others = (metrics(board, person, quarter="2034-35 Q1") for person in ("qs-1", REPORTER))
    assert own["agreement"][0]["weighted_kappa"] is not None
    assert own["beyond_chance"][0]["kappa"]["value"] is not None
    (told,) = of_others["agreement"]
    assert [one["numerator"]["count"] for one in told["figures"]] == [50, None, 8, 6]
    assert (told["weighted_kappa"], told["kappa_withheld"]) == (None, "small_cells")
    assert of_others["beyond_chance"] == []


@pytest.mark.long
def test_closures_whose_reason_needs_no_audit_are_counted_as_exempt(
    casework: Casework, board: Api, new_ref: Callable[[], str], at: Callable[[str], None]
) -> None:
    at("2026-11-22T09:30:00Z")
    changes = [{"key": "closure_exempt_reasons", "value": ["RC9"]}]
    give_right(board, policy={"effective_from": "2026-11-22", "changes": changes})
    at("2026-11-23T09:30:00Z")
    before = figure(metrics(board), "closures_exempt")
    for reason in ("RC9", "RC1"):
        episode = Episode(board, [new_ref()])
        closure = {"date": "2026-11-23", "reason_code": reason}
        episode.tell(PROPOSED, 1, closure=closure)
        episode.tell(CLOSED, 2, closure=closure)
    found = metrics(board)
    exempt = figure(found, "closures_exempt")
    for side, more in (("numerator", 1), ("denominator", 2)):
        assert exempt[side]["count"] == before[side]["count"] + more
    assert not disagreeing(board, "qs-1", found)
