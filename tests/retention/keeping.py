"""An authority of its own whose records run out of time, and what its people do about that.

What a test changes of its policy holds from a day on that no other test reaches.
"""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import Any
from uuid import UUID

import asyncpg

from qa_api import clock
from qa_api.models.base import Base
from qa_api.retention.removing import remove_approved_content
from tests.api import Api, Json
from tests.audits.auditing import TEAM, WORKER, Auditing
from tests.conftest import Database
from tests.kept import KEPT, Connection
from tests.responses.casework import Service

LONG_AGO = "1940-02-29"
"""Of somebody whose record was kept until 28 February 2015."""

PROPOSER, APPROVER = "qs-1", "qs-2"


@dataclass
class Keeping:
    """One authority: its API, its worker process and its database."""

    api: Api
    service: Service
    database: Database
    new_ref: Callable[[], str]

    def send_caseload(self, day: date, *refs: str) -> str:
        """The case system sends who is open on a day, on that day; the path."""
        children = [{"ref": ref, "team": TEAM, "status": "child-in-need"} for ref in refs]
        path, today = f"/v1/caseloads/{day}", clock.now()
        clock.freeze(datetime.combine(day, time(9, 30), UTC))
        try:
            system = self.api.as_("case-system-mosaic")
            answer = system.change("PUT", path, {"children": children})
        finally:
            clock.freeze(today)
        assert answer.status_code == 201, answer.text
        return path

    def child(self, born_on: str | None = LONG_AGO, **facts: Any) -> Auditing:
        """A child that no other test knows; born so long ago that their record may go."""
        case = Auditing(self.api, self.new_ref())
        body = {"kind": "child", "team": TEAM, "worker": WORKER, "born_on": born_on} | facts
        path = f"/v1/subjects/mosaic/{case.ref}"
        case.accept(self.api.as_(PROPOSER).change("PUT", path, body))
        return case

    def subject_id(self, case: Auditing) -> str:
        """The id of a child."""
        return str(self.read(f"/v1/subjects/mosaic/{case.ref}")["id"])

    def retention(self, ref: str, person: str = PROPOSER) -> Json:
        """Until when a child's records are kept."""
        return self.read(f"/v1/subjects/mosaic/{ref}/retention", person)

    def read(self, path: str, person: str = PROPOSER) -> Json:
        """A document as somebody sees it."""
        answer = self.api.as_(person).get(path)
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    def hold(self, person: str = PROPOSER, **body: Any) -> Json:
        """A legal hold, placed."""
        given = {"reason": "The inquiry asks for it."} | body
        answer = self.api.as_(person).create("/v1/legal-holds", given)
        assert answer.status_code == 201, answer.text
        return dict(answer.json())

    def hold_child(self, case: Auditing) -> Json:
        """A legal hold over a child's records."""
        return self.hold(subject={"system": "mosaic", "ref": case.ref})

    def lift(self, hold: Json) -> None:
        """A hold stands no longer."""
        answer = self.api.as_(APPROVER).act(
            f"/v1/legal-holds/{hold['id']}/lift", {"reason": "The inquiry has reported."}
        )
        assert answer.status_code == 200, answer.text

    def grow_old(self) -> None:
        """What stands unsealed of subjects was recorded years ago: the database lets it go."""
        self.rows("ALTER TABLE events DISABLE TRIGGER USER")
        self.rows(
            "UPDATE events e SET at = at - interval '3 years' WHERE subject_id IS NOT NULL"
            " AND at > '2025-01-01'"
            " AND NOT EXISTS (SELECT FROM event_seals s WHERE s.event_id = e.id)"
        )
        self.rows("ALTER TABLE events ENABLE TRIGGER USER")

    def propose(self, person: str = PROPOSER, **body: Any) -> str:
        """The path of a run that lists what is past its day."""
        self.grow_old()
        answer = self.api.as_(person).create("/v1/retention-runs", body)
        assert answer.status_code == 201, answer.text
        return str(answer.headers["location"])

    def approve(self, run: str, person: str = APPROVER) -> Json:
        """A second person approves it."""
        answer = self.api.as_(person).act(f"{run}/approve")
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    def sweep(self) -> int:
        """The worker settles what it settles at once."""
        return self.service.work(remove_approved_content)

    def execute(self, run: str) -> Json:
        """The worker sweeps until the run is done."""
        while self.sweep():
            pass
        return self.read(run)

    def remove(self) -> Json:
        """Everything that is past its day goes; the run that did it."""
        run = self.propose()
        self.approve(run)
        done = self.execute(run)
        assert done["state"] == "executed"
        return done

    def items(self, run: str, person: str = PROPOSER) -> dict[str, Json]:
        """The items of a run by subject's id, observation's id or month."""
        found: dict[str, Json] = {}
        path = f"{run}/items?limit=500"
        for item in self.read(path, person)["items"]:
            subject = item["subject"]["id"] if item["subject"] else None
            found[subject or item["observation_id"] or item["month"]] = item
        return found

    def leave_nothing_waiting(self) -> None:
        """No run is under way, no hold stands and nobody's day has passed: for the next test."""
        for state in ("proposed", "approved"):
            for run in self.read(f"/v1/retention-runs?state={state}&limit=500")["items"]:
                path = f"/v1/retention-runs/{run['id']}"
                self.api.act(f"{path}/cancel", {"reason": "The test is over."})
        for hold in self.read("/v1/legal-holds?current=true&limit=500")["items"]:
            self.lift(hold)
        self.rows("UPDATE subjects SET born_on = NULL")

    # --- behind the service ---

    def rows(self, statement: str, *values: Any) -> list[Any]:
        """What the owner of the database finds there."""
        return as_role(self.database.migrate_url, statement, *values)

    def everything(self) -> Mapping[str, list[str]]:
        """Every row of every table, as text."""

        async def read() -> dict[str, list[str]]:
            connection = await asyncpg.connect(self.database.migrate_url)
            try:
                return {
                    name: [
                        str(row[0])
                        for row in await connection.fetch(f"SELECT t::text FROM {name} t")
                    ]
                    for name in Base.metadata.tables
                }
            finally:
                await connection.close()

        return asyncio.run(read())


def as_role(url: str, statement: str, *values: Any) -> list[Any]:
    """One statement as the role that a URL names, with the service's reach."""

    async def run(connection: Connection) -> list[Any]:
        async with connection.transaction():
            await connection.execute(
                "SELECT set_config('qa.reach', 'service', true),"
                " set_config('qa.worker', 'qs-2', true)"
            )
            return list(await connection.fetch(statement, *values))

    return KEPT.ask(url, run)


def uuid_of(path: str) -> UUID:
    """The id at the end of a path."""
    return UUID(path.rpartition("/")[2])
