"""`qa-api check` finds what must hold and does not, names rows alone, and changes nothing."""

from collections.abc import Callable
from typing import Any, Final

import pytest

from qa_api.__main__ import main
from qa_api.checking.all import INVARIANTS
from qa_api.checking.answers import Answer, Row
from qa_api.closure_gates.deciding_again import decide_gates_again
from qa_api.commands.checking import MOST_TOLD, tell
from qa_api.rules.local_time import FinancialQuarter
from tests.api import Api
from tests.audits.auditing import ACTION, SUPERVISOR, TEAM, of_new_child
from tests.closures.sending import CLOSED, PROPOSED, REOPENED, Episode
from tests.comments.talking import said
from tests.conftest import Database, execute
from tests.kept import KEPT
from tests.planning.quarters import Planning
from tests.responses.casework import WORKER, Casework, Service
from tests.test_main import environment_of

LISTS, DATES, GATES, ESCALATED, RESTRICTED, SHOWN, LOCKED, *LATER = INVARIANTS
DRAWN, TAKEN, PRESENTED, REMOVED, OVERTAKEN, AUDITED, _ = LATER
AWAITED: Final = {REMOVED, OVERTAKEN}
"""Nobody's time has come here, and no message waits, but in their own tests."""


@pytest.fixture(autouse=True)
def _something_open(
    casework: Casework, api: Api, new_ref: Callable[[], str], held: Database
) -> None:
    """A response, actions, one of a draft, a question; a gate that waits, and a closed one."""
    case = casework.completed_audit()
    casework.deliver(case)
    said(api, "au-1", "audit", case.audit_id, addressees=[WORKER])
    draft = of_new_child(api, new_ref).started()
    assert api.as_(SUPERVISOR).create(f"{draft}/actions", ACTION).status_code == 201
    Episode(api, ["C-check-open"]).tell(PROPOSED)
    closing = Episode(api, ["C-check-closed"])
    closing.tell(PROPOSED)
    closing.tell(CLOSED)
    clear = Episode(api, ["C-check-clear"], id="EP-check-clear")
    clear.tell(PROPOSED)
    if clear.answer()["state"] == "awaiting_audit":
        clear.complete_audit()
    if not one(held, "SELECT count(*) FROM board_reports"):
        _something_drawn_and_presented(api)


def _something_drawn_and_presented(api: Api) -> None:
    """A caseload, a plan whose cases are drawn from it, and the report of a quarter."""
    children = {"children": [{"ref": "C-check-open", "team": TEAM, "status": "child-in-need"}]}
    path = "/v1/caseloads/2026-11-22"
    assert api.as_("case-system-mosaic").change("PUT", path, children).status_code == 201
    standards = Planning(api.as_("qs-1"), lambda: "C-check-drawn", [FinancialQuarter(2027, 1)])
    theme = standards.theme()
    plan = standards.published(theme, {TEAM: 1})
    drawn = {"method": "drawn", "caseload": "2026-11-22"}
    body = {"team": TEAM, "theme": theme, "system": "mosaic"} | drawn
    assert api.as_("qs-1").create(f"{plan}/cases", body).status_code == 201
    report = {"quarter": "2026-27 Q2", "title": "Quality assurance"}
    made = api.as_("qs-1").create("/v1/board-reports", report).json()
    presented = api.as_("qs-1").act(f"/v1/board-reports/{made['id']}/present")
    assert presented.status_code == 200, presented.text


def one(held: Database, question: str) -> Any:
    return KEPT.ask(held.migrate_url, lambda kept: kept.fetchval(question))


def everything(held: Database) -> Any:
    """A count of changes: every row that is stamped, every event."""
    return one(
        held,
        "SELECT array[(SELECT count(*) FROM events), (SELECT sum(version) FROM audits),"
        " (SELECT sum(version) FROM closure_gates), (SELECT sum(version) FROM audit_responses)]",
    )


