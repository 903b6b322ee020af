"""R4.5.4: many auditors judge one made-up case, each before they see what is held to be right."""

import asyncio
from uuid import UUID

import asyncpg
import pytest
from sqlalchemy.exc import IntegrityError

from qa_api.settings import Settings
from tests.api import Json
from tests.conftest import Accounts, Database, execute
from tests.practice_audits.conftest import CASES, Practising

FIRST, SECOND = "ps-lincoln-fast", "ps-boston-fast"


def test_the_standard_is_shown_as_soon_as_the_own_judgement_stands_and_not_before(
    practising: Practising,
) -> None:
    path = practising.set("inadequate")
    before = practising.api.as_(FIRST).get(path)
    assert before.json()["judged"] is False
    assert "Nobody saw" not in before.text
    assert practising.api.as_(FIRST).get(f"{path}/standard").status_code == 403
    assert practising.read(f"{path}/standard")["judgement"] == "inadequate"

    recorded = practising.judge(path, FIRST, "good")
    assert recorded.status_code == 201, recorded.text
    shown = recorded.json()
    assert (shown["judgement"], shown["standard_judgement"]) == ("good", "inadequate")
    assert shown["standard_rationale"] == "Nobody saw the elder alone."
    assert practising.read(path, FIRST)["judged"] is True
    # It stands, and a second one is refused with what may be done instead.
    again = practising.judge(path, FIRST, "inadequate")
    assert (again.status_code, again.json()["state"]) == (409, "judged")
    assert practising.read(f"/v1/practice-audits/{shown['id']}", FIRST) == shown

    # Another auditor sees neither: not the judgement, and not the standard through it.
    other = practising.api.as_(SECOND)
    assert other.get(f"/v1/practice-audits/{shown['id']}").status_code == 404
    listed = other.get(f"/v1/practice-audits?case={path.rpartition('/')[2]}")
    assert listed.json()["items"] == []
    assert practising.read(path, SECOND)["judged"] is False
    found = practising.read(f"/v1/practice-audits?case={path.rpartition('/')[2]}")["items"]
    assert [row["auditor"] for row in found] == [FIRST]
    for person in ("sw1-lincoln-fast", "slt-1", "admin-1"):
        assert practising.api.as_(person).get(path).status_code == 403


def test_the_database_shows_no_standard_to_who_has_not_judged(
    practising: Practising, authority: Settings
) -> None:
    path = practising.set()
    case = UUID(path.rpartition("/")[2])
    assert practising.judge(path, FIRST).status_code == 201
    assert _standards_shown(authority, FIRST, case) == 1
    assert _standards_shown(authority, SECOND, case) == 0


def _standards_shown(settings: Settings, worker: str, case: UUID) -> int:
    url = settings.read_url or settings.database_url

    async def look() -> int:
        connection = await asyncpg.connect(url.get_secret_value())
        try:
            async with connection.transaction():
                await connection.fetch(
                    "SELECT set_config('qa.reach', 'rows', true),"
                    " set_config('qa.worker', $1, true)",
                    worker,
                )
                found = "SELECT count(*) FROM practice_standards WHERE case_id = $1"
                return int(await connection.fetchval(found, case))
        finally:
            await connection.close()

    return asyncio.run(look())


def test_who_reads_the_standards_judges_no_case_with_any_account(
    practising: Practising, accounts: Accounts
) -> None:
    path = practising.set()
    assert practising.judge(path, "qs-1").status_code == 403
    refused = practising.judge(path, accounts.another("qs-2", "auditor"))
    assert (refused.status_code, refused.json()["code"]) == (422, "knows-the-standard")
    assert practising.judge(path, accounts.another(FIRST, "auditor")).status_code == 201


def test_the_database_takes_no_judgement_of_before_the_case_or_after_its_last_day(
    practising: Practising,
) -> None:
    path = practising.set(ends_on="2026-11-24")
    for at in ("2025-11-23T09:30:00Z", "2026-11-25T00:30:00Z"):
        with pytest.raises(IntegrityError, match="a case is judged once it is set"):
            practising.judged(path, (FIRST, "good"), at=at)
    practising.judged(path, (FIRST, "good"), at="2026-11-24T23:30:00Z")


def test_what_is_not_on_the_scale_or_over_is_refused_and_nothing_is_kept(
    practising: Practising,
) -> None:
    for changes, pointer in (
        ({"standard": {"judgement": "ten", "rationale": "So."}}, "/standard/judgement"),
        ({"scale_number": 7}, "/scale_code"),
        ({"ends_on": "2026-11-22"}, "/ends_on"),
    ):
        refused = practising.try_to_set(**changes)
        assert refused.status_code == 422
        assert [error["pointer"] for error in refused.json()["errors"]] == [pointer]
    assert practising.try_to_set(person=FIRST).status_code == 403
    path = practising.set(ends_on="2026-11-30")
    off = practising.judge(path, FIRST, "ten")
    assert [error["pointer"] for error in off.json()["errors"]] == ["/judgement"]
    practising.at("2026-12-01T09:00:00Z")
    over = practising.judge(path, FIRST)
    assert (over.status_code, over.json()["code"]) == (422, "practice-case-over")
    practising.at("2026-11-30T23:30:00Z")
    assert practising.judge(path, FIRST).status_code == 201
    absent = f"{CASES}/0199d1f0-7c1b-7000-8000-0000000000c1"
    assert practising.judge(absent, FIRST).status_code == 404


