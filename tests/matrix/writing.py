"""Every change, tried by everybody on real rows: who may not is refused, and nothing is changed."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final
from uuid import uuid4

import httpx

from qa_api.auth.matrix import THINGS, Act, Relation, Sight, Thing
from tests.api import Json, contract
from tests.matrix.near import BARRED, BY_NAME, TABLES, Model, Person
from tests.matrix.shown import without_place
from tests.matrix.walk import OPERATIONS, Keys, Walk
from tests.matrix.world import FAR_TEAM, NEXT_TEAM, PEOPLE, TEAM, Row

_STALE: Final = '"999999.0000000000000000"'
"""A version that nothing has: whoever may is told so, and changes nothing."""

_KEYS: Final[Mapping[str, tuple[str, str]]] = {
    "question_key": ("audit_answers", "question_key"),
    "domain_key": ("domain_judgements", "domain_key"),
    "action_id": ("restorative_actions", "id"),
}
"""The part of an audit that a path names: its table, and the column of its key."""

_ROWS: Final[Mapping[str, tuple[str, str]]] = {
    "redact_record": ("record", "subjects"),
    "put_panel_date": ("subject", "subjects"),
    "choose_quarter_plan_cases": ("quarter plan", "quarter_plans"),
    "allocate_quarter_plan": ("quarter plan", "quarter_plans"),
    "end_role_assignment": ("principal", "role_assignments"),
    "put_theme": ("theme", "themes"),
    "retire_theme": ("theme", "themes"),
}
"""Acts upon another thing than the one that they belong to: which, and its table."""

_OF_ITS_STATE_FIRST: Final = frozenset({"acknowledge_board_report"})
"""A draft was sent to nobody: whoever sees one is told that it is a draft."""

_OF_ITS_TIME: Final = {"write_own_view": "audited_worker"}
"""Acts of whom a column names, at their time: before and after it the rule says when that is."""

_BLIND: Final = frozenset({"put_subject", "grant_restricted_access"})
"""Acts of who may do them without seeing the record: they are told the same either way."""

_BODIES: Final[Mapping[str, Json]] = {
    "see_alerts": {"alerts": [str(uuid4())]},
    "see_each_alert": {"alerts": [str(uuid4())]},
    "edit_audit": {"due_on": "2026-12-11"},
}


@dataclass(frozen=True)
class Try:
    """One change of one row."""

    act: Act
    thing: Thing
    row: Row | None
    path: str


@dataclass
class Writing:
    """The changes of a walk."""

    walk: Walk

    @property
    def model(self) -> Model:
        """The rows as they are."""
        return self.walk.model

    # --- on a row that is there ---

    @cached_property
    def tries(self) -> Mapping[str, list[Try]]:
        """What there is to try, by operation: on every row of its thing, else on none."""
        return {act.operation: [*self._tries(thing, act)] for thing in THINGS for act in thing.acts}

    def _tries(self, thing: Thing, act: Act) -> Iterator[Try]:
        path = OPERATIONS[act.operation][1]
        name, table = _ROWS.get(act.operation, (thing.name, TABLES.get(thing.name, "")))
        named = re.findall(r"\{(\w+)\}", path)
        rows = self.model.tables.get(table, []) if named else []
        found = False
        for row in rows:
            keys = self._keys(named, row, BY_NAME[name])
            if keys is not None:
                found = True
                yield Try(act, BY_NAME[name], row, _with(path, keys))
        if not found:
            yield Try(act, thing, None, _with(path, {key: _nothing(key) for key in named}))

    def _keys(self, named: list[str], row: Row, thing: Thing) -> Keys | None:
        """The keys of a path that names this row, and a part of it where it names one."""
        keys: dict[str, Any] = {}
        for name in named:
            if name in _KEYS and thing.name == "audit":
                table, column = _KEYS[name]
                parts = [part for part in self.model.tables[table] if part["audit_id"] == row["id"]]
                if not parts:
                    return None
                keys[name] = parts[0][column]
            elif name in row:
                keys[name] = row[name]
            else:
                keys[name] = row["id"]
        return keys

    def may(self, person: Person, tried: Try) -> bool:
        """Whether the table gives it to them."""
        if tried.row is None or not any(role in tried.act.by for role in person.roles):
            return False
        unseen = self.model.sight(person, tried.thing, tried.row) < Sight.ROW
        if unseen and tried.act.operation not in _BLIND:
            return False
        return any(
            not tried.act.by[role].isdisjoint(
                self.model.relations(person, role, tried.thing, tried.row)
            )
            for role in person.roles & tried.act.by.keys()
        )

    def barred(self) -> Iterator[tuple[str, Try]]:
        """Whom a row bars, although their role might: each with the act."""
        for operation, whom in BARRED.items():
            for tried in self.tries[operation]:
                for name in PEOPLE:
                    person = self.walk.people[name].person
                    theirs = tried.row is not None and person.worker in whom(self.model, tried.row)
                    if theirs and person.worker is not None and self.may(person, tried):
                        yield name, tried

    def turned_away(self, name: str, tried: Try) -> None:
        """Who is barred is, with the version that is there and a body that is right."""
        assert tried.row is not None
        answer = self.send(name, tried, f'"{tried.row["version"]}.{"0" * 16}"')
        if answer.status_code not in {403, 409, 422}:
            said = f"{tried.act.operation} of {tried.path} by {name} is {answer.status_code}"
            self.walk.wrong.append(f"{said}, and they are barred")

    def refused(self, name: str, tried: Try) -> None:
        """Who may not is refused, with the version that is there and a body that is right."""
        shows = self.walk.people[name]
        version = (tried.row or {}).get("version", 1)
        answer = self.send(name, tried, f'"{version}.{"0" * 16}"')
        said = f"{tried.act.operation} of {tried.path} by {name} is {answer.status_code}"
        permitted = self.walk.may_ask(shows.person, tried.act.operation)
        refusing = {403, 404} if permitted else {403}
        if permitted and tried.act.operation in _OF_ITS_STATE_FIRST:
            refusing.add(409)
        theirs = _OF_ITS_TIME.get(tried.act.operation)
        if theirs and shows.person.is_((tried.row or {}).get(theirs)):
            refusing.add(422)
        if answer.status_code not in refusing:
            self.walk.wrong.append(f"{said}, not refused: {answer.text[:200]}")
        elif permitted and answer.status_code == 403 and self._unseen(shows.person, tried):
            self.walk.wrong.append(f"{said}: it says that it is there")
        self.walk.scan(shows, said, answer)

    def _unseen(self, person: Person, tried: Try) -> bool:
        row = tried.row
        return row is not None and self.model.sight(person, tried.thing, row) == Sight.NOTHING

    def let_through(self, name: str, tried: Try) -> None:
        """Who may is told that they have not seen the newest version, and not that they may not."""
        answer = self.send(name, tried, _STALE)
        if answer.status_code < 300:
            self.walk.wrong.append(f"{tried.act.operation} takes any version")
        if answer.status_code in {403, 404} and not tried.act.never:
            said = f"{tried.act.operation} of {tried.path} by {name} is {answer.status_code}"
            self.walk.wrong.append(f"{said}, and the table gives it to them: {answer.text[:300]}")

    def send(self, name: str, tried: Try, version: str) -> httpx.Response:
        """The change as somebody asks for it."""
        method = OPERATIONS[tried.act.operation][0]
        needed = HEADERS[tried.act.operation]
        headers = {"if-match": version} if "If-Match" in needed else {}
        if "If-Match" not in needed and "Idempotency-Key" in needed:
            headers["idempotency-key"] = uuid4().hex
        self.walk.asked += 1
        body = BODIES.get(tried.act.operation)
        return self.walk.world.as_(name).request(method, tried.path, json=body, headers=headers)

    def everybody(self) -> Iterator[tuple[str, Try, bool]]:
        """Everybody, a share of the rows of each act, and whether they may.

        What is made anew is not tried by who may make it somewhere: `makes` has that.
        """
        for operation, tries in self.tries.items():
            for name in self.walk.askers():
                person = self.walk.people[name].person
                for tried in self.walk.some(tries):
                    may = self.may(person, tried)
                    makes = tried.row is None or (may and "If-Match" not in HEADERS[operation])
                    if not (makes and self.walk.may_ask(person, operation)):
                        yield name, tried, may

    # --- of what is not there yet ---

    def makes(self) -> Iterator[tuple[str, str, str, Json]]:
        """What somebody tries to make for a team or a child that is not theirs to."""
        for name in self.walk.askers():
            person = self.walk.people[name].person
            for team in (TEAM, NEXT_TEAM, FAR_TEAM):
                for operation, body in _for_team(team):
                    act = _act(operation)
                    if not self._leads(person, act, team):
                        yield name, operation, OPERATIONS[operation][1], body
            for row in self.walk.some(self.model.tables["subjects"]):
                act = _act("plan_audit")
                if not self.may(person, Try(act, BY_NAME["subject"], row, "")):
                    subject = {"system": row["system"], "ref": row["ref"]}
                    body = {"type": "collaborative", "subject": subject}
                    yield name, "plan_audit", "/v1/audits", body

    def _leads(self, person: Person, act: Act, team: str) -> bool:
        return any(
            Relation.NONE in act.by[role] or set(person.leads(role, team)) & act.by[role]
            for role in person.roles & act.by.keys()
        )

    def make(self, name: str, operation: str, path: str, body: Json) -> None:
        """It is refused; a child whom they may not know of is unknown, like one that is not."""
        answer = self._made(name, path, body)
        if operation == "plan_audit" and answer.status_code == 422:
            unknown = body | {"subject": body["subject"] | {"ref": "N-1"}}
            said = without_place(self._made(name, path, unknown).json())
            if without_place(answer.json()) != said:
                self.walk.wrong.append(f"{operation} tells {name} of {body}")
        elif answer.status_code not in {403, 404}:
            refusal = f"{operation} by {name} is {answer.status_code}: {body} {answer.text[:200]}"
            self.walk.wrong.append(refusal)
        self.walk.scan(self.walk.people[name], f"{operation} with {body}", answer)

    def _made(self, name: str, path: str, body: Json) -> httpx.Response:
        headers = {"idempotency-key": uuid4().hex}
        self.walk.asked += 1
        return self.walk.world.as_(name).request("POST", path, json=body, headers=headers)


def _for_team(team: str) -> Iterator[tuple[str, Json]]:
    yield (
        "record_learning_highlight",
        BODIES["record_learning_highlight"] | {"team": team, "quarter": "2026-27 Q1"},
    )
    yield (
        "record_practice_observation",
        BODIES["record_practice_observation"] | {"worker": f"sw2-{team}"},
    )
    interval = {"type": "yos-peer", "team": team, "from": "2026-12-01", "every_months": 3}
    yield "set_audit_interval", BODIES["set_audit_interval"] | interval
    yield (
        "grant_observation_exemption",
        BODIES["grant_observation_exemption"] | {"worker": f"sw2-{team}"},
    )


def _act(operation: str) -> Act:
    return next(act for thing in THINGS for act in thing.acts if act.operation == operation)


def _with(path: str, keys: Keys) -> str:
    return re.sub(r"\{(\w+)\}", lambda match: str(keys[match[1]]), path)


def _nothing(key: str) -> str:
    if key.endswith("_id"):
        return str(uuid4())
    return "2026-12-26" if key == "date" else "no-such-thing"


def _bodies() -> Iterator[tuple[str, Any, frozenset[str]]]:
    document = contract()
    schemas = document["components"]["schemas"]
    for item in document["paths"].values():
        for operation in item.values():
            if not isinstance(operation, dict) or "operationId" not in operation:
                continue
            content = operation.get("requestBody", {}).get("content", {})
            body: Any = None
            for part in content.values():
                name = part.get("schema", {}).get("$ref", "").rpartition("/")[2]
                examples = schemas.get(name, {}).get("examples", [None])
                body = _BODIES.get(operation["operationId"], examples[0])
            given = {
                str(parameter.get("$ref", "")).rpartition("/")[2] or parameter.get("name")
                for parameter in operation.get("parameters", ())
            }
            yield (
                operation["operationId"],
                {} if content and body is None else body,
                frozenset(given),
            )


BODIES: Final[Mapping[str, Any]] = {name: body for name, body, _ in _bodies()}
"""A body that is right for each operation: the contract's own example."""
HEADERS: Final[Mapping[str, frozenset[str]]] = {name: given for name, _, given in _bodies()}
"""The parameters of each operation by name, headers among them."""