def spoil(held: Database, table: str, change: str) -> str:
    """Write over one row, past every lock of its table; the row as it is told."""
    execute(held.migrate_url, f"ALTER TABLE {table} DISABLE TRIGGER USER")
    id_ = one(held, f"UPDATE {table} SET {change} RETURNING id")
    execute(held.migrate_url, f"ALTER TABLE {table} ENABLE TRIGGER USER")
    return f"{table} {id_}"


@pytest.mark.long
@pytest.mark.parametrize("said", INVARIANTS)
def test_it_holds_of_what_people_do_and_asking_changes_nothing(
    service: Service, held: Database, said: str
) -> None:
    before = everything(held)
    answer = service.works(INVARIANTS[said])
    assert answer.broken == ()
    assert answer.asked > 0 or said in AWAITED
    assert everything(held) == before


@pytest.mark.long
def test_what_is_open_and_in_nobodys_list_is_found(service: Service, held: Database) -> None:
    """Nobody holds any role any more."""
    execute(
        held.migrate_url,
        "CREATE TABLE held AS SELECT id, valid FROM role_assignments",
        "UPDATE role_assignments SET valid = '[1990-01-01,1990-01-02)'",
    )
    answer = service.works(INVARIANTS[LISTS])
    execute(
        held.migrate_url,
        "UPDATE role_assignments r SET valid = held.valid FROM held WHERE held.id = r.id",
        "DROP TABLE held",
    )
    assert len(answer.broken) == answer.asked > 3
    assert {row.table for row in answer.broken} >= {"audits", "audit_responses", "comments"}


@pytest.mark.parametrize(
    ("said", "table", "change", "back"),
    [
        pytest.param(
            DATES,
            "audit_responses",
            "due_on = due_on - 60 WHERE id = (SELECT id FROM audit_responses"
            " WHERE state = 'awaiting_response' ORDER BY id LIMIT 1)",
            "due_on = due_on + 60",
            id="a date",
        ),
        pytest.param(
            GATES,
            "closure_gates",
            "state = 'clear', left_state = 'awaiting_audit', may_close = true"
            " WHERE id = (SELECT id FROM closure_gates WHERE state = 'awaiting_audit' LIMIT 1)",
            "state = 'awaiting_audit', left_state = 'new', may_close = false",
            id="a gate",
        ),
        pytest.param(
            RESTRICTED,
            "audits",
            "restricted = true WHERE id = (SELECT id FROM audits ORDER BY id LIMIT 1)",
            "restricted = false",
            id="a row that is not as restricted",
        ),
        *(
            pytest.param(
                AUDITED,
                table,
                "auditor = 'qs-1' WHERE id = (SELECT id FROM"
                f" {table} WHERE auditor = 'au-1' LIMIT 1)",
                "auditor = 'au-1'",
                id=f"who audited, of {table}",
            )
            for table in ("restorative_actions", "audit_responses", "comments")
        ),
        pytest.param(
            DRAWN,
            "plan_case_lists",
            "seed = reverse(seed), population_hash = reverse(population_hash)",
            "seed = reverse(seed), population_hash = reverse(population_hash)",
            id="a draw",
        ),
        pytest.param(
            TAKEN,
            "caseloads",
            "children = children + 1",
            "children = children - 1",
            id="a caseload",
        ),
        pytest.param(
            PRESENTED,
            "board_reports",
            "snapshot = jsonb_set(snapshot, '{figures,figures,0,denominator,count}', '1000')",
            "snapshot = jsonb_set(snapshot, '{figures,figures,0,denominator,count}', 'null')",
            id="a presented figure",
        ),
    ],
)
def test_a_row_that_was_written_over_is_found(
    service: Service, held: Database, said: str, table: str, change: str, back: str
) -> None:
    row = spoil(held, table, change)
    answer = service.works(INVARIANTS[said])
    spoil(held, table, f"{back} WHERE id = '{row.rpartition(' ')[2]}'")
    assert row in map(str, answer.broken)


