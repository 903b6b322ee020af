"""A caseload is taken whole or not at all; what is wrong with it is told by its line (R4.4.4)."""

import base64
import hashlib
import json
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest

from tests.api import Api, Json
from tests.audits.auditing import of_new_child
from tests.caseloads.sending import CSV, OTHER, TEAM, Caseloads, faults, lines
from tests.conftest import Database
from tests.planning.test_restricted import restrict
from tests.test_privileges import ask


def test_a_caseload_is_taken_whole_with_its_count_and_hash(
    caseloads: Caseloads, database: Database
) -> None:
    sent = [
        caseloads.child(worker="sw1-lincoln-fast", open_since="2026-02-03", strata={"age": "5-9"}),
        caseloads.child(team=OTHER, status="looked-after", worker="nobody-knows-them"),
    ]
    taken = caseloads.taken(*sent)
    assert (taken["children"], taken["system"], taken["version"]) == (2, "mosaic", 1)
    first, second = caseloads.children()
    assert first["ref"] == sent[0]["ref"], "the longest open is first"
    assert (first["worker"], first["open_since"]) == ("sw1-lincoln-fast", "2026-02-03")
    assert (second["team"], second["worker"], second["known_here"]) == (OTHER, None, False)
    digests = sorted([first["digest"], second["digest"]])
    assert taken["rows_hash"] == hashlib.sha256("".join(digests).encode()).hexdigest()
    left = ask(database.migrate_url, "SELECT count(*) FROM caseload_lines")
    assert left == [(0,)], "what was set down meanwhile is put away"


def test_the_same_again_is_the_same_in_whatever_form_and_order(caseloads: Caseloads) -> None:
    one, other = caseloads.child(), caseloads.child(strata={"age": "5-9"})
    taken = caseloads.taken(one, other)
    again = caseloads.put([other, one])
    assert (again.status_code, again.json()) == (201, taken)
    assert caseloads.put_file(lines(other, one)).json() == taken
    written = f"ref,status,team,strata.age\n{one['ref']},child-in-need,{TEAM},\n"
    written += f'{other["ref"]},child-in-need,"{TEAM}",5-9\n'
    assert caseloads.put_file(written.encode(), CSV).json() == taken


def test_another_caseload_of_the_day_takes_its_place_only_where_it_says_so(
    caseloads: Caseloads,
) -> None:
    caseloads.taken(caseloads.child())
    child = caseloads.child()
    refused = caseloads.put([child])
    assert refused.status_code == 412
    tag = caseloads.system.tag(caseloads.path)
    replaced = caseloads.put([child], tag=tag)
    assert (replaced.status_code, replaced.json()["version"]) == (200, 2)
    assert caseloads.refs() == [child["ref"]]
    assert caseloads.put([caseloads.child()], tag=tag).status_code == 412


def test_teams_and_workers_may_have_the_names_of_the_case_system(caseloads: Caseloads) -> None:
    caseloads.taken(caseloads.child(team=TEAM.upper(), worker="SW1-Lincoln-FAST"))
    (child,) = caseloads.children()
    assert (child["team"], child["worker"]) == (TEAM, "sw1-lincoln-fast")


def test_a_doubled_child_an_unknown_team_and_a_wrong_date_are_told_by_their_lines(
    caseloads: Caseloads,
) -> None:
    one = caseloads.child()
    sent = lines(
        one,
        caseloads.child(team="no-such-team"),
        caseloads.child(open_since="2026-02-30"),
        one,
        caseloads.child(status="In Need"),
        caseloads.child(colour="blue"),
    )
    answer = caseloads.put_file(sent)
    assert faults(answer) == [
        (2, "unknown"),
        (3, "date"),
        (4, "repeated"),
        (5, "form"),
        (6, "unknown"),
    ]
    assert "Line 4, ref: The same child as on line 1." in answer.text
    assert one["ref"] not in answer.text
    assert caseloads.standards.get(caseloads.path).status_code == 404, "nothing half taken"
    assert caseloads.refs() == []


