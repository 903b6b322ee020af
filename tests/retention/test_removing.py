"""What goes when a record's time has come, and what stays (X4)."""

import asyncio
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from qa_api.__main__ import main
from qa_api.observations.schemas import ObservationContent
from qa_api.retention.content import GOES, SUBJECT, owner_column, owner_kind
from qa_api.rules.retention import NAME_PREFIX
from qa_api.worker.sealing import seal_events, seal_reads
from qa_api.worker.verifying import LogBroken, Whole, verify_log
from tests.api import give_right
from tests.audits.auditing import MANAGER, Auditing
from tests.closures.sending import PROPOSED, Episode
from tests.retention.keeping import Keeping
from tests.retention.living import SECRET, whole_life, words_of
from tests.test_main import environment_of

WORDS_OF_OTHERS = Path(__file__).parents[2] / "migrations/sql/0074_words_of_others.sql"
FIGURES = "/v1/reporting/metrics/2026-27 Q3"


@pytest.fixture
def case(keeping: Keeping) -> Auditing:
    """A child born so long ago that their record may go."""
    return keeping.child()


def removed_ref(subject_id: str) -> str:
    """What a subject is called whose content went."""
    return f"{NAME_PREFIX}{subject_id}"


@pytest.mark.long
def test_of_a_whole_life_no_word_no_name_and_no_birthday_is_left_anywhere(
    keeping: Keeping,
) -> None:
    birthday = "1939-11-05"  # which no other test has
    case = keeping.child(birthday)
    whole_life(keeping, case, birthday)
    subject_id = keeping.subject_id(case)
    empty = [
        table
        for table in GOES
        if owner_kind(table) == SUBJECT
        and not keeping.rows(f"SELECT FROM {table} WHERE {owner_column(table)} = '{subject_id}'")
    ]
    assert not empty, "nothing was recorded there, so nothing is shown about it"
    before = keeping.everything()
    for found in (SECRET, case.ref, birthday):
        assert any(found in row for rows in before.values() for row in rows)

    keeping.remove()

    after = keeping.everything()
    for found in (SECRET, "aunt", case.ref, birthday):
        left = {table for table, rows in after.items() if any(found in row for row in rows)}
        assert not left, f"{found} is still there"


@pytest.mark.long
def test_the_skeleton_keeps_every_published_figure(keeping: Keeping, case: Auditing) -> None:
    audit = case.completed()
    whole_life(keeping, case)
    before, document = keeping.read(FIGURES), case.read(audit)
    keeping.remove()
    assert keeping.read(FIGURES) == before
    after = case.read(audit)
    kept = ("id", "state", "overall_judgement", "completed_at", "audited_team", "team", "auditor")
    assert {name: after[name] for name in kept} == {name: document[name] for name in kept}
    assert after["overall_rationale"] == "[removed]"
    assert [each["judgement"] for each in after["judgements"]] == [
        each["judgement"] for each in document["judgements"]
    ]
    assert {each["rationale"] for each in after["judgements"]} == {"[removed]"}
    assert {each["value"] for each in after["answers"]} == {None}
    assert {each["evidence"] for each in after["answers"]} <= {"[removed]", None}
    assert after["family_contact"]["contacts"][0]["who"] == "[removed]"
    assert after["family_contact"]["contacts"][0]["outcome"] == "spoken"
    assert after["worker_view"] == document["worker_view"], "nothing was written, nothing stands"


@pytest.mark.long
def test_what_is_left_of_a_name_in_a_plans_list_is_shown(keeping: Keeping, case: Auditing) -> None:
    case.completed()
    whole_life(keeping, case)
    left = removed_ref(keeping.subject_id(case))
    keeping.remove()
    (kept,) = keeping.rows(
        f"SELECT plan_id, id FROM plan_case_lists WHERE chosen::text LIKE '%{left}%'"
    )
    shown = keeping.read(f"/v1/quarter-plans/{kept['plan_id']}/cases/{kept['id']}")
    assert [entry["ref"] for entry in shown["chosen"]] == [left]
    assert left in {entry["ref"] for entry in shown["population"]}