def test_a_gate_says_since_when_it_is_clear_and_one_that_does_not_is_decided_again(
    service: Service, held: Database, api: Api
) -> None:
    """Releases before this one explained a gate by what was so before they decided."""
    gate = api.get(Episode(api, ["C-check-clear"], id="EP-check-clear").gate()).json()
    assert gate["state"] == "clear"
    assert gate["explanation"]["facts"]["cleared_at"] is not None
    row = spoil(
        held,
        "closure_gates",
        "explanation = jsonb_set(explanation, '{facts,cleared_at}', 'null')"
        f" WHERE id = '{gate['id']}'",
    )
    assert row in map(str, service.works(INVARIANTS[GATES]).broken)
    assert service.work(decide_gates_again) == 1
    assert service.works(INVARIANTS[GATES]).broken == ()
    assert service.work(decide_gates_again) == 0


def test_a_gate_that_was_withdrawn_under_an_older_policy_is_what_its_events_say(
    service: Service, held: Database, api: Api
) -> None:
    """A later gate of its episode is decided under a newer one, and nothing came of the first."""
    episode = Episode(api, ["C-check-called-off"])
    closure = {"date": "2026-11-30", "reason_code": "RC1"}
    episode.tell(PROPOSED, closure=closure)
    episode.tell(REOPENED, 2)
    episode.tell(PROPOSED, 3, closure=closure)
    change = {"key": "observations_required", "value": 3}
    policy = {"effective_from": "2026-11-23", "reason": "Decided.", "changes": [change]}
    assert api.as_("admin-1").create("/v1/policies", policy).status_code == 201
    episode.complete_audit()
    first, second = episode.gates()
    assert (first["state"], second["state"]) == ("withdrawn", "clear")
    policies = "SELECT count(DISTINCT policy_version) FROM closure_gates WHERE episode_id"
    assert one(held, f"{policies} = '{episode.id}'") == 2
    assert service.works(INVARIANTS[GATES]).broken == ()
    row = spoil(held, "closure_gates", f"closure_on = closure_on + 1 WHERE id = '{first['id']}'")
    assert row in map(str, service.works(INVARIANTS[GATES]).broken)
    spoil(held, "closure_gates", f"closure_on = closure_on - 1 WHERE id = '{first['id']}'")


def test_a_gate_is_what_its_events_say_under_a_policy_that_was_decided_earlier_for_later(
    service: Service, api: Api, at: Callable[[str], None]
) -> None:
    """Its number is lower than that of what was decided since, and it is in force after that."""
    at("2026-11-24T09:30:00Z")
    for number, effective_from in ((4, "2026-12-10"), (5, "2026-11-25")):
        change = {"key": "observations_required", "value": number}
        policy = {"effective_from": effective_from, "reason": "Decided.", "changes": [change]}
        assert api.as_("admin-1").create("/v1/policies", policy).status_code == 201
    at("2026-11-26T09:30:00Z")
    episode = Episode(api, ["C-check-later-policy"])
    episode.tell(PROPOSED, closure={"date": "2026-12-20", "reason_code": "RC1"})
    episode.tell(REOPENED, 2)
    episode.tell(PROPOSED, 3, closure={"date": "2026-12-20", "reason_code": "RC1"})
    at("2026-12-11T09:30:00Z")
    episode.complete_audit()
    first, second = (api.get(f"/v1/closure-gates/{gate['id']}").json() for gate in episode.gates())
    assert first["explanation"]["policy_version"] > second["explanation"]["policy_version"]
    assert service.works(INVARIANTS[GATES]).broken == ()


def test_an_escalation_that_nobody_is_asked_about_is_found(
    service: Service, held: Database
) -> None:
    """The closed case of these tests was closed without its audit."""
    row = spoil(
        held,
        "escalation_recipients",
        "replaced_at = notified_at WHERE replaced_at IS NULL"
        " AND id = (SELECT id FROM escalation_recipients ORDER BY id LIMIT 1)",
    )
    id_ = row.rpartition(" ")[2]
    about = one(held, f"SELECT escalation_id FROM escalation_recipients WHERE id = '{id_}'")
    answer = service.works(INVARIANTS[ESCALATED])
    spoil(held, "escalation_recipients", f"replaced_at = NULL WHERE id = '{id_}'")
    assert answer.broken == (Row("escalations", about),)


