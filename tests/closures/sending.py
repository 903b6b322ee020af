"""A case system that sends events of one episode, and what its people do about the gates."""

from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

import httpx

from tests.api import Api, Json
from tests.audits.auditing import (
    CONTACT,
    GOOD,
    HEAD,
    MANAGER,
    SUPERVISOR,
    TEAM,
    WORKER,
    domains,
    needed_answers,
)
from tests.audits.filling import fill

CLOUDEVENT = "application/cloudevents+json"
CLOUDEVENTS = "application/cloudevents-batch+json"
PROPOSED, CANCELLED = "case.closure_proposed.v1", "case.closure_cancelled.v1"
CLOSED, REOPENED = "case.closed.v1", "case.reopened.v1"
ALLOCATED, RESTRICTED = "allocation.changed.v1", "record.restricted.v1"

__all__ = ["HEAD", "MANAGER", "SUPERVISOR", "TEAM", "WORKER", "Episode"]


def at_hour(hour: int) -> str:
    """An instant of Monday 23 November 2026, before the tests' half past nine."""
    return f"2026-11-23T{hour:02}:00:00Z"


@dataclass
class Episode:
    """An episode of one or more children of Lincoln FAST, as its case system tells of it."""

    api: Api
    refs: list[str]
    team: str | None = TEAM
    worker: str | None = WORKER
    id: str = field(default_factory=lambda: f"EP-{uuid4().hex[:12]}")

    def event(self, type_: str, version: int = 1, **data: Any) -> Json:
        """An event of the episode; later versions occurred at later hours."""
        said: Json = {
            "episode_id": self.id,
            "subjects": [{"ref": ref, "role": "child"} for ref in self.refs],
            "source_version": version,
            "occurred_at": at_hour(version),
        }
        if self.team:
            said["team"] = self.team
        if self.worker:
            said["worker"] = self.worker
        return {
            "specversion": "1.0",
            "id": uuid4().hex,
            "source": "urn:mosaic",
            "type": type_,
            "data": said | data,
        }

    def post(self, event: Any, media_type: str = CLOUDEVENT) -> httpx.Response:
        """Send one event, whatever the answer."""
        return self.api.as_("case-system-mosaic").post(
            "/v1/case-events", event, headers={"content-type": media_type}
        )

    def send(self, event: Json) -> Json:
        """Send one event that is taken."""
        answer = self.post(event)
        assert answer.status_code == 202, answer.text
        return dict(answer.json())

    def tell(self, type_: str, version: int = 1, **data: Any) -> str:
        """Send a new event and say what it did."""
        return str(self.send(self.event(type_, version, **data))["outcome"])

    def send_batch(self, members: list[Any]) -> list[Json]:
        """Send a batch that is taken."""
        answer = self.api.as_("case-system-mosaic").post(
            "/v1/case-events/batch", members, headers={"content-type": CLOUDEVENTS}
        )
        assert answer.status_code == 202, answer.text
        return list(answer.json()["items"])

    def answer(self, ref: str | None = None, *, episode: str | None = None) -> Json:
        """What the case system is told about closing a child's case."""
        path = f"/v1/subjects/mosaic/{ref or self.refs[0]}/closure-gate"
        found = self.api.as_("case-system-mosaic").get(f"{path}?episode_id={episode or self.id}")
        assert found.status_code == 200, found.text
        return dict(found.json())

    def gates(self, person: str = "qs-1") -> list[Json]:
        """Every gate of the episode that somebody may know of, by cycle and child."""
        found = self.api.as_(person).get(f"/v1/closure-gates?episode_id={self.id}")
        assert found.status_code == 200, found.text
        return sorted(found.json()["items"], key=lambda g: (g["cycle"], g["subject"]["ref"]))

    def gate(self) -> str:
        """The path of the gate that answers for the first child now."""
        return f"/v1/closure-gates/{self.answer()['id']}"

    def act(self, path: str, person: str, **body: Any) -> Json:
        """A step that is let through."""
        answer = self.api.as_(person).act(path, body)
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    def begin_audit(self) -> str:
        """The path of the gate's audit, assigned and begun."""
        path = f"/v1/audits/{self.answer()['audit_id']}"
        self.act(f"{path}/assign", MANAGER, auditor=SUPERVISOR)
        self.act(f"{path}/start", SUPERVISOR)
        return path

    def complete_audit(self, path: str | None = None, actions: int = 0) -> str:
        """Complete the gate's audit, with actions that are needed before closure."""
        path = path or self.begin_audit()
        auditor = self.api.as_(SUPERVISOR)
        action = {
            "kind": "recording",
            "description": "Chronology.",
            "needed_before_closure": True,
        }
        fill(
            auditor,
            path,
            answers=needed_answers("closure"),
            judgements=dict.fromkeys(domains("closure"), GOOD),
            contact=CONTACT,
            praise="Warm direct work.",
            actions=(action,) * actions,
        )
        answer = auditor.act(f"{path}/complete", {"overall": GOOD})
        assert answer.status_code == 200, answer.text
        return path