@pytest.mark.long
def test_the_logs_chain_holds_and_says_what_was_done(keeping: Keeping, case: Auditing) -> None:
    whole_life(keeping, case)
    subject_id = keeping.subject_id(case)

    def verified() -> int:
        while keeping.service.work(seal_events):
            pass

        async def verify() -> int:
            connection = await asyncpg.connect(keeping.database.read_url)
            try:
                return (await verify_log(connection, [])).seals
            finally:
                await connection.close()

        return asyncio.run(verify())

    keeping.grow_old()
    before = verified()
    run = keeping.remove()
    assert verified() > before
    (said,) = keeping.rows(
        "SELECT data, principal_id FROM events"
        f" WHERE type = 'retention.content_removed' AND subject_id = '{subject_id}'"
    )
    assert run["id"] in said["data"]
    assert said["principal_id"] is None, "the worker did it"
    states = keeping.rows(
        "SELECT data ->> 'state' AS state FROM events WHERE type = 'retention_run.moved'"
        f" AND about_id = '{run['id']}' ORDER BY xid"
    )
    assert [row["state"] for row in states] == ["proposed", "approved", "executed"]


def test_a_stone_says_under_which_run_and_rule_it_went_and_no_birthday(
    keeping: Keeping, case: Auditing
) -> None:
    case.completed()
    subject_id = keeping.subject_id(case)
    run = keeping.remove()
    item = keeping.items(f"/v1/retention-runs/{run['id']}")[subject_id]
    assert (item["outcome"], item["kept_until"]) == ("removed", "2015-01-01")
    assert item["subject"]["ref"] == removed_ref(subject_id)
    explanation = item["explanation"]
    assert (explanation["clause"], explanation["policy_version"]) == ("X4", 1)
    assert explanation["facts"] == {
        "record_class": "child_record",
        "trigger": "born_on",
        "years": 75,
        "no_date_because": None,
    }
    retention = keeping.retention(removed_ref(subject_id))
    assert retention["removed"] == {
        "removed_on": "2026-11-23",
        "run_id": run["id"],
        "kept_until_year": 2015,
    }


@pytest.mark.long
def test_the_record_can_still_be_read_and_says_what_happened_to_it(
    keeping: Keeping, case: Auditing
) -> None:
    whole_life(keeping, case)
    subject_id = keeping.subject_id(case)
    path = f"/v1/subjects/mosaic/{removed_ref(subject_id)}/record"
    before = keeping.read(f"/v1/subjects/mosaic/{case.ref}/record")
    assert before["subject"]["removed"] is None
    run = keeping.remove()
    for audience in ("subject", "professional"):
        record = keeping.read(f"{path}?audience={audience}")
        assert record["subject"]["removed"] == {
            "removed_on": "2026-11-23",
            "run_id": run["id"],
            "kept_until_year": 2015,
        }
        (audit,) = record["audits"]
        assert (audit["overall_rationale"], audit["overall_judgement"]) == ("[removed]", "good")
        page = keeping.api.get(f"{path}?audience={audience}", headers={"accept": "text/html"})
        assert page.status_code == 200
        assert "until 2015, and was removed on 23 November 2026." in page.text


@pytest.mark.long
def test_the_old_name_is_not_known_and_a_later_event_of_that_name_starts_anew(
    keeping: Keeping, case: Auditing
) -> None:
    episode = Episode(keeping.api, [case.ref])
    event = episode.event(PROPOSED)
    first = episode.send(event)
    before = keeping.subject_id(case)
    episode.tell("case.closure_cancelled.v1", 2)
    keeping.remove()
    system = keeping.api.as_("case-system-mosaic")
    for path in ("", "/record", "/retention"):
        answer = keeping.api.get(f"/v1/subjects/mosaic/{case.ref}{path}")
        assert answer.status_code == 404
    asked = f"/v1/subjects/mosaic/{case.ref}/closure-gate?episode_id={episode.id}"
    assert system.get(asked).json()["state"] == "not_proposed"

    repeated = episode.send(event)
    assert repeated["outcome"] == "duplicate", "a repeat of what was sent brings nothing back"
    assert repeated["event_id"] == first["event_id"]
    assert keeping.api.get(f"/v1/subjects/mosaic/{case.ref}").status_code == 404
    stored = keeping.everything()
    assert not any(case.ref in row for row in stored["conflicting_case_events"])

    gone = removed_ref(before)
    about = {"system": "mosaic", "ref": gone}
    for refused in (
        keeping.api.create("/v1/audits", {"type": "closure", "subject": about}),
        keeping.api.change("PUT", f"/v1/subjects/mosaic/{gone}", {"kind": "child"}),
        episode.post(Episode(keeping.api, [gone]).event(PROPOSED)),
    ):
        assert [each["code"] for each in refused.json()["errors"]] == ["removed"]

    assert episode.tell(PROPOSED, 3) == "gate_opened"
    anew = keeping.read(f"/v1/subjects/mosaic/{case.ref}")
    assert anew["id"] != before
    assert anew["names"] == [{"system": "mosaic", "ref": case.ref}]
    assert len(keeping.read(f"/v1/audits?subject={anew['id']}")["items"]) == 1