def test_a_restricted_row_that_row_level_security_shows_is_found(
    service: Service, held: Database, casework: Casework
) -> None:
    case = casework.completed_audit(restricted=True)
    execute(held.migrate_url, "ALTER TABLE audits DISABLE ROW LEVEL SECURITY")
    answer = service.works(INVARIANTS[SHOWN])
    execute(held.migrate_url, "ALTER TABLE audits ENABLE ROW LEVEL SECURITY")
    assert Row("audits", case.audit_id) in answer.broken


def test_words_about_somebody_whose_record_went_are_found(
    service: Service, held: Database, casework: Casework
) -> None:
    case = casework.completed_audit()
    subject = one(held, f"SELECT subject_id FROM audits WHERE id = '{case.audit_id}'")
    spoil(held, "subjects", f"ref = 'removed:' || id WHERE id = '{subject}'")
    answer = service.works(INVARIANTS[REMOVED])
    spoil(held, "subjects", f"ref = 'C-check-removed' WHERE id = '{subject}'")
    assert answer.asked == 1
    assert Row("audits", str(case.audit_id)) in answer.broken
    assert {row.table for row in answer.broken} >= {"subject_aliases", "subjects", "audits"}


def test_a_message_that_another_has_overtaken_is_found(
    service: Service, held: Database, api: Api
) -> None:
    """Two about one case, of which the later was tried."""
    body = {"system": "mosaic", "url": "http://127.0.0.1:9/", "event_types": ["audit.completed"]}
    endpoint = api.as_("admin-1").create("/v1/webhook-endpoints", body).json()["id"]
    event = one(held, "SELECT id FROM events LIMIT 1")
    first, later = (f"00000000-0000-7000-8000-00000000c4e{sign}" for sign in "12")
    execute(
        held.migrate_url,
        *(
            "INSERT INTO deliveries (id, event_id, endpoint_id, lane, case_key, due_at, attempts)"
            f" VALUES ('{id_}', '{event}', '{endpoint}', 'ordinary', 'k', now(), {attempts})"
            for id_, attempts in ((first, 0), (later, 1))
        ),
    )
    answer = service.works(INVARIANTS[OVERTAKEN])
    execute(held.migrate_url, "DELETE FROM deliveries WHERE case_key = 'k'")
    assert answer.asked >= len((first, later))
    assert [str(row) for row in answer.broken] == [f"deliveries {first}"]


def test_a_lock_that_is_switched_off_is_found(service: Service, held: Database) -> None:
    trigger = one(held, "SELECT tgname FROM pg_trigger WHERE tgname LIKE 'frozen%' LIMIT 1")
    table = one(held, f"SELECT tgrelid::regclass::text FROM pg_trigger WHERE tgname = '{trigger}'")
    execute(held.migrate_url, f"ALTER TABLE {table} DISABLE TRIGGER {trigger}")
    answer = service.works(INVARIANTS[LOCKED])
    execute(held.migrate_url, f"ALTER TABLE {table} ENABLE TRIGGER {trigger}")
    assert answer.broken == (Row(table, trigger),)


@pytest.mark.long
def test_the_command_prints_a_line_for_each_and_ends_with_0(
    held: Database, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name, value in environment_of(held).items():
        monkeypatch.setenv(name, value)
    assert main(["check"]) == 0
    said = capsys.readouterr().out
    assert "asked as qa_app, with the reach of the service" in said
    assert [line.endswith("asked, holds") for line in said.splitlines()].count(True) == 14
    assert "the figures hold" in said
    assert "the event log holds" in said


def test_of_very_many_it_prints_the_first_and_how_many_more(
    capsys: pytest.CaptureFixture[str],
) -> None:
    tell("all is well", Answer.of(50, (Row("audits", f"{at:02}") for at in range(MOST_TOLD + 3))))
    said = capsys.readouterr().out.splitlines()
    assert said[0].endswith("50 asked, does NOT hold for 23")
    assert said[1] == "    audits 00"
    assert said[-1] == "    and 3 more"
    assert len(said) == MOST_TOLD + 2
