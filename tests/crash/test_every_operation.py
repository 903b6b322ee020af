"""Every state-changing operation is cut off before and after each statement of its transactions.

All of it is done or nothing, and whoever sends it again is answered rightly. The suite cuts ten
operations of one story; `./dev drill crash` all of the contract and of SCIM, each in the situation
that a test of its own prepares (`situations`).
"""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from typing import Final

import httpx
import pytest
from fastapi import APIRouter, Request

from qa_api.auth.development import DevelopmentIssuer
from qa_api.db import Database as Connections
from tests.api import Api, serving
from tests.audits.auditing import GOOD, SUPERVISOR, needed_answers, of_new_child
from tests.caseloads.sending import Caseloads
from tests.closures.sending import PROPOSED, Episode
from tests.comments.talking import about
from tests.conftest import Clone, settings_for
from tests.crash.cutting import COMMIT, Cut, OneCut, cutting
from tests.crash.each_statement import AtEachStatement, Cuts, Findings, Operation
from tests.crash.situations import NOT_CUT, OPERATIONS, OTHERWISE, SITUATIONS
from tests.drill import SEED, share
from tests.scim.provider import Provider

IN_SUITE: Final = share(1) == 1
FOUND: Final = "CRASH_FOUND"
"""Names the file into which `cut_off` writes what it found."""
ROOT: Final = Path(__file__).parents[2]
TEN: Final = (
    *("put_subject", "plan_audit", "plan_audits", "start_audit", "record_answer"),
    *("judge_overall", "add_comment", "receive_case_event", "put_caseload", "create_user"),
)


def left_to_the_drill(cut: Cut) -> bool:
    """In the suite a statement is cut before or after it, by the week; a commit both ways."""
    (before, statement), when = cut
    way = sha256(f"{SEED} {before} {statement}".encode()).digest()[0] % 2
    return statement != COMMIT and when == ("before", "after")[way]


def test_every_operation_is_cut_off_or_a_reason_is_written() -> None:
    names = [operation.name for operation in OPERATIONS]
    assert sorted([*SITUATIONS, *NOT_CUT]) == sorted(names)
    assert {*OTHERWISE, *TEN} <= SITUATIONS.keys()


def test_every_situation_is_a_test_that_is_there() -> None:
    for test in sorted(set(SITUATIONS.values())):
        file, _, name = test.partition("::")
        assert f"def {name.partition('[')[0]}(" in (ROOT / file).read_text("utf-8"), test


HALVES: Final = Operation("do_by_halves", "POST", "/planted/halves", takes_key=False)
planted: Final = APIRouter()


@planted.post(HALVES.path, status_code=204)
async def do_by_halves(request: Request) -> None:
    """What no operation may be: its second half is not done where it is cut off in between."""
    connections: Connections = request.app.state.database
    for half in ("first", "second"):
        async with connections.transaction() as transaction:
            await transaction.driver.execute(
                "INSERT INTO idempotency_keys (principal_id, digest, fingerprint, created_id, at)"
                f" SELECT id, '{half}', '', id, now() FROM principals LIMIT 1"
                " ON CONFLICT DO NOTHING"
            )


@pytest.fixture
def findings() -> Findings:
    return Findings([*TEN, HALVES.name], OTHERWISE)


@pytest.fixture
def cut_off(
    clone_of_authority: Clone, issuer: DevelopmentIssuer, findings: Findings
) -> Iterator[Api]:
    """A client whose ten operations are cut off, of an authority of its own."""
    database, cutter = clone_of_authority(), OneCut(left_to_the_drill)
    with (
        tempfile.TemporaryDirectory(prefix="qa-cut-") as short,
        cutting(database.database_url, Path(short), cutter) as url,
    ):
        transport = AtEachStatement([HALVES, *OPERATIONS], cutter, database.migrate_url, findings)
        settings = settings_for(replace(database, database_url=url), issuer)
        with (
            serving(settings, planted) as server,
            httpx.Client(base_url=server.url, timeout=30, transport=transport) as http,
        ):
            yield Api(server, issuer, http=http)


