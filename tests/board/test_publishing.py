"""Small cells are withheld wherever figures are published, and follow from nothing (R4.7.3)."""

from collections.abc import Callable
from uuid import UUID, uuid4

import pytest

from qa_api.models.audits import Audit
from qa_api.models.board import BoardReport, QaUpdate
from qa_api.models.subjects import Subject
from qa_api.work import Work
from tests.api import Api, Json, in_a_week
from tests.board.conftest import NARRATIVE
from tests.board.test_metrics import figure, metrics, parts
from tests.board.test_reports import presented
from tests.board.test_updates import begun, submitted
from tests.moderation.moderating import Moderating
from tests.reporting.copies import REPORTER
from tests.responses.casework import Casework

QUARTER = "2028-29 Q1"
NEW = ("joined", "themes", "agreement", "doubts", "beyond_chance", "after_moderation")
OLD = uuid4()
IN_QUARTER, AFTER = "2028-05-15T09:00:00Z", "2028-07-03T09:00:00Z"


@pytest.fixture(autouse=True)
def _a_quarter(
    done: set[str],
    casework: Casework,
    board: Api,
    new_ref: Callable[[], str],
    at: Callable[[str], None],
) -> None:
    """Completed audits: of FAST 7 good, 6 requiring improvement and 2 inadequate; of Early Help 7,
    of Corporate Parenting 2."""
    if not done:
        done.add("audits")
        moderating = Moderating(casework.service, board, new_ref, at)
        for team, judgement, number in (
            ("boston-fast", "good", 7),
            ("boston-fast", "requires_improvement", 6),
            ("boston-fast", "inadequate", 2),
            ("nk-and-sk-early-help", "good", 7),
            ("lac-south", "good", 2),
        ):
            held = {"team": team, "worker": f"sw1-{team}"}
            moderating.audits(*[IN_QUARTER] * number, judgement=judgement, **held)
    at(AFTER)


def judgements(found: Json) -> dict[str, int | None]:
    (scale,) = found["judgements"]
    return {one["judgement"]: one["count"] for one in scale["judgements"]}


def test_a_small_judgement_is_withheld_with_the_next_smallest(board: Api) -> None:
    path = begun(board, "fast", QUARTER)
    found = board.as_("hos-fast").get(path).json()["figures"]
    whole = metrics(board, "hos-fast", QUARTER, service="fast")
    assert judgements(whole) == {
        "outstanding": 0,
        "good": 7,
        "requires_improvement": 6,
        "inadequate": 2,
    }
    assert judgements(found) == {
        "outstanding": 0,
        "good": 7,
        "requires_improvement": None,
        "inadequate": None,
    }
    assert found["judgements"][0]["withheld"]
    assert found["judgements"][0]["denominator"]["count"] == 15


def test_nothing_is_shown_of_a_service_with_few_audits(board: Api) -> None:
    found = (
        board.as_("hos-corporate-parenting")
        .get(begun(board, "corporate-parenting", QUARTER))
        .json()["figures"]
    )
    contact = figure(found, "family_contact")
    assert contact["denominator"]["count"] is contact["numerator"]["count"] is None
    assert contact["withheld"]
    (scale,) = found["judgements"]
    assert scale["denominator"]["count"] is None
    assert set(judgements(found).values()) == {None}


def counts(figures: Json, key: str) -> tuple[int | None, int | None]:
    found = figure(figures, key)
    return found["numerator"]["count"], found["denominator"]["count"]


@pytest.mark.long
def test_a_report_tells_not_even_how_many_where_two_heads_would_know_the_third_s(
    board: Api,
) -> None:
    submitted(board, "early-help", QUARTER)
    for service in ("fast", "corporate-parenting"):
        head = board.as_(f"hos-{service}")
        listed = head.get("/v1/qa-updates", params={"quarter": QUARTER}).json()["items"]
        if listed[0]["update_id"] is None:
            submitted(board, service, QUARTER)
            continue
        path = f"/v1/qa-updates/{listed[0]['update_id']}"
        head.change("PUT", path, NARRATIVE)
        assert head.act(f"{path}/submit").status_code == 200
    said = board.as_("qs-1").get(presented(board, quarter=QUARTER)).json()["snapshot"]
    # Of 15, 7 and 2 audits the heads of the first two would work out the two.
    for figures in (
        said["figures"],
        *(one["figures"] for one in said["updates"] if one["figures"]),
    ):
        assert counts(figures, "family_contact") == (None, None)
        assert set(judgements(figures).values()) == {None}
        assert figures["joined"] == []
    assert said["trend"][-1]["judgements"] == said["figures"]["judgements"]


# --- judgements that are joined ---

JOINED, THEN = "2036-37 Q1", "2036-05-15T09:00:00Z"