def test_faults_of_a_json_body_point_into_it(caseloads: Caseloads) -> None:
    one = caseloads.child()
    answer = caseloads.put([one, caseloads.child(team="no-such-team"), one])
    assert faults(answer) == [
        ("/children/1/team", "unknown"),
        ("/children/2/ref", "repeated"),
    ]
    assert faults(caseloads.put([])) == [("/children", "too_few")]


Broken = tuple[Callable[[bytes], bytes], str, list[tuple[str | int, str]]]
BROKEN: dict[str, Broken] = {
    "cut in a line": (lambda sent: sent[:-20], "application/x-ndjson", [(2, "cut")]),
    "no JSON": (lambda sent: b"x\n" + sent, "application/x-ndjson", [(1, "json")]),
    "a list": (lambda sent: b"[]\n" + sent, "application/x-ndjson", [(1, "type")]),
    "UTF-16": (lambda sent: sent.decode().encode("utf-16"), "text/csv", [(1, "encoding")]),
    "gzip": (lambda _: b"\x1f\x8b\x08\x00", "application/x-ndjson", [(1, "encoding")]),
    "empty": (lambda _: b"", "text/csv", [(1, "empty")]),
    "nobody": (lambda _: b"\n", "application/x-ndjson", [("", "too_few")]),
    "no column": (lambda _: b"ref,team\na,b\n", "text/csv", [(1, "missing")]),
    "unknown column": (
        lambda _: b"ref,team,status,name\na,b,c,d\n",
        "text/csv",
        [(1, "unknown")],
    ),
    "cut in a row": (
        lambda _: b"ref,team,status\nR-1,lincoln-fast,cin\nR-2,linc",
        "text/csv",
        [(3, "cut")],
    ),
    "cut in the last field": (
        lambda _: b"ref,team,status\nR-1,lincoln-fast,ci",
        "text/csv",
        [(2, "cut")],
    ),
    "quotes": (
        lambda _: b'ref,team,status\nR-1,"lincoln-fast,cin\n',
        "text/csv",
        [(2, "quotes")],
    ),
    "fields": (lambda _: b"ref,team,status\nR-1,cin\n", "text/csv", [(2, "fields")]),
}


@pytest.mark.parametrize("broken", sorted(BROKEN))
def test_a_broken_file_is_told_and_nothing_of_it_taken(caseloads: Caseloads, broken: str) -> None:
    change, kind, told = BROKEN[broken]
    sent = change(lines(caseloads.child(), caseloads.child()))
    assert faults(caseloads.put_file(sent, kind)) == told
    assert caseloads.standards.get(caseloads.path).status_code == 404


def digest_of(content: bytes, algorithm: str = "sha-256") -> str:
    """As Content-Digest has it (RFC 9530)."""
    found = hashlib.new(algorithm.replace("-", ""), content).digest()
    return f"{algorithm}=:{base64.b64encode(found).decode()}:"


def test_a_file_that_was_cut_at_the_end_of_a_line_is_refused_by_what_was_said_of_the_whole(
    caseloads: Caseloads,
) -> None:
    children = [caseloads.child() for _ in range(3)]
    whole, cut = lines(*children), lines(*children[:2])
    assert faults(caseloads.put_file(cut, count=3)) == [("count", "not-whole")]
    for said in (digest_of(whole), f"{digest_of(cut)}, {digest_of(whole, 'sha-512')}"):
        assert faults(caseloads.put_file(cut, digest=said)) == [("Content-Digest", "not-whole")]
    assert faults(caseloads.put_file(cut + cut[-9:], count=3)) != [("count", "not-whole")]
    body = json.dumps({"children": children[:2]}).encode()
    assert faults(caseloads.put_file(body, "application/json", count=3)) == [("count", "not-whole")]
    wrong = caseloads.put_file(body, "application/json", digest=digest_of(whole))
    assert faults(wrong) == [("Content-Digest", "not-whole")]
    system = caseloads.system
    lines_of_header = [
        ("authorization", f"Bearer {system.token()}"),
        ("if-none-match", "*"),
        ("content-type", "application/x-ndjson"),
        ("content-digest", digest_of(cut)),
        ("content-digest", digest_of(whole, "sha-512")),
    ]
    said_twice = system.http.request("PUT", caseloads.path, content=cut, headers=lines_of_header)
    assert faults(said_twice) == [("Content-Digest", "not-whole")]
    assert caseloads.standards.get(caseloads.path).status_code == 404, "nothing was taken"
    unknown = "md5=:CY9rzUYh03PK3k6DJie09g==:"
    taken = caseloads.put_file(whole, count=3, digest=f"{digest_of(whole)}, {unknown}")
    assert (taken.status_code, taken.json()["children"]) == (201, 3)
    body = json.dumps({"children": children}).encode()
    again = caseloads.put_file(body, "application/json", count=3, digest=digest_of(body, "sha-512"))
    assert (again.status_code, again.json()) == (201, taken.json())


