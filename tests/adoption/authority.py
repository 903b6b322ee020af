"""An authority as its own API tells of it: nothing here knows which authority it is.

Who may do what, what is asked, on which scale, after how many working days: each is read from the
API, as whoever builds a front end for any authority must.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cached_property
from typing import Any
from uuid import uuid4

from qa_api import clock
from tests.api import Api, Json

CLOUDEVENT = "application/cloudevents+json"
WHY = "As the file shows."
FAMILY = {"expected": True, "key_worker_forewarned": True, "contact_details_checked": True}
PRAISE = {"positive_feedback": "Warm direct work.", "paper_records_read": "None read."}
CONTACT = {"who": "mother", "how": "telephone", "outcome": "spoken"}


@dataclass(frozen=True)
class Place:
    """A team and the people of it whom the tests need."""

    team: str
    service: str
    manager: str
    supervisor: str
    worker: str
    head: str


@dataclass
class Authority:
    """One authority over HTTP; `api` speaks as its Quality & Standards team."""

    api: Api
    administrator: Api
    _people: dict[str, str] = field(default_factory=dict)
    _kept: dict[str, Json] = field(default_factory=dict)

    # --- what it has decided ---

    @cached_property
    def policy(self) -> Json:
        """Every value of the policy in force, by key."""
        (in_force,) = [row for row in self.listed("/v1/policies") if row["in_force"]]
        told = self.read(f"/v1/policies/{in_force['version']}")
        return {value["key"]: value["value"] for value in told["values"]}

    @cached_property
    def holidays(self) -> dict[date, str]:
        """The bank holidays in force, with their titles."""
        found = self.listed("/v1/bank-holidays", in_force="true")
        return {date.fromisoformat(day["date"]): day["title"] for day in found}

    def working_days_after(self, start: date, days: int) -> date:
        """The so-many-th working day after a day, counted one by one."""
        day = start
        while days:
            day += timedelta(days=1)
            if day.weekday() < 5 and day not in self.holidays:
                days -= 1
        return day

    # --- what it audits, with what, on which scale ---

    def type_of(self, **facts: Any) -> Json:
        """The first active audit type with a published tool of which these facts hold."""
        return next(
            type_
            for type_ in self.listed("/v1/audit-types", active="true")
            if type_["published_tool_id"] and all(type_[k] == v for k, v in facts.items())
        )

    def tool_of(self, audit_type: Json) -> Json:
        """The tool that new audits of a type are asked; a published one never changes."""
        id_ = audit_type["published_tool_id"]
        if id_ not in self._kept:
            self._kept[id_] = self.read(f"/v1/audit-tools/{id_}")
        return self._kept[id_]

    def scale_of(self, tool: Json) -> list[Json]:
        """The judgements of a tool's scale, best first."""
        scale = tool["scale"]
        path = f"/v1/judgement-scales/{scale['code']}/{scale['number']}"
        if path not in self._kept:
            self._kept[path] = self.read(path)
        return sorted(self._kept[path]["points"], key=lambda point: point["position"])

    def mild(self, audit_type: Json) -> str:
        """The best judgement that can be given to an audit of a type."""
        return str(self.scale_of(self.tool_of(audit_type))[0]["code"])

    # --- who is there ---

    def people(self, role: str, **over: str) -> list[str]:
        """Who holds a role now, over a team or service."""
        held = self.listed(
            "/v1/role-assignments", self.administrator, role=role, current="true", **over
        )
        if not self._people:
            known = self.listed("/v1/principals", self.administrator)
            self._people.update({one["id"]: one["subject"] for one in known})
        return [self._people[one["principal_id"]] for one in held]

    def places(self) -> Iterator[Place]:
        """Each team that has everybody."""
        for team in self.listed("/v1/teams"):
            code, service = team["code"], team["services"][0]["service"]
            staff = [worker["code"] for worker in self.listed("/v1/workers", team=code)]
            seniors = self.people("practice_supervisor", team=code)
            managers = [one["worker"] for one in team["managers"]]
            workers = self.people("worker", team=code) or staff
            led = {*seniors, *managers, *(one["worker"] for one in team["deputies"])}
            heads = self.people("head_of_service", service=service)
            yield Place(
                code,
                service,
                managers[0],
                seniors[0],
                next(one for one in workers if one not in led),
                heads[0],
            )

    @cached_property
    def place(self) -> Place:
        """The first team."""
        return next(self.places())

    @cached_property
    def case_system(self) -> tuple[str, str, str]:
        """Its code, the source of its events, and who speaks for it."""
        (system,) = self.listed("/v1/case-systems", self.administrator)
        (client,) = self.people("case_system")
        return system["code"], system["source"], client

    def auditor_of(self, audit_type: Json) -> str:
        """Somebody who may audit a case of the first team, as the type's policy says."""
        match audit_type["may_audit"]:
            case "team_supervisor_else_manager":
                return self.place.supervisor
            case "supervisor_of_another_team":
                return next(p.supervisor for p in self.places() if p.team != self.place.team)
        everywhere = self.people("auditor")
        return next(one for one in everywhere if one not in self._led)

    @cached_property
    def _led(self) -> set[str]:
        return {one for place in self.places() for one in (place.manager, place.supervisor)}

    # --- its casework ---

    def child(self, place: Place | None = None) -> Json:
        """A new child of a team, as a plan names it."""
        held, (system, *_) = place or self.place, self.case_system
        ref = f"C-{uuid4().hex[:12]}"
        body = {"kind": "child", "team": held.team, "worker": held.worker}
        accept(self.api.change("PUT", f"/v1/subjects/{system}/{ref}", body))
        return {"system": system, "ref": ref}

    def planned(self, audit_type: Json, subject: Json, **plan: Any) -> str:
        """The path of a planned audit of a child."""
        body = {"type": audit_type["code"], "subject": subject} | plan
        return f"/v1/audits/{accept(self.api.create('/v1/audits', body))['id']}"

    def answer(self, path: str, audit_type: Json, auditor: str) -> None:
        """Start an audit that has no answers yet, and answer every question."""
        auditing = self.api.as_(auditor)
        accept(auditing.act(f"{path}/start"))
        for key, answer in answers_to(self.tool_of(audit_type), self.mild(audit_type)):
            headers = {"if-none-match": "*"}
            accept(auditing.request("PUT", f"{path}/answers/{key}", json=answer, headers=headers))

    def complete(
        self,
        path: str,
        audit_type: Json,
        auditor: str,
        *,
        judgement: str | None = None,
        actions: int = 0,
        answered: bool = False,
    ) -> Json:
        """Carry an audit out, with actions that are needed before closure."""
        if not answered:
            self.answer(path, audit_type, auditor)
        auditing, tool = self.api.as_(auditor), self.tool_of(audit_type)
        given = {"judgement": judgement or self.mild(audit_type), "rationale": WHY}
        mild = {"judgement": self.mild(audit_type), "rationale": WHY}
        for domain in tool["domains"]:
            if domain["judged"]:
                grade = given if domain["key"] == telling_domain(tool) else mild
                accept(auditing.change("PUT", f"{path}/judgements/{domain['key']}", grade, on=path))
        contact = {"contacts": [CONTACT | {"at": clock.now().isoformat()}]}
        accept(auditing.change("PUT", f"{path}/family-contact", FAMILY | contact, on=path))
        accept(auditing.change("PATCH", path, PRAISE))
        action = {"kind": "practice", "description": WHY, "needed_before_closure": True}
        for _ in range(actions):
            accept(auditing.create(f"{path}/actions", action))
        overall = {} if telling_domain(tool) else {"overall": given}
        return accept(auditing.act(f"{path}/complete", overall))

    def audited(
        self,
        audit_type: Json,
        *,
        auditor: str | None = None,
        place: Place | None = None,
        **facts: Any,
    ) -> str:
        """The path of a completed audit of a new child, of the first team if of no other."""
        auditor = auditor or self.auditor_of(audit_type)
        given = answers_to(self.tool_of(audit_type), self.mild(audit_type))
        answers = [{"question_key": key, **answer} for key, answer in given]
        path = self.planned(audit_type, self.child(place), auditor=auditor, answers=answers)
        self.complete(path, audit_type, auditor, answered=True, **facts)
        return path

    def notified(self, audit: str, place: Place | None = None) -> Json:
        """The response to an audit whose worker has just been told by hand."""
        manager = (place or self.place).manager
        audit_id = audit.rpartition("/")[2]
        (notification,) = self.listed("/v1/notifications", audit=audit_id)
        told = {
            "by": self.place.manager,
            "how": "telephone",
            "at": clock.now().isoformat().replace("+00:00", "Z"),
        }
        accept(
            self.api.as_(manager).act(
                f"/v1/notifications/{notification['id']}/record-delivery", told
            )
        )
        (response,) = self.listed("/v1/audit-responses", audit=audit_id)
        return self.read(f"/v1/audit-responses/{response['id']}")

    def submit(self, response: Json) -> Json:
        """The worker answers for every action: done today."""
        actions = self.listed("/v1/restorative-actions", audit=response["audit_id"])
        done = {"done_on": clock.now().date().isoformat()}
        items = [{"action": one["id"], "how": WHY} | done for one in actions]
        path = f"/v1/audit-responses/{response['id']}"
        return accept(self.api.as_(response["worker"]).act(f"{path}/submit", {"items": items}))

    def review(self, response: Json, outcome: str) -> Json:
        """The team manager reviews the response."""
        body = {"outcome": outcome} | ({"reasons": WHY} if outcome == "returned" else {})
        path = f"/v1/audit-responses/{response['id']}"
        return accept(self.api.as_(self.place.manager).act(f"{path}/review", body))

    # --- reading ---

    def read(self, path: str, person: str | None = None, **query: str) -> Json:
        """A document, as Quality & Standards or somebody else sees it."""
        reader = self.api.as_(person) if person else self.api
        return accept(reader.get(path, params=query))

    def listed(self, path: str, reader: Api | None = None, **query: str) -> list[Json]:
        """Every row of a list."""
        rows: list[Json] = []
        asked: dict[str, str] = dict(query)
        while True:
            page = accept((reader or self.api).get(path, params=asked))
            rows += page["items"]
            if page.get("next_cursor") is None:
                return rows
            asked["cursor"] = page["next_cursor"]