@pytest.fixture
def joined_quarter(
    done: set[str],
    casework: Casework,
    board: Api,
    new_ref: Callable[[], str],
    at: Callable[[str], None],
) -> Moderating:
    """Of FAST six good and six inadequate, of Early Help six good and three inadequate."""
    moderating = Moderating(casework.service, board, new_ref, at)
    if "joined" not in done:
        done.add("joined")
        for team, judgement, number in (
            ("boston-fast", "good", 6),
            ("boston-fast", "inadequate", 6),
            ("nk-and-sk-early-help", "good", 6),
            ("nk-and-sk-early-help", "inadequate", 3),
        ):
            held = {"team": team, "worker": f"sw1-{team}"}
            moderating.audits(*[THEN] * number, judgement=judgement, **held)
    at("2036-07-05T09:00:00Z")
    return moderating


def snapshot(board: Api, quarter: str) -> Json:
    found: Json = board.as_("qs-1").get(presented(board, quarter=quarter)).json()["snapshot"]
    return found


def together(figures: Json) -> list[tuple[list[str], int]]:
    return [(one["judgements"], one["count"]) for one in figures["joined"]]


WORSE = ["good", "requires_improvement", "inadequate"]


@pytest.mark.long
def test_neighbours_are_joined_where_a_head_would_know_the_other_s_few(
    board: Api, joined_quarter: Moderating
) -> None:
    submitted(board, "fast", JOINED)
    submitted(board, "early-help", JOINED)
    said = snapshot(board, JOINED)
    assert judgements(said["figures"]) == {"outstanding": 0, **dict.fromkeys(WORSE)}
    assert together(said["figures"]) == [(WORSE, 21)]
    own = {one["service"]: one["figures"] for one in said["updates"] if one["figures"]}
    assert together(own["fast"]) == [(WORSE, 12)]
    assert together(own["early-help"]) == [(WORSE, 9)]
    assert counts(own["fast"], "family_contact")[1] == 12
    assert said["trend"][-1]["joined"] == said["figures"]["joined"]
    page = board.get(presented(board, quarter=JOINED), headers={"accept": "text/html"}).text
    assert "Good or Requires improvement or Inadequate" in page
    assert "Neighbouring judgements stand as one number" in page


@pytest.mark.long
def test_a_later_version_and_a_later_trend_never_split_what_was_joined(
    board: Api, joined_quarter: Moderating, at: Callable[[str], None]
) -> None:
    """With five more of Early Help each judgement would stand by itself, had it not been joined."""
    snapshot(board, JOINED)
    held = {"team": "nk-and-sk-early-help", "worker": "sw1-nk-and-sk-early-help"}
    joined_quarter.audits(*[THEN] * 5, judgement="inadequate", **held)
    at("2036-07-06T09:00:00Z")
    assert judgements(metrics(board, "qs-1", JOINED))["inadequate"] == 14
    for figures in (snapshot(board, JOINED)["figures"], metrics(board, REPORTER, JOINED)):
        assert judgements(figures)["inadequate"] is None
        assert together(figures) == [(WORSE, 26)]
    joined_quarter.audits(THEN, judgement="inadequate", **held)
    at("2036-10-04T09:00:00Z")
    trend = snapshot(board, "2036-37 Q2")["trend"]
    (then,) = (one for one in trend if one["quarter"] == JOINED)
    assert together(then) == [(WORSE, 26)], "as it was published last"


@pytest.mark.long
def test_what_a_service_submitted_before_a_correction_is_not_printed_beside_today_s_whole(
    board: Api, joined_quarter: Moderating, at: Callable[[str], None]
) -> None:
    quarter, then = "2037-38 Q1", "2037-05-16T09:00:00Z"
    for team, number in (("boston-fast", 8), ("nk-and-sk-early-help", 8), ("lac-south", 8)):
        joined_quarter.audits(*[then] * number, team=team, worker=f"sw1-{team}")
    at("2037-07-04T09:00:00Z")
    submitted(board, "fast", quarter)
    joined_quarter.audits(then, team="boston-fast", worker="sw1-boston-fast")
    at("2037-07-05T09:00:00Z")
    said = snapshot(board, quarter)
    (own,) = (one["figures"] for one in said["updates"] if one["figures"])
    assert counts(said["figures"], "family_contact")[1] == 25
    assert counts(own, "family_contact")[1] == 9


def test_whoever_may_list_the_rows_reads_their_number(board: Api) -> None:
    found = metrics(board, "hos-corporate-parenting", QUARTER)
    assert figure(found, "family_contact")["denominator"]["count"] == 2
    assert None not in {part["count"] for part in parts(found)}


def test_restricted_rows_are_in_nobody_s_figures_who_may_not_see_them(
    casework: Casework, board: Api, at: Callable[[str], None]
) -> None:
    before = metrics(board, "qs-1", QUARTER)
    at(IN_QUARTER)
    casework.completed_audit(team="boston-fast", worker="sw1-boston-fast", restricted=True)
    at(AFTER)
    after = metrics(board, "qs-1", QUARTER)
    assert [part["count"] for part in parts(after)] == [part["count"] for part in parts(before)]


