"""Open work of somebody, and what is proposed and done about it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import httpx
from sqlalchemy import select

from qa_api.models.actions import RestorativeAction
from qa_api.models.alerts import Alert
from qa_api.models.audits import Audit
from qa_api.work import Work
from tests.api import Api, Json
from tests.responses.casework import MANAGER, TEAM, Case, Casework, complete_audit

HAND_OVERS = "/v1/hand-overs"


@dataclass
class Handing:
    """Work of newcomers, and hand-overs of it."""

    casework: Casework
    newcomer: Callable[..., str]
    at: Callable[[str], None]

    @property
    def api(self) -> Api:
        """The API, as whoever it is asked."""
        return self.casework.api

    def draft(self, auditor: str, **facts: Any) -> str:
        """The path of an audit that they have begun."""
        case = self.casework.as_service(
            lambda work: complete_audit(
                work, self.casework.new_ref(), auditor=auditor, draft=True, actions=0, **facts
            )
        )
        return f"/v1/audits/{case[0]}"

    def owned(self, owner: str, **facts: Any) -> Case:
        """A completed audit with one action of theirs."""
        return self.casework.completed_audit(owner=owner, actions=1, **facts)

    def propose(self, from_worker: str, *takers: str, by: str = "qs-1", **more: Any) -> Json:
        """What is proposed."""
        answer = self.ask(from_worker, *takers, by=by, **more)
        assert answer.status_code == 201, answer.text
        return dict(answer.json())

    def ask(self, from_worker: str, *takers: str, by: str = "qs-1", **more: Any) -> httpx.Response:
        """A proposal that is asked for."""
        body = {"from_worker": from_worker, "to_workers": [*takers], "because": "leaves"} | more
        return self.api.as_(by).create(HAND_OVERS, body)

    def accept(self, proposal: Json, by: str = "qs-1") -> httpx.Response:
        """It is to be carried out."""
        return self.api.as_(by).act(f"{HAND_OVERS}/{proposal['id']}/accept")

    def accepted(self, proposal: Json, by: str = "qs-1") -> Json:
        """It is carried out."""
        answer = self.accept(proposal, by)
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    def auditor_of(self, path: str) -> str | None:
        """Who audits it now."""
        return self.read(Audit.auditor, Audit.id, path)

    def owner_of(self, path: str) -> str | None:
        """Whose action it is now."""
        return self.read(RestorativeAction.owner, RestorativeAction.id, path)

    def read(self, column: Any, id_: Any, path: str) -> str | None:
        """One column of the row that a path names."""

        async def found(work: Work) -> str | None:
            asked = select(column).where(id_ == UUID(path.rpartition("/")[2]))
            value: str | None = await work.session.scalar(asked)
            return value

        return self.casework.as_service(found)

    def told(self, hand_over: Json) -> list[str]:
        """Who was told of it, each as often as they were."""

        async def found(work: Work) -> list[str]:
            asked = select(Alert.recipient).where(Alert.about_id == UUID(hand_over["id"]))
            return sorted(await work.session.scalars(asked))

        return self.casework.as_service(found)


def goes(proposal: Json) -> dict[str, str | None]:
    """Of each thing, to whom it goes; but for practice cases, which other tests set for all."""
    return {
        item["path"]: item["goes_to"]
        for item in proposal["items"]
        if item["kind"] != "practice_audit"
    }


def stays(proposal: Json) -> dict[str, str | None]:
    """Of each thing that stays, why."""
    return {
        item["path"]: item["stays_because"] for item in proposal["items"] if item["goes_to"] is None
    }


__all__ = ("HAND_OVERS", "MANAGER", "TEAM", "Handing", "goes", "stays")