@pytest.mark.long
@pytest.mark.skipif(not IN_SUITE, reason="the drill cuts all operations")
def test_ten_operations_are_done_whole_or_not_whichever_statement_is_cut(
    cut_off: Api, findings: Findings, new_ref: Callable[[], str], at: Callable[[str], None]
) -> None:
    at("2027-12-01T09:30:00Z")
    case = of_new_child(cut_off, new_ref)
    path = case.started()
    question, answer = next(iter(needed_answers("closure").items()))
    auditor = cut_off.as_(SUPERVISOR)
    case.accept(auditor.change("PUT", f"{path}/answers/{question}", answer))
    case.accept(auditor.change("PUT", f"{path}/judgements/overall", GOOD, on=path))
    case.accept(about(cut_off, SUPERVISOR, "audit", path))
    batch = {"audits": [{"key": new_ref(), "type": "collaborative", "subject": case.subject}]}
    with pytest.raises(pytest.skip.Exception):
        cut_off.post("/v1/audits/batch", batch)
    episode = Episode(cut_off, [case.ref])
    assert episode.post(episode.event(PROPOSED)).status_code == 202
    caseloads = Caseloads(cut_off.as_("case-system-mosaic"), cut_off, new_ref)
    at(caseloads.morning_after)
    caseloads.taken(caseloads.child())
    with pytest.raises(pytest.skip.Exception):
        Provider(cut_off).user(new_ref())
    assert findings.wrong == []
    assert cut_off.http.post(HALVES.path).status_code == 204
    assert "done by halves: it has changed idempotency_keys" in "\n".join(findings.wrong)
    assert findings.done.pop(HALVES.name).statements > 2
    assert sorted(findings.done) == sorted(TEN)
    assert all(cuts.statements > 2 for cuts in findings.done.values())
    assert [cuts for cuts in findings.done.values() if not cuts.after_commit] == []


@pytest.mark.long
@pytest.mark.skipif(IN_SUITE, reason="takes a quarter of an hour: `./dev drill crash`")
def test_every_operation_is_done_whole_or_not_whichever_statement_is_cut(
    tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    found, tests = tmp_path / "found.json", sorted(set(SITUATIONS.values()))
    words = ["-p", "tests.crash.cut_off", "-p", "no:cacheprovider", "-n", "0", "-q"]
    run = subprocess.run(
        [sys.executable, "-m", "pytest", *words, "--tb=short", "--show-capture=no", *tests],
        cwd=ROOT,
        env=os.environ | {FOUND: str(found), "DRILL_SHARE": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert found.exists(), run.stdout + run.stderr
    said = json.loads(found.read_text("utf-8"))
    done = {name: Cuts(**cuts) for name, cuts in said["done"].items()}
    record_property("asked", sum(cuts.cuts for cuts in done.values()))
    record_property("wrong", len(said["wrong"]))
    record_property("told", [*by_part(done), *(f"not cut: {each}" for each in NOT_CUT)])
    assert said["wrong"] == []
    assert sorted(done) == sorted(SITUATIONS), run.stdout
    assert run.returncode == 0, run.stdout


def by_part(done: Mapping[str, Cuts]) -> Iterator[str]:
    """A line for each part of the service: what was cut in it, and at how many statements."""
    parts: dict[str, list[Cuts]] = {}
    for name, cuts in done.items():
        parts.setdefault(SITUATIONS[name].split("/")[1], []).append(cuts)
    yield f"{'part':<18}{'operations':>12}{'statements':>12}{'cuts':>8}{'answer lost':>13}"
    for part, of_it in sorted(parts.items()):
        statements = sum(cuts.statements for cuts in of_it)
        cut, lost = sum(cuts.cuts for cuts in of_it), sum(cuts.after_commit for cuts in of_it)
        yield f"{part:<18}{len(of_it):>12}{statements:>12}{cut:>8}{lost:>13}"