@pytest.mark.long
def test_what_is_kept_for_others_counts_nothing_that_only_its_author_may_see(
    casework: Casework, board: Api, new_ref: Callable[[], str], at: Callable[[str], None]
) -> None:
    quarter, held = "2029-30 Q3", {"team": "boston-fast", "worker": "sw1-boston-fast"}
    moderating = Moderating(casework.service, board, new_ref, at)
    moderating.audits(*["2029-11-15T09:00:00Z"] * 6, **held)
    hidden = moderating.audit("2029-11-15T09:00:00Z", restricted=True, **held)

    async def named(work: Work) -> str:
        audit = await work.session.get_one(Audit, UUID(hidden))
        return (await work.session.get_one(Subject, audit.subject_id)).ref

    place = f"/v1/subjects/mosaic/{casework.as_service(named)}/restriction-grants"
    at("2030-01-07T09:00:00Z")
    for person, by in (("qs-1", "qs-2"), ("hos-fast", "qs-1")):
        (account,) = board.as_("admin-1").get(f"/v1/principals?worker={person}").json()["items"]
        leave = {"reason": "Theirs to oversee.", "expires_at": in_a_week()}
        granted = board.as_(by).create(place, leave | {"principal_id": account["id"]})
        assert granted.status_code == 201, granted.text

    def audits(figures: Json) -> int:
        return int(figure(figures, "family_contact")["denominator"]["count"])

    assert audits(metrics(board, "qs-1", quarter)) == 7
    assert audits(metrics(board, "hos-fast", quarter, service="fast")) == 7
    update = board.as_("hos-fast").get(submitted(board, "fast", quarter)).json()
    assert audits(update["figures"]) == 6
    said = board.as_("slt-1").get(presented(board, quarter=quarter)).json()["snapshot"]
    assert audits(said["figures"]) == 6
    assert [audits(one["figures"]) for one in said["updates"] if one["figures"]] == [6]
    assert said["trend"][-1]["judgements"] == said["figures"]["judgements"]


@pytest.mark.long
def test_figures_frozen_by_an_earlier_version_are_still_read(
    casework: Casework, board: Api
) -> None:
    path = begun(board, "fast", "2027-28 Q4")
    report = presented(board, quarter="2027-28 Q4")

    def without_the_new(figures: Json) -> Json:
        return {name: value for name, value in figures.items() if name not in NEW}

    async def as_before(work: Work) -> None:
        update = await work.session.get_one(QaUpdate, UUID(path.rpartition("/")[2]))
        update.figures = without_the_new(update.figures)
        like = await work.session.get_one(BoardReport, UUID(report.rpartition("/")[2]))
        snapshot = dict(like.snapshot or {})
        snapshot["figures"] = without_the_new(snapshot["figures"])
        del snapshot["charts"]
        del snapshot["coverage"]
        old = BoardReport(
            id=OLD,
            quarter=like.quarter,
            number=2,
            title="As it was",
            state="draft",
            drafted_at=work.now,
            policy_version=work.policy_version,
        )
        work.session.add(old)
        await work.session.flush()
        old.state, old.presented_at, old.snapshot = "presented", work.now, snapshot

    casework.as_service(as_before)
    assert board.as_("hos-fast").get(path).json()["figures"]["themes"] is None
    found = board.as_("qs-1").get(f"/v1/board-reports/{OLD}")
    assert found.json()["snapshot"]["figures"]["agreement"] is None
    assert found.json()["snapshot"]["charts"] is None
    assert found.json()["snapshot"]["coverage"] is None
    page = board.get(f"/v1/board-reports/{OLD}", headers={"accept": "text/html"})
    assert "<h2>Themes</h2>" not in page.text
    assert "not known: frozen before figures said how sure they are" in page.text


# --- the role `reporting` ---


def test_a_reporting_tool_reads_the_whole_authority_s_figures_without_small_cells(
    board: Api,
) -> None:
    own, read = metrics(board, "qs-1", QUARTER), metrics(board, REPORTER, QUARTER)
    assert judgements(own)["inadequate"] == 2, "whoever may list the two reads the two"
    assert judgements(read)["inadequate"] is None
    hidden = {part["rows"]: part["count"] for part in parts(read)}
    for part in parts(own):
        assert hidden[part["rows"]] in {part["count"], None}, "the same figure, or none"
        small = 0 < part["count"] < 5
        assert not small or hidden[part["rows"]] is None, part["rows"]
    assert [one["key"] for one in read["figures"]] == [one["key"] for one in own["figures"]]
    assert any(count is not None for count in hidden.values())


@pytest.mark.parametrize(
    "narrower",
    ["?team=boston-fast", "?service=fast", "?type=collaborative", "/breakdown?by=team"],
)
def test_a_reporting_tool_reads_no_figures_of_a_part_and_is_told_what_that_takes(
    board: Api, narrower: str
) -> None:
    answer = board.as_(REPORTER).get(f"/v1/reporting/metrics/{QUARTER}{narrower}")
    assert answer.status_code == 403
    assert answer.json()["permission"] == "metrics:break_down"
