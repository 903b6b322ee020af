"""Of a restricted reference nothing shows in any row of requests of somebody without leave (X3).

Whoever may not see the record registers another that stands for it, and whatever they ask and write
goes on about that one; who may see the record never meets it.
"""

import asyncio
import re
from collections.abc import Callable
from typing import Any, Final
from uuid import uuid4

import asyncpg
import pytest
from hypothesis import HealthCheck, Phase, example, given, settings
from hypothesis import strategies as st

from tests.api import SOME_VERSION, Api, Json, in_a_week
from tests.closures.sending import PROPOSED, RESTRICTED, Episode
from tests.conftest import Database

NewRef = Callable[[], str]

CHILD: Final[Json] = {"kind": "child", "team": "cwd", "worker": "sw1-cwd", "born_on": "2016-02-29"}
MOVED: Final[Json] = {"kind": "child", "team": "adoption", "worker": "nobody-of-ours"}
HOUSEHOLD: Final[Json] = {"kind": "carer_household", "team": "fostering-north"}
PANEL: Final[Json] = {"first_panel_on": "2024-05-10"}

OURS: Final = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|\b[0-9a-f]{32}\b")
INSTANT: Final = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|\+00:00)")
DIGEST: Final = re.compile(r"\.[0-9a-f]{16}\b")


class Caller:
    """Somebody at one reference: what they are answered, but for ids, instants and its text."""

    def __init__(self, api: Api, ref: str) -> None:
        self.api, self.ref, self.tag = api, ref, SOME_VERSION
        self._ids: dict[str, str] = {}

    def do(self, step: str) -> tuple[Any, ...]:
        """One request."""
        person, _, what = step.rpartition(":")
        method, path, body, headers = self._request(what)
        api = self.api.as_(person or "qs-1")
        if method == "HEAD":  # which the contract does not list beside its GET
            answer = api.http.head(path, headers={"authorization": f"Bearer {api.token()}"})
        else:
            answer = api.request(method, path, json=body, headers=headers)
        if "etag" in answer.headers and path.endswith(self.ref):
            self.tag = answer.headers["etag"]
        named = {name: self._plain(answer.headers[name]) for name in ("etag", "location")
                 if name in answer.headers}  # fmt: skip
        length = answer.headers.get("content-length")
        return answer.status_code, self._plain(answer.text), named, sorted(answer.headers), length

    def _request(self, what: str) -> tuple[str, str, Json | None, dict[str, str]]:
        subject, about = f"/v1/subjects/mosaic/{self.ref}", f"?subject=mosaic/{self.ref}"
        new, known = {"if-none-match": "*"}, {"if-match": self.tag}
        requests: dict[str, tuple[str, str, Json | None, dict[str, str]]] = {
            "register": ("PUT", subject, CHILD, new),
            "register a household": ("PUT", subject, HOUSEHOLD, new),
            "correct": ("PUT", subject, MOVED, known),
            "correct a household": ("PUT", subject, HOUSEHOLD, known),
            "put": ("PUT", subject, CHILD, {}),
            "get": ("GET", subject, None, {}),
            "head": ("HEAD", subject, None, {}),
            "unchanged": ("GET", subject, None, {"if-none-match": self.tag}),
            "record": ("GET", f"{subject}/record", None, {}),
            "retention": ("GET", f"{subject}/retention", None, {}),
            "gate": ("GET", f"{subject}/closure-gate", None, {}),
            "panel": ("PUT", f"/v1/carer-households/mosaic/{self.ref}/panel-date", PANEL, new),
            "audits": ("GET", f"/v1/audits{about}", None, {}),
            "events": ("GET", f"/v1/case-events{about}", None, {}),
            "grants": ("GET", f"/v1/restriction-grants{about}", None, {}),
            "plan": ("POST", "/v1/audits", self._audit(), {"idempotency-key": uuid4().hex}),
            "hold": ("POST", "/v1/legal-holds", self._hold(), {"idempotency-key": uuid4().hex}),
        }
        return requests[what]

    def _audit(self) -> Json:
        return {"type": "closure", "subject": {"system": "mosaic", "ref": self.ref}}

    def _hold(self) -> Json:
        return {"subject": {"system": "mosaic", "ref": self.ref}, "reason": "A claim is expected."}

    def _plain(self, text: str) -> str:
        def numbered(found: re.Match[str]) -> str:
            return self._ids.setdefault(found[0], f"id-{len(self._ids)}")

        plain = OURS.sub(numbered, text.replace(self.ref, "REF"))
        return DIGEST.sub(".digest", INSTANT.sub("instant", plain))


STEPS: Final = (
    *("register", "register a household", "correct", "correct a household", "put"),
    *("get", "head", "unchanged", "record", "retention", "gate", "panel", "audits", "events"),
    *("grants", "plan", "hold", "qs-2:get", "tm-cwd:get", "sw1-cwd:get", "slt-1:get"),
    *("tm-cwd:audits", "tm-cwd:plan", "qs-2:register"),
)