OTHERS = ("ps-boston-fast", "ps-f4me-north", "ps-f4me-south", "ps-cwd", "dm-lincoln-fast")
MORE = ("au-1", "sw1-lincoln-fast", "sw2-lincoln-fast", "sw1-boston-fast")


def rows(practising: Practising, person: str) -> list[Json]:
    found = practising.read("/v1/practice-steadiness?limit=500", person)["items"]
    return [row for row in found if row["scale_code"] == practising.scale]


def agreed(practising: Practising, person: str, path: str = "") -> Json:
    """The agreement on the scale of the test, of all cases or of one."""
    of_case = f"?case={path.rpartition('/')[2]}" if path else ""
    found = practising.read(f"/v1/practice-agreement{of_case}", person)["scales"]
    (scale,) = [each for each in found if each["scale_code"] == practising.scale]
    return dict(scale)


FIGURES = ("exact", "within_one", "raised", "lowered")


def counts(scale: Json) -> list[tuple[int | None, int]]:
    return [(scale[name]["numerator"], scale[name]["denominator"]) for name in FIGURES]


def test_agreement_of_a_case_that_few_judged_is_not_known_yet_but_to_quality_and_standards(
    practising: Practising,
) -> None:
    """Policy: at least five. Neither the case, nor all with and without it, tell of one auditor."""
    few, many = practising.set(), practising.set()
    practising.judged(few, *((other, "good") for other in OTHERS[:4]))
    for path in (few, ""):
        scale = agreed(practising, "slt-1", path)
        assert counts(scale) == [(None, 0)] * 4
        assert [scale[name]["sentence"] for name in FIGURES] == [None] * 4
        assert (scale["pairs"], scale["weighted_kappa"]["value"]) == (0, None)
        assert scale["sentence"] == "Not known yet: no case has been judged by 5 auditors."
    seen = agreed(practising, "qs-1", few)
    assert (seen["pairs"], seen["exact"]["numerator"]) == (4, 0)

    practising.judged(many, *((other, "inadequate") for other in OTHERS))
    for path in (many, ""):
        scale = agreed(practising, "slt-1", path)
        assert (scale["pairs"], scale["exact"]["numerator"]) == (5, 5)
    assert agreed(practising, "qs-1")["pairs"] == 9


@pytest.mark.long
def test_no_reading_of_agreement_before_and_after_one_judged_tells_what_they_gave(
    practising: Practising,
) -> None:
    """Not told: which of them, or whether all of them, judged as the standard."""
    path, like_it = practising.set(), practising.set()
    practising.judged(path, *((other, "good") for other in OTHERS))
    practising.judged(like_it, *((other, "good") for other in OTHERS[:3]))
    practising.judged(like_it, *((other, "inadequate") for other in OTHERS[3:]))
    before = agreed(practising, "slt-1", path)
    # Nobody in one, two of five in the other: both are told as 'about none'.
    assert before == agreed(practising, "slt-1", like_it)
    assert counts(before)[0] == (0, 5)
    assert agreed(practising, "qs-1", path)["exact"]["numerator"] == 0
    # Further ones come in five at a time, here and in the figures of all cases.
    of_all = agreed(practising, "slt-1")
    assert practising.judge(path, FIRST, "inadequate").status_code == 201
    assert agreed(practising, "slt-1", path) == before
    assert agreed(practising, "slt-1") == of_all
    assert counts(agreed(practising, "qs-1", path))[0] == (1, 6)
    practising.judged(path, *((more, "inadequate") for more in MORE))
    assert counts(agreed(practising, "slt-1", path))[0] == (5, 10)


@pytest.mark.long
def test_who_could_still_judge_a_case_is_told_nothing_of_it(
    practising: Practising, accounts: Accounts
) -> None:
    path = practising.set("inadequate", ends_on="2026-11-30")
    practising.judged(path, *((other, "good") for other in OTHERS))
    other_account = accounts.another("slt-1", "auditor")
    of_case = f"/v1/practice-agreement?case={path.rpartition('/')[2]}"

    def told() -> list[str]:
        found = [practising.read(each, "slt-1") for each in (of_case, "/v1/practice-agreement")]
        return [one["scale_code"] for each in found for one in each["scales"]]

    assert practising.scale not in told()
    assert practising.judge(path, other_account).status_code == 201
    assert told().count(practising.scale) == 2
    another = practising.set("inadequate", ends_on="2026-11-30")
    practising.judged(another, *((other, "good") for other in OTHERS))
    assert counts(agreed(practising, "slt-1"))[0] == (0, 5)
    practising.at("2026-12-01T09:00:00Z")
    assert counts(agreed(practising, "slt-1"))[0] == (0, 10)