@pytest.mark.long
def test_what_the_case_system_said_of_a_sibling_stays(keeping: Keeping, case: Auditing) -> None:
    episode = whole_life(keeping, case)
    _, sibling = episode.refs
    subject_id = keeping.subject_id(case)
    gate = episode.answer(sibling)
    keeping.remove()
    assert episode.answer(sibling) == gate
    (event,) = (
        each
        for each in keeping.read(f"/v1/case-events?episode_id={episode.id}")["items"]
        if any(outcome["ref"] == sibling for outcome in each["outcomes"])
    )
    found = keeping.read(f"/v1/case-events/{event['event_id']}")
    named = [each["ref"] for each in found["message"]["data"]["subjects"]]
    assert named == [removed_ref(subject_id), sibling]
    assert found["message"]["data"]["closure"] == {"date": "2026-11-27"}
    # And the episode goes on for the sibling.
    again = Episode(keeping.api, [sibling], id=episode.id)
    assert again.tell("case.closure_cancelled.v1", 4) == "gate_changed"


@pytest.mark.long
def test_a_merged_record_goes_with_the_one_it_was_merged_into(
    keeping: Keeping, case: Auditing
) -> None:
    other = keeping.child(None)
    other.completed()
    subject_id = keeping.subject_id(case)
    episode = Episode(keeping.api, [case.ref])
    merge = episode.event("person.merged.v1")
    merge["data"] = {
        "occurred_at": "2026-11-23T09:00:00Z",
        "merge": {"from": other.ref, "into": case.ref},
    }
    assert episode.send(merge)["outcome"] == "applied"
    keeping.remove()
    told = keeping.everything()
    for ref in (case.ref, other.ref):
        assert not [name for name, rows in told.items() if any(ref in row for row in rows)]
    (audit,) = keeping.read(f"/v1/audits?subject={subject_id}")["items"]
    assert audit["overall_judgement"] == "good"


@pytest.mark.long
def test_an_observation_goes_and_still_counts(keeping: Keeping, at: Callable[[str], None]) -> None:
    worker, observer = "sw1-lincoln-fast", "ps-lincoln-fast"
    at("2016-05-03T10:00:00Z")
    words = words_of(ObservationContent.model_json_schema())
    assert words == GOES["practice_observations"].keys() - {"withdrawn_reason"}
    said: dict[str, Any] = {
        "observer": observer,
        "observed_on": "2016-05-02",
        "planned": True,
        "family_consent": "given",
        **dict.fromkeys(words, SECRET),
    }
    recording = keeping.api.as_(observer)
    made = recording.create("/v1/practice-observations", {"worker": worker, **said})
    assert made.status_code == 201, made.text
    path = made.headers["location"]
    corrected = recording.act(f"{path}/correct", {**said, "planned": False, "reason": SECRET})
    assert corrected.status_code == 200, corrected.text
    counted = f"/v1/observation-compliance?level=worker&worker={worker}&as_at=2016-06-01"
    at("2026-11-23T09:30:00Z")
    before = keeping.read(counted)
    run = keeping.propose()
    assert path.rpartition("/")[2] in keeping.items(run)
    keeping.approve(run)
    assert keeping.execute(run)["state"] == "executed"
    assert keeping.read(counted) == before
    after = keeping.read(path)
    assert (after["observed_on"], after["planned"]) == ("2016-05-02", False)
    (correction,) = after["corrections"]
    assert {after[name] for name in words} == {"[removed]"}
    assert {correction["before"][name] for name in words} == {"[removed]"}
    assert correction["before"]["planned"] is True
    assert correction["reason"] == "[removed]"
    assert not any(SECRET in row for row in keeping.everything()["observation_corrections"])