@pytest.mark.long
@settings(
    max_examples=40,
    deadline=None,
    phases=(Phase.explicit, Phase.generate),
    suppress_health_check=list(HealthCheck),
)
@example(["register", "get", "register", "correct"])
@example(["register", "unchanged", "correct", "head"])
@example(["register", "plan", "audits", "record"])
@example(["register", "hold", "retention", "tm-cwd:get"])
@example(["register a household", "panel", "correct", "qs-2:register"])
@given(steps=st.lists(st.sampled_from(STEPS), min_size=1, max_size=4))
def test_no_row_of_requests_tells_a_restricted_reference_from_an_unknown_one(
    api: Api, new_ref: NewRef, steps: list[str]
) -> None:
    hidden, unknown = new_ref(), new_ref()
    assert len(hidden) == len(unknown)
    Episode(api, [hidden]).tell(RESTRICTED, restriction={"kind": "staff", "on": True})
    at_hidden, at_unknown = Caller(api, hidden), Caller(api, unknown)
    for number, step in enumerate(steps, 1):
        assert at_hidden.do(step) == at_unknown.do(step), steps[:number]


@pytest.fixture
def stood_for(api: Api, new_ref: NewRef) -> Episode:
    """A restricted record of Lincoln FAST that Quality & Standards has registered for another."""
    episode = Episode(api, [new_ref()])
    episode.tell(PROPOSED)
    episode.tell(RESTRICTED, 2, restriction={"kind": "staff", "on": True})
    answer = Caller(api, episode.refs[0]).do("register")
    assert answer[0] == 200, answer
    return episode


def subject(api: Api, episode: Episode, person: str = "qs-1") -> Json:
    return dict(api.as_(person).get(f"/v1/subjects/mosaic/{episode.refs[0]}").json())


def let_in(api: Api, episode: Episode, worker: str) -> None:
    (principal,) = api.as_("admin-1").get(f"/v1/principals?worker={worker}").json()["items"]
    grant = {"principal_id": principal["id"], "reason": "Of a test", "expires_at": in_a_week()}
    path = f"/v1/subjects/mosaic/{episode.refs[0]}/restriction-grants"
    assert api.as_("qs-1").create(path, grant).status_code == 201


def test_who_has_leave_sees_the_record_itself_and_nothing_of_it_has_changed(
    api: Api, stood_for: Episode
) -> None:
    let_in(api, stood_for, "qs-2")
    theirs, ours = subject(api, stood_for, "qs-2"), subject(api, stood_for)
    assert theirs["id"] != ours["id"]
    assert (theirs["team"], theirs["restricted"], theirs["born_on"]) == (
        "lincoln-fast",
        True,
        None,
    )
    assert (ours["team"], ours["restricted"], ours["born_on"]) == ("cwd", False, "2016-02-29")
    assert ours["names"] == theirs["names"] == [{"system": "mosaic", "ref": stood_for.refs[0]}]


def test_what_the_case_system_tells_and_asks_is_of_the_record_itself(
    api: Api, stood_for: Episode
) -> None:
    let_in(api, stood_for, "qs-2")
    gates = f"/v1/closure-gates?subject=mosaic/{stood_for.refs[0]}"
    assert len(api.as_("qs-2").get(gates).json()["items"]) == 1
    assert api.as_("qs-1").get(gates).json()["items"] == []
    assert stood_for.answer()["gates"][0]["state"] == "awaiting_audit"


def test_released_the_two_become_one(api: Api, stood_for: Episode) -> None:
    plan = {"type": "closure", "subject": {"system": "mosaic", "ref": stood_for.refs[0]}}
    planned = api.create("/v1/audits", plan)
    assert planned.status_code == 201, planned.text
    let_in(api, stood_for, "qs-2")
    record = subject(api, stood_for, "qs-2")
    stood_for.tell(RESTRICTED, 3, restriction={"kind": "staff", "on": False})
    left = subject(api, stood_for)
    assert (left["id"], left["restricted"]) == (record["id"], False)
    assert left["born_on"] == "2016-02-29", "what was entered counts where nobody told of it"
    assert left["names"] == [{"system": "mosaic", "ref": stood_for.refs[0]}]
    audit = api.get(f"/v1/audits/{planned.json()['id']}").json()
    assert audit["subject"]["id"] == record["id"]
    again = Caller(api, stood_for.refs[0]).do("register")
    assert again[0] == 412


def test_a_hold_of_whoever_does_not_see_the_record_holds_it(api: Api, stood_for: Episode) -> None:
    hold = {
        "subject": {"system": "mosaic", "ref": stood_for.refs[0]},
        "reason": "A claim is expected.",
    }
    placed = api.create("/v1/legal-holds", hold)
    assert placed.status_code == 201
    let_in(api, stood_for, "qs-2")
    path = f"/v1/subjects/mosaic/{stood_for.refs[0]}/retention"
    held = api.as_("qs-2").get(path).json()
    assert placed.json()["id"] in str(held["holds"])


def test_no_name_but_that_of_a_stand_in_is_ever_taken_away(
    stood_for: Episode, database: Database
) -> None:
    async def take_away(which: str) -> str:
        connection = await asyncpg.connect(database.database_url)
        transaction = connection.transaction()
        await transaction.start()
        try:
            await connection.execute("SELECT set_config('qa.reach', 'service', true)")
            statement = f"DELETE FROM subject_aliases WHERE ref = $1 AND stands_for {which}"
            return str(await connection.execute(statement, stood_for.refs[0]))
        finally:
            await transaction.rollback()
            await connection.close()

    assert asyncio.run(take_away("IS NOT NULL")) == "DELETE 1"
    with pytest.raises(asyncpg.RestrictViolationError, match="stays its name"):
        asyncio.run(take_away("IS NULL"))