@pytest.mark.long
def test_who_could_read_how_others_judged_a_case_before_they_were_an_auditor_does_not_judge_it(
    practising: Practising, accounts: Accounts, database: Database
) -> None:
    own, second = accounts.of_newcomer("auditor")
    path = practising.set()
    worker = practising.read("/v1/me", own)["worker"]
    reader = accounts.another(worker, "senior_leader")

    def held(first: str, after: str, *subjects: str) -> None:
        execute(
            database.migrate_url,
            f"UPDATE role_assignments SET valid = '[{first},{after})' WHERE principal_id IN"
            f" (SELECT id FROM principals WHERE subject IN ({', '.join(map(repr, subjects))}))",
        )

    def refused() -> str:
        answer = practising.judge(path, own)
        return str(answer.json().get("code", answer.status_code))

    practising.at("2026-11-25T09:30:00Z")
    held("2026-11-23", "2026-11-25", reader)
    held("2026-11-24", "", own, second)
    assert refused() == "knows-the-figures", "on the first day they read, and judged nothing"
    # Who could judge it on each of these days was told nothing of it.
    held("2026-11-23", "", own)
    assert refused() == "201"


def test_who_set_a_case_or_could_read_its_standard_once_does_not_judge_it(
    practising: Practising, accounts: Accounts, database: Database
) -> None:
    """Whatever they may read by the time they judge."""
    own, _ = accounts.of_newcomer("auditor")
    before, during = practising.set(), practising.set()
    worker = practising.read("/v1/me", own)["worker"]
    of_before = accounts.another(worker, "quality_standards")
    theirs = practising.try_to_set(person=of_before)
    assert theirs.status_code == 201
    theirs = f"{CASES}/{theirs.json()['id']}"

    def was_member(first: str, after: str) -> None:
        execute(
            database.migrate_url,
            f"UPDATE role_assignments SET valid = '[{first},{after})' WHERE principal_id ="
            f" (SELECT id FROM principals WHERE subject = '{of_before}')",
        )

    def refused(path: str) -> bool:
        answer = practising.judge(path, own)
        knew = answer.status_code == 422 and answer.json()["code"] == "knows-the-standard"
        assert knew or answer.status_code == 201, answer.text
        return bool(knew)

    was_member("2026-11-01", "2026-11-24")
    practising.at("2026-11-24T09:30:00Z")
    later = practising.set()
    assert [refused(each) for each in (theirs, during, later)] == [True, True, False]
    # They left before the other case was set; what they set themselves they still know.
    was_member("2026-11-01", "2026-11-23")
    assert [refused(each) for each in (theirs, before)] == [True, False]


@pytest.mark.long
def test_the_figures_are_those_of_moderation_against_the_standard(practising: Practising) -> None:
    """54 cases: one auditor is too lenient in 33 of them, the others in 3 of each twelve."""
    for number in range(54):
        path = practising.set("inadequate" if number < 33 else "good")
        practising.judged(path, (FIRST, "good"))
    others = [practising.set("inadequate") for _ in range(12)]
    for number, path in enumerate(others):
        judgement = "good" if number < 3 else "inadequate"
        practising.judged(path, *((other, judgement) for other in OTHERS))
    # The quarter runs: nothing is counted of one auditor, all in the agreement of all.
    assert rows(practising, FIRST) == []
    scale = agreed(practising, "qs-1")
    assert scale["pairs"] == scale["exact"]["denominator"] == 114
    assert (scale["raised"]["numerator"], scale["lowered"]["numerator"]) == (0, 48)
    assert scale["weighted_kappa"]["value"] is not None
    assert FIRST not in str(scale)
    # A senior leader is told of the cases that many judged, and no coefficient but in tenths.
    shown = agreed(practising, "slt-1")
    assert (shown["pairs"], shown["lowered"]["numerator"]) == (60, 15)
    assert shown["weighted_kappa"]["pairs"] == 60
    ac2 = shown["ac2"]
    assert [ac2["value"] * 10 % 1, ac2["interval"]["low"] * 10 % 1] == [0, 0]
    of_one = practising.read(f"/v1/practice-agreement?case={path.rpartition('/')[2]}")
    assert [each["pairs"] for each in of_one["scales"]] == [5]

    practising.at("2027-01-04T09:00:00Z")
    (own,) = rows(practising, FIRST)
    assert (own["pairs"], own["exact"]["numerator"], own["within_one"]["numerator"]) == (54, 21, 54)
    assert own["lowered"]["own"]["numerator"] == 33
    assert (own["lowered"]["verdict"], own["lowered"]["others"]) == ("more_often", 0.25)
    assert own["raised"]["verdict"] == "no_difference"
    assert {row["auditor"] for row in rows(practising, "qs-1")} == {FIRST, *OTHERS}
    assert [row["auditor"] for row in rows(practising, OTHERS[0])] == [OTHERS[0]]
    assert practising.api.as_("slt-1").get("/v1/practice-steadiness").status_code == 403