@dataclass
class Episode:
    """An episode of one child, as the authority's case system tells of it."""

    authority: Authority
    ref: str = field(default_factory=lambda: f"C-{uuid4().hex[:12]}")
    id: str = field(default_factory=lambda: f"EP-{uuid4().hex[:12]}")
    version: int = 0

    def tell(self, type_: str, **data: Any) -> str:
        """Send an event and say what it did."""
        _, source, client = self.authority.case_system
        place = self.authority.place
        self.version += 1
        said = {
            "episode_id": self.id,
            "subjects": [{"ref": self.ref, "role": "child"}],
            "source_version": self.version,
            "occurred_at": clock.now().isoformat(),
            "team": place.team,
            "worker": place.worker,
        }
        event = {
            "specversion": "1.0",
            "id": uuid4().hex,
            "source": source,
            "type": type_,
            "data": said | data,
        }
        answer = self.authority.api.as_(client).post(
            "/v1/case-events", event, headers={"content-type": CLOUDEVENT}
        )
        assert answer.status_code == 202, answer.text
        return str(answer.json()["outcome"])

    def gate(self) -> Json:
        """What the case system is told about closing."""
        system, _, client = self.authority.case_system
        path = f"/v1/subjects/{system}/{self.ref}/closure-gate"
        return self.authority.read(path, client, episode_id=self.id)