@pytest.mark.long
def test_messages_from_which_somebody_went_before_lose_what_nobody_reads_too(
    keeping: Keeping, case: Auditing
) -> None:
    whole_life(keeping, case)
    sent = f"data::text LIKE '%{removed_ref(keeping.subject_id(case))}%'"
    keeping.remove()
    noted = f"""jsonb_set(data, '{{data,note}}', '"{SECRET.replace("'", "''")}"')"""
    keeping.rows(f"UPDATE case_events SET data = {noted} WHERE {sent}")
    assert any(SECRET in row for row in keeping.everything()["case_events"])
    again = "".join(WORDS_OF_OTHERS.read_text().rpartition("UPDATE case_events")[1:])
    keeping.rows(again)
    assert not any(SECRET in row for row in keeping.everything()["case_events"])


async def test_a_text_that_is_added_to_observations_goes_from_what_they_said_before_too(
    keeping: Keeping,
) -> None:
    connection = await asyncpg.connect(keeping.database.migrate_url)
    try:
        await connection.execute(
            "BEGIN;"
            "ALTER TABLE practice_observations ADD COLUMN a_text_of_later text;"
            "INSERT INTO retained_content"
            " (table_name, column_name, content_of, found_by, treatment) VALUES"
            " ('practice_observations', 'a_text_of_later', 'practice_observation', 'id', 'mark')"
        )
        before = {"a_text_of_later": SECRET, "feedback": None, "planned": True}
        left = await connection.fetchval(
            "SELECT qa_without_words($1::text::jsonb, 'practice_observations')", json.dumps(before)
        )
    finally:
        await connection.close()
    assert json.loads(left) == before | {"a_text_of_later": "[removed]"}


def test_lines_of_the_access_log_go_by_the_month_but_not_those_of_somebody_under_a_hold(
    keeping: Keeping, at: Callable[[str], None]
) -> None:
    at("2017-03-15T10:00:00Z")
    seen, held = keeping.child("2010-01-01"), keeping.child("2010-01-01")
    ids = [keeping.subject_id(child) for child in (seen, held)]
    at("2017-04-01T00:30:00Z")  # still April in London
    keeping.retention(seen.ref)
    at("2026-11-23T09:30:00Z")
    keeping.hold_child(held)
    lines = "SELECT FROM access_log WHERE subject_ids @> ARRAY['{}'::uuid] AND at < '2017-04-01'"
    assert all(keeping.rows(lines.format(subject)) for subject in ids)
    run = keeping.propose()
    item = keeping.items(run)["2017-03-01"]
    assert (item["record_class"], item["kept_until"]) == ("access_log", "2023-03-31")
    keeping.approve(run)
    assert keeping.execute(run)["state"] == "executed"
    assert not keeping.rows(lines.format(ids[0]))
    assert keeping.rows(lines.format(ids[1]))
    assert keeping.rows("SELECT FROM access_log WHERE at >= '2024-01-01'"), "the newest are kept"