@pytest.mark.parametrize(
    "said", ["", "md5=:CY9rzUYh03PK3k6DJie09g==:", "sha-256=abc", "sha-256=:ab:", "sha-256"]
)
def test_a_digest_that_cannot_be_compared_is_refused(caseloads: Caseloads, said: str) -> None:
    answer = caseloads.put_file(lines(caseloads.child()), digest=said)
    assert faults(answer) == [("Content-Digest", "malformed")]


def test_a_day_that_is_ahead_is_refused(caseloads: Caseloads) -> None:
    caseloads.day += timedelta(days=400)
    assert faults(caseloads.put([caseloads.child()])) == [("date", "ahead")]


def test_a_case_that_opened_after_the_day_is_told_by_its_line(caseloads: Caseloads) -> None:
    that_day, after = str(caseloads.day), str(caseloads.day + timedelta(days=1))
    sent = [caseloads.child(open_since=since) for since in (that_day, after, "2099-01-01")]
    answer = caseloads.put_file(lines(*sent))
    assert faults(answer) == [(2, "ahead"), (3, "ahead")]
    assert f"Line 2, open_since: The case was not open yet on {that_day}" in answer.text
    pointers = [(f"/children/{at}/open_since", "ahead") for at in (1, 2)]
    assert faults(caseloads.put(sent)) == pointers
    assert caseloads.standards.get(caseloads.path).status_code == 404
    assert caseloads.put_file(lines(sent[0])).status_code == 201


def test_a_day_longer_ago_than_caseloads_are_kept_is_refused(
    caseloads: Caseloads, at: Callable[[str], None]
) -> None:
    at(f"{caseloads.day + timedelta(days=36)}T09:30:00Z")
    answer = caseloads.put([caseloads.child()])
    assert faults(answer) == [("date", "past")]
    assert "a caseload is kept for 35 days after its day" in answer.text
    assert faults(caseloads.put_file(lines(caseloads.child()))) == [("date", "past")]
    at(f"{caseloads.day + timedelta(days=35)}T09:30:00Z")
    assert caseloads.put([caseloads.child()]).status_code == 201
    caseloads.day = date(1926, 12, 28)
    assert faults(caseloads.put([caseloads.child()])) == [("date", "past")]


def test_a_case_system_sends_its_own_and_reads_no_child(caseloads: Caseloads, api: Api) -> None:
    caseloads.taken(caseloads.child())
    read = caseloads.system.get(caseloads.path)
    assert (read.status_code, read.json()["children"]) == (200, 1)
    assert caseloads.system.get(f"{caseloads.path}/children").status_code == 403
    headers = {"if-none-match": "*"}
    sent = {"children": [caseloads.child()]}
    another = caseloads.system.request(
        "PUT", f"{caseloads.path}?system=no-such-system", json=sent, headers=headers
    )
    assert another.status_code == 403
    for person in ("tm-lincoln-fast", "sw1-lincoln-fast", "admin-1"):
        assert api.as_(person).get(caseloads.path).status_code == 403
        assert caseloads.put([caseloads.child()], by=api.as_(person)).status_code == 403