def answers_to(tool: Json, grade: str) -> Iterator[tuple[str, Json]]:
    """An answer of its kind to each question that applies."""
    values: dict[str, Callable[[Json], Any]] = {
        "yes_no_partial_na": lambda _: "yes",
        "judgement": lambda _: grade,
        "text": lambda _: WHY,
        "date": lambda _: "2026-09-01",
        "number": lambda _: 2,
        "choice": lambda question: question["choices"][0],
    }
    given: dict[str, Any] = {}
    for question in (q for domain in tool["domains"] for q in domain["questions"]):
        when = question["applies_when"]
        if when and given.get(when["question"]) not in when["answered"]:
            continue
        value = given[question["key"]] = values[question["answer_kind"]](question)
        answer = {"value": value}
        if question["answer_kind"] == "judgement":
            answer["rationale"] = WHY
        if question["evidence_required"]:
            answer["evidence"] = "Case note 12"
        if question["timescale_check"]:
            answer |= {"done_on": "2026-11-02", "expected_by": "2026-11-03"}
        yield question["key"], answer


def telling_domain(tool: Json) -> str | None:
    """The domain that stands for an audit by the tool: none where audits are judged as a whole."""
    if tool["overall"] == "required":
        return None
    return str(next(domain["key"] for domain in tool["domains"] if domain["escalates"]))


def accept(answer: Any) -> Json:
    """The document of an answer that went well."""
    assert answer.status_code in {200, 201}, answer.text
    return dict(answer.json())


def days_counted(explanation: Json) -> list[str]:
    """The days that an explanation counted."""
    return [step["date"] for step in explanation["steps"] if step["counted"]]