@pytest.mark.long
def test_lines_that_went_with_their_month_leave_the_seals_whole_and_are_told(
    keeping: Keeping,
    at: Callable[[str], None],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Seals behind which all went, some, and none; and what went cannot be added to."""

    def sealed(fewer: bool = False) -> Whole:
        while keeping.service.work(seal_events) or keeping.service.work(seal_reads):
            pass

        async def verify() -> Whole:
            role = keeping.database.migrate_url if fewer else keeping.database.read_url
            connection = await asyncpg.connect(role)
            transaction = connection.transaction(isolation="repeatable_read")
            await transaction.start()
            try:
                if fewer:
                    await connection.execute(
                        "ALTER TABLE access_log DISABLE TRIGGER USER;"
                        " ALTER TABLE access_removals DISABLE TRIGGER USER;"
                        " WITH one AS (SELECT r.item_id, s.* FROM access_removals r"
                        "  JOIN access_seals s USING (number) WHERE NOT EXISTS ("
                        "   SELECT FROM access_removals other WHERE other.number = s.number"
                        "   AND s.lines = ANY (other.places)) LIMIT 1),"
                        " cut AS (DELETE FROM access_log line USING one WHERE"
                        "  (line.xid, line.at, line.id) = (last_xid, last_at, last_id))"
                        " UPDATE access_removals r SET places = places || one.lines"
                        " FROM one WHERE (r.item_id, r.number) = (one.item_id, one.number)"
                    )
                return await verify_log(connection, [])
            finally:
                await transaction.rollback()
                await connection.close()

        return asyncio.run(verify())

    at("2017-05-15T10:00:00Z")
    gone, held = keeping.child("2010-01-01"), keeping.child("2010-01-01")
    for _ in range(2):
        keeping.retention(gone.ref)
    sealed()
    for child in (gone, held, gone):
        keeping.retention(child.ref)
    at("2026-11-23T09:30:00Z")
    keeping.retention(gone.ref)
    before = sealed()
    keeping.hold_child(held)
    run = keeping.propose()
    assert "2017-05-01" in keeping.items(run)
    keeping.approve(run)
    assert keeping.execute(run)["state"] == "executed"
    left = (
        "SELECT FROM access_log WHERE at >= '2017-05-01' AND at < '2017-05-31'"
        f" AND subject_ids @> ARRAY['{keeping.subject_id(held)}'::uuid]"
    )
    assert keeping.rows(left)
    after = sealed()
    went = {month: count for month, count in after.removed.items() if "May 2017" in month}
    assert [count >= 4 for count in went.values()] == [True]
    assert after.seals > before.seals
    assert sealed() == after, "and a second time"
    with monkeypatch.context() as operator:
        for name, value in environment_of(keeping.database).items():
            operator.setenv(name, value)
        assert main(["verify"]) == 0, "as the guide says, by the role for reading"
    assert re.search(
        r"lines of the access log of May 2017, item .* were removed", capsys.readouterr().out
    )
    with pytest.raises(LogBroken, match="no event tells that item"):
        sealed(fewer=True)


def test_deliveries_go_by_the_month_where_the_authority_has_a_rule_for_them(
    keeping: Keeping, at: Callable[[str], None]
) -> None:
    def settled(on: str, state: str) -> str:
        (made,) = keeping.rows(
            "WITH endpoint AS ("
            "INSERT INTO webhook_endpoints (id, url, event_types, secrets, version)"
            " VALUES (gen_random_uuid(), 'https://example.org', '{}', '[]', 1) RETURNING id)"
            " INSERT INTO deliveries (id, event_id, endpoint_id, lane, case_key, due_at)"
            f" SELECT gen_random_uuid(), e.id, endpoint.id, 'ordinary', 'x', '{on}'"
            " FROM endpoint, (SELECT id FROM events LIMIT 1) e RETURNING id"
        )
        keeping.rows(
            f"UPDATE deliveries SET state = '{state}', settled_at = '{on}',"
            f" delivered_at = CASE WHEN '{state}' = 'delivered' THEN timestamptz '{on}' END"
            f" WHERE id = '{made['id']}'"
        )
        keeping.rows(
            "INSERT INTO delivery_attempts (delivery_id, number, at, status)"
            f" VALUES ('{made['id']}', 1, '{on}', 200)"
        )
        return str(made["id"])

    old = settled("2019-05-31T22:30:00Z", "delivered")
    refused = settled("2019-05-30T22:30:00Z", "refused")
    new = settled("2019-05-31T23:30:00Z", "refused")
    # What stays may name what goes, as the delivery that sent its event once more.
    keeping.rows(f"UPDATE deliveries SET replayed_as = '{old}' WHERE id = '{new}'")
    keeping.child()
    assert "2019-05-01" not in keeping.items(keeping.propose()), "without a rule it is kept"
    keeping.leave_nothing_waiting()
    rules = [{"record_class": "webhook_delivery", "years": 7, "trigger": "last_recorded_on"}]
    changes = [{"key": "retention_rules", "value": rules}]
    give_right(keeping.api, policy={"effective_from": "2090-01-01", "changes": changes})
    at("2090-01-01T09:00:00Z")
    run = keeping.propose(as_at="2026-06-01")
    assert list(keeping.items(run)) == ["2019-05-01"], "June began at midnight in London"
    keeping.approve(run)
    assert keeping.execute(run)["state"] == "executed"
    left = keeping.rows(
        f"SELECT id::text FROM deliveries WHERE id IN ('{old}', '{refused}', '{new}')"
    )
    assert [row["id"] for row in left] == [new]
    assert not keeping.rows(f"SELECT FROM delivery_attempts WHERE delivery_id = '{old}'")


def test_whoever_manages_the_case_reads_the_stone(keeping: Keeping, case: Auditing) -> None:
    subject_id = keeping.subject_id(case)
    keeping.remove()
    assert keeping.retention(removed_ref(subject_id), MANAGER)["removed"]