@pytest.mark.long
def test_a_file_has_a_limit_and_types_of_its_own(caseloads: Caseloads) -> None:
    children = [caseloads.child(strata={"note": "a" * 40}) for _ in range(12_000)]
    sent = lines(*children)
    assert len(sent) > 2**20, "more than any other body may have"
    answer = caseloads.put_file(sent)
    assert (answer.status_code, answer.json()["children"]) == (201, 12_000)
    assert caseloads.put_file(b"<x/>", "application/xml").status_code == 415
    assert caseloads.put_file(b"{}", "text/csv; charset=latin-1").status_code == 415


def test_who_is_not_let_in_sets_no_file_down(caseloads: Caseloads) -> None:
    headers = {"if-none-match": "*", "content-type": "text/csv", "authorization": "Bearer no"}
    answer = caseloads.system.http.put(caseloads.path, content=b"x" * 2**21, headers=headers)
    assert answer.status_code == 401


def test_a_key_is_for_one_file(caseloads: Caseloads) -> None:
    headers = {"if-none-match": "*", "content-type": "application/x-ndjson"}
    headers |= {"idempotency-key": json.dumps(str(caseloads.day)).strip('"') + "-caseload"}
    sent = lines(caseloads.child())
    first = caseloads.system.request("PUT", caseloads.path, content=sent, headers=headers)
    again = caseloads.system.request("PUT", caseloads.path, content=sent, headers=headers)
    assert (again.status_code, again.json()) == (201, first.json())
    assert again.headers["idempotent-replayed"] == "true"
    other = lines(caseloads.child())
    refused = caseloads.system.request("PUT", caseloads.path, content=other, headers=headers)
    assert refused.json()["type"] == "/problems/idempotency-key-reused"


@pytest.fixture
def sent_by_hand(caseloads: Caseloads) -> Callable[..., Json]:
    """Quality & Standards send a caseload of one child, and look at it in every way."""

    def send(*children: Json, by: str = "qs-1") -> Json:
        person = caseloads.standards.as_(by)
        answer = caseloads.put(children, by=person)
        assert answer.status_code == 201, answer.text
        read = {"sent": answer.json(), "read": person.get(caseloads.path).json()}
        listed = person.get(f"/v1/caseloads?taken_on={caseloads.day}").json()["items"]
        read |= {"listed": listed, "children": caseloads.children(by=person)}
        for part in ("coverage", "sample-size?width_percent=50"):
            read[part] = person.get(f"{caseloads.path}/{part}").json()
        read["verified"] = person.post(f"{caseloads.path}/verify").json()
        caseloads.day += timedelta(days=400)
        return read

    return send


def alike(read: Any) -> Any:
    """The same without what differs between any two caseloads: ids, days, hashes, references."""
    if isinstance(read, dict):
        differ = {"id", "taken_on", "rows_hash", "ref", "digest", "day", "audited_from", "taken_at"}
        return {
            name: (value is None) if name in differ else alike(value)
            for name, value in read.items()
        }
    return [alike(one) for one in read] if isinstance(read, list) else read


def test_whoever_sends_a_child_is_not_told_whether_the_record_is_restricted(
    caseloads: Caseloads, api: Api, at: Callable[[str], None], sent_by_hand: Callable[..., Json]
) -> None:
    hidden = of_new_child(api, caseloads.new_ref, team=TEAM, worker=f"sw1-{TEAM}").ref
    restrict(api, hidden)
    days = caseloads.day
    at(caseloads.morning_after)
    of_hidden = sent_by_hand(caseloads.child(hidden))
    at(caseloads.morning_after)
    of_unknown = sent_by_hand(caseloads.child())
    assert of_hidden["sent"]["children"] == of_hidden["read"]["children"] == 1
    assert alike(of_hidden) == alike(of_unknown)
    # Another of Quality & Standards, who does not know what was sent, is told nothing of it.
    caseloads.day = days
    other = api.as_("qs-2")
    assert caseloads.children(by=other) == []
    assert other.get(caseloads.path).json()["children"] is None
    assert other.post(f"{caseloads.path}/verify").json()["children"] is None
    covered = other.get(f"{caseloads.path}/coverage").json()["covered"]
    assert (covered["audited"], covered["children"]) == (0, 0)
