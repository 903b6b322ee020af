"""Every operation, asked by everybody of every row: what is asked, and what must be answered."""

import json
import random
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Final
from uuid import NAMESPACE_OID, UUID, uuid4, uuid5

import httpx

from qa_api.auth.matrix import THINGS, Act, Relation, Sight, Thing
from qa_api.auth.roles import Permission, Role, roles_with
from qa_api.reporting.datasets import DATASETS
from tests.api import Json, contract
from tests.drill import SEED
from tests.matrix.near import BY_NAME, TABLES, Model, Person
from tests.matrix.shown import Shows, texts_in
from tests.matrix.world import DAY_OF_CASELOAD, PEOPLE, Row, World

Keys = Mapping[str, Any]

OPERATIONS: Final[Mapping[str, tuple[str, str, str | None]]] = {
    operation["operationId"]: (method.upper(), path, operation.get("x-permission"))
    for path, item in contract()["paths"].items()
    for method, operation in item.items()
    if isinstance(operation, dict) and "operationId" in operation
}
"""The method, the path and the permission of each operation of the contract."""

ROUND_A_CORNER: Final = 0.1
"""Which part of the share is asked with conditions, without a body and by filters, too."""

OVERSEER: Final = "qs-1"
"""Who sees the most: with them, what should be there is seen not to be missing."""
ASKERS: Final = 3
"""So many of the people ask each operation in the suite, they among them; in a drill everybody."""

_KEYS: Final[Mapping[str, Mapping[str, str]]] = {
    "subject": {"system": "system", "ref": "ref"},
    "record": {"system": "system", "ref": "ref"},
    "moderation outcome": {"sample_id": "sample_id", "audit_id": "audit_id"},
    "practice standard": {"practice_case_id": "case_id"},
}
"""By which columns the path of a thing names it, where that is not its id."""

_PARTS: Final[Mapping[str, tuple[str, str, Mapping[str, str]]]] = {
    "get_answer": ("audit_answers", "audit_id", {"question_key": "question_key"}),
    "get_audit_action": ("restorative_actions", "audit_id", {"action_id": "id"}),
    "get_urgent_finding": ("urgent_findings", "audit_id", {"finding_id": "id"}),
    "get_quarter_plan_exemption": ("plan_exemptions", "plan_id", {"exemption_id": "id"}),
}
"""The table of each part, the column that names its thing, the parameters that name the part."""


@dataclass(frozen=True)
class Asked:
    """One document of one row, and how much somebody must see of the row to read it."""

    operation: str
    thing: Thing
    row: Row
    path: str
    needed: Sight
    part: Row | None = None


@dataclass
class Walk:
    """The requests of a walk, and what was wrong with the answers."""

    world: World
    model: Model
    """The rows as they are: no walk changes any."""
    people: Mapping[str, Shows]
    """Everybody, with what the table shows them."""
    chance: random.Random
    share: int
    """Of how many rows each person asks each operation; 0: of all."""
    note: Callable[[str, object], None]
    """Keeps what the drill's table shows."""
    wrong: list[str] = field(default_factory=list)
    _nothing: dict[tuple[str, str], httpx.Response] = field(default_factory=dict)
    _tags: dict[str, str | None] = field(default_factory=dict)
    asked: int = 0
    answered: int = 0

    def hold(self, at_least: int) -> None:
        """Fail with all that was wrong; and where next to nothing was answered, since that proves
        nothing."""
        self.note("asked", self.asked)
        self.note("wrong", len(self.wrong))
        self.note("answered", self.answered)
        said = "\n".join(self.wrong[:200])
        again = f"(DRILL_SEED={SEED} asks the same again)"
        assert not self.wrong, f"{len(self.wrong)} are not as the table has it {again}:\n{said}"
        assert self.answered >= at_least, f"only {self.answered} were answered {again}"

    # --- one document ---

    @cached_property
    def documents(self) -> list[Asked]:
        """Every document of every row that the table knows."""
        return [*self._documents()]

    def some(self, rows: list[Any], *, of_the_suite: int | None = None) -> list[Any]:
        """As many of these as the share has, by chance; or another number in the suite."""
        most = (of_the_suite or self.share) if self.share else len(rows)
        return rows if len(rows) <= most else self.chance.sample(rows, most)

    def askers(self) -> list[str]:
        """Who asks an operation: everybody, or who sees the most and a few others by chance."""
        if not self.share:
            return self.chance.sample(PEOPLE, len(PEOPLE))
        others = [name for name in PEOPLE if name != OVERSEER]
        return [OVERSEER, *self.chance.sample(others, ASKERS - 1)]

    def by_operation(self) -> Iterator[tuple[str, Asked]]:
        """Each operation's askers, with a share of its documents."""
        by: dict[str, list[Asked]] = {}
        for asked in self.documents:
            by.setdefault(asked.operation, []).append(asked)
        for documents in by.values():
            for name in self.askers():
                for asked in self.some(documents):
                    yield name, asked

    def kinds_of(self, name: str, documents: Iterable[Asked]) -> list[Asked]:
        """Of these one of each kind: of those that are the same to somebody by the table."""
        person, found = self.people[name].person, dict[Any, Asked]()
        for asked in documents:
            found.setdefault(self._kind(person, asked.thing, asked.row), asked)
        return [*found.values()]

    def _kind(self, person: Person, thing: Thing, row: Row) -> Any:
        near = frozenset(
            relation
            for role in person.roles
            for relation in self.model.relations(person, role, thing, row)
        )
        standings = frozenset(self.model.standings(thing, row))
        withheld, wrong = row.get("restricted"), self.model.is_in_error(thing, row)
        return self.model.sight(person, thing, row), near, standings, withheld, wrong

    def round_corners(self) -> Iterator[tuple[str, Asked]]:
        """A part of the share; in a drill of every kind that each operation's documents are."""
        if self.share:
            some = (each for each in self.by_operation() if self.chance.random() < ROUND_A_CORNER)
            yield from some
            return
        by: dict[str, list[Asked]] = {}
        for asked in self.documents:
            by.setdefault(asked.operation, []).append(asked)
        for documents in by.values():
            for name in PEOPLE:
                for asked in self.kinds_of(name, documents):
                    yield name, asked

    def _documents(self) -> Iterator[Asked]:
        for thing in THINGS:
            table = TABLES.get(thing.name)
            if table is None:
                continue
            for row in self.model.tables[table]:
                if thing.name == "record":
                    yield self._document("get_record", thing, row, Sight.TEXT)
                    yield self._document("get_subject_retention", thing, row, Sight.TEXT)
                elif thing.document:
                    yield self._document(thing.document, thing, row, Sight.ROW)
                if thing.name == "subject" and row["first_panel_on"]:
                    yield self._document("get_panel_date", thing, row, Sight.ROW)
        yield from self._parts()

    def _parts(self) -> Iterator[Asked]:
        for operation, (table, column, names) in _PARTS.items():
            thing = next(one for one in THINGS if operation in one.parts)
            for part in self.model.tables[table]:
                row = self.model.by_id[TABLES[thing.name]][part[column]]
                keys = {name: part[of] for name, of in names.items()}
                if part.get("left_out"):
                    continue
                yield self._document(operation, thing, row, Sight.TEXT, part, **keys)
        audit = BY_NAME["audit"]
        for row in self.model.tables["audits"]:
            if row["re_audit_of"]:
                yield self._document("compare_audit", audit, row, Sight.TEXT)

    def _document(
        self,
        operation: str,
        thing: Thing,
        row: Row,
        needed: Sight,
        part: Row | None = None,
        **keys: Any,
    ) -> Asked:
        path = OPERATIONS[operation][1]
        own = {name: row[column] for name, column in _KEYS.get(thing.name, {}).items()}
        for name in re.findall(r"\{(\w+)\}", path):
            path = path.replace(f"{{{name}}}", str((own | keys).get(name, row.get("id"))))
        return Asked(operation, thing, row, path, needed, part)

    def expected(self, person: Person, asked: Asked) -> int:
        """Whether they are shown it, refused, or told that there is none."""
        if not self.may_ask(person, asked.operation):
            return 403
        sees = self.model.sight(person, asked.thing, asked.row)
        if asked.operation == "compare_audit":
            earlier = self.model.by_id["audits"][asked.row["re_audit_of"]]
            if earlier["recorded_in_error_at"] is None:
                sees = min(sees, self.model.sight(person, asked.thing, earlier))
        return 200 if sees >= asked.needed else 404

    def may_ask(self, person: Person, operation: str) -> bool:
        """Whether a role of theirs has the permission."""
        permission = OPERATIONS[operation][2]
        return permission is None or not person.roles.isdisjoint(roles_with(Permission(permission)))

    def read(self, name: str, asked: Asked) -> None:
        """One document, as somebody."""
        shows = self.people[name]
        # The same of each that is not there, so that all of them are compared with one.
        request = {"x-correlation-id": str(uuid5(NAMESPACE_OID, name + asked.operation))}
        answer = self.get(name, asked.path, **request)
        wanted = self.expected(shows.person, asked)
        said = f"{asked.operation} of {asked.path} to {name}"
        if answer.status_code != wanted:
            near = self._why(shows.person, asked)
            self.wrong.append(f"{said} is {answer.status_code}, not {wanted}: {near}")
            return
        if wanted == 404:
            if (name, asked.operation) not in self._nothing:
                nothing = _of_nothing(asked, OPERATIONS[asked.operation][1])
                self._nothing[name, asked.operation] = self.get(name, nothing, **request)
            nothing_there = self._nothing[name, asked.operation]
            self._as_of_nothing(name, asked, answer, nothing_there)
        if wanted == 200:
            self.answered += 1
            self._no_more_than_the_row(shows, asked, answer.json())
            if asked.operation == "get_audit":
                self._names_whom_they_need(shows.person, asked, answer.json())
            elif asked.operation == "get_moderation_sample":
                self._says_what_is_theirs(shows.person, asked, answer.json())
        self.scan(shows, said, answer)

    def _no_more_than_the_row(self, shows: Shows, asked: Asked, body: Json) -> None:
        if self.model.sight(shows.person, asked.thing, asked.row) < Sight.TEXT:
            texts = set(texts_in(body)) - asked.thing.in_row
            for text in sorted(texts if asked.thing.texts else ()):
                self.wrong.append(f"{asked.operation} shows {shows.person.name} the text {text}")

    def _names_whom_they_need(self, person: Person, asked: Asked, body: Json) -> None:
        """A moderator is not told whose work it was, nor who holds the case now whose it was.

        Nor is whose work was audited told who holds the case since.
        """
        row = asked.row
        wide = not person.roles.isdisjoint({Role.QUALITY_STANDARDS, Role.SENIOR_LEADER})
        leads = wide or any([*person.leads(role, row["team"])] for role in person.roles)
        audits = Role.AUDITOR in person.roles and person.is_(row["auditor"])
        near = {
            relation
            for role in person.roles
            for relation in self.model.relations(person, role, asked.thing, row)
        } - {Relation.NONE, Relation.MODERATED, Relation.AUDITED}
        told = {
            "audited_worker": leads or audits or person.is_(row["audited_worker"]),
            "worker": leads or bool(near),
        }
        for field_, may in told.items():
            wanted = row[field_] if may else None
            if body[field_] != wanted:
                said = f"{asked.path} names {body[field_]} as {field_} to {person.name}"
                self.wrong.append(f"{said}, not {wanted}")

    def _says_what_is_theirs(self, person: Person, asked: Asked, body: Json) -> None:
        """Of the whole population only to those who oversee moderation."""
        wide = not person.roles.isdisjoint({Role.QUALITY_STANDARDS, Role.SENIOR_LEADER})
        wanted = asked.row["population_hash"] if wide else None
        if body["population_hash"] != wanted or (not wide and body["explanation"] is not None):
            self.wrong.append(f"{asked.path} tells {person.name} of the whole population")

    def _as_of_nothing(
        self, name: str, asked: Asked, answer: httpx.Response, nothing: httpx.Response
    ) -> None:
        """The same bytes, and the same headers, as of one that does not exist."""
        if (nothing.status_code, nothing.content) != (404, answer.content):
            self.wrong.append(f"{asked.operation} tells {name} that {asked.path} is there")
        if _headers(nothing) != _headers(answer):
            self.wrong.append(f"the headers of {asked.operation} tell {name} of {asked.path}")

    def _why(self, person: Person, asked: Asked) -> str:
        row = {
            name: value
            for name, value in asked.row.items()
            if name in {"state", "team", "worker", "auditor", "owner", "restricted", "set_at"}
        }
        return f"{sorted(person.roles)} {row}"

    # --- lists ---

    def list_of(self, name: str, operation: str, thing: Thing) -> None:
        """The whole list as somebody: exactly the rows that they see."""
        shows = self.people[name]
        table = TABLES.get(thing.name)
        path = OPERATIONS[operation][1]
        if not self.may_ask(shows.person, operation):
            answer = self.get(name, path)
            if answer.status_code != 403:
                self.wrong.append(f"{operation} to {name} is {answer.status_code}, not 403")
            return
        listed: list[Any] = []
        for body in self.pages(name, path):
            listed += [item.get(_ID.get(operation, "id")) for item in body["items"]]
        listed = [each for each in listed if each is not None]
        if table is None or operation not in _WHOLE.get(thing.name, (thing.listed[:1])):
            return
        expected = {
            str(row["id"])
            for row in self.model.tables[table]
            if self.model.sight(shows.person, thing, row) >= Sight.EXISTS and _is_listed(thing, row)
        }
        if len(listed) != len(set(listed)):
            self.wrong.append(f"{operation} lists some twice to {name}")
        for more in sorted(set(listed) - expected):
            self.wrong.append(f"{operation} lists {more} to {name}")
        for less in sorted(expected - set(listed)):
            self.wrong.append(f"{operation} does not list {less} to {name}")

    def pages(self, name: str, path: str, size: int = 500) -> Iterator[Json]:
        """Page by page, each looked through."""
        following, mark = f"{path}{'&' if '?' in path else '?'}limit={size}", None
        while True:
            answer = self.get(name, following + (f"&cursor={mark}" if mark else ""))
            self.scan(self.people[name], following, answer)
            if answer.status_code != 200:
                self.wrong.append(f"{following} to {name} is {answer.status_code}")
                return
            self.answered += 1
            body = answer.json()
            yield body
            mark = body["next_cursor"]
            if not mark:
                return

    # --- asking round a corner ---

    def conditionally(self, name: str, asked: Asked) -> None:
        """With the tag that somebody else was given, and without a body: nothing more is told."""
        shows = self.people[name]
        wanted = self.expected(shows.person, asked)
        tag = self._tag(asked)
        for condition in (tag, "*"):
            if condition is not None:
                answer = self.get(name, asked.path, **{"if-none-match": condition})
                if (answer.status_code in {200, 304}) != (wanted == 200):
                    said = f"{asked.path} if none matches {condition}"
                    self.wrong.append(f"{said} is {answer.status_code} to {name}")
        head, whole = self.head(name, asked.path), self.get(name, asked.path)
        self.answered += wanted == 200
        if (head.status_code, _headers(head)) != (whole.status_code, _headers(whole)):
            self.wrong.append(f"HEAD {asked.path} tells {name} other than GET")
        if head.content:
            self.wrong.append(f"HEAD {asked.path} has a body for {name}")

    def _tag(self, asked: Asked) -> str | None:
        """That which the first who sees it is given; it is asked for once."""
        if asked.path not in self._tags:
            readers = (
                name for name in PEOPLE if self.expected(self.people[name].person, asked) == 200
            )
            first = next(readers, None)
            answer = self.get(first, asked.path) if first else None
            self._tags[asked.path] = answer.headers.get("etag") if answer else None
        return self._tags[asked.path]

    def filtered(self, name: str, operation: str, thing: Thing) -> None:
        """Each filter set to what a row that they do not see has: it finds none of those."""
        shows = self.people[name]
        if not self.may_ask(shows.person, operation):
            return
        rows = self.model.tables[TABLES[thing.name]]
        hidden = [row for row in rows if self.model.sight(shows.person, thing, row) < Sight.ROW]
        if not self.share:  # one of each kind of every team
            kinds = {
                (row.get("team"), *self._kind(shows.person, thing, row)): row for row in hidden
            }
            hidden = [*kinds.values()]
        path = OPERATIONS[operation][1]
        for parameter in sorted(_parameters(operation) & _FILTERS.keys()):
            seen = {
                str(each["id"])
                for each in rows
                if self.model.sight(shows.person, thing, each)
                >= _LISTED_FROM.get(operation, Sight.ROW)
            }
            asked_for = {row.get(_FILTERS[parameter]) for row in self.some(hidden)} - {None}
            for value in sorted(asked_for, key=str):
                found = {
                    str(item.get(_ID.get(operation, "id")))
                    for body in self.pages(name, f"{path}?{parameter}={value}")
                    for item in body["items"]
                }
                for more in sorted(found - seen - {"None"}):
                    self.wrong.append(f"{operation} by {parameter} shows {name} {more}")

    def page_by_page(self, name: str, operation: str) -> None:
        """Going on from where somebody who sees all has come to."""
        shows, path = self.people[name], OPERATIONS[operation][1]
        if not self.may_ask(shows.person, operation):
            return
        first = self.get(OVERSEER, f"{path}?limit=1")
        if first.status_code != 200 or not first.json()["next_cursor"]:
            return
        answer = self.get(name, f"{path}?limit=500&cursor={first.json()['next_cursor']}")
        self.answered += answer.status_code == 200
        self.scan(shows, f"{path} from another's place", answer)

    def counted(self, name: str) -> None:
        """Each figure is of as many rows as the same person is listed, and no more."""
        answer = self.get(name, f"/v1/reporting/metrics/{_QUARTERS[0]}")
        # Reporting tools are told the counts of the whole authority, and list nothing.
        if answer.status_code != 200 or self.people[name].person.roles == {Role.REPORTING}:
            return
        for part in self.some([*_counts(answer.json())], of_the_suite=6):
            if not part["rows"].startswith("/v1/"):
                continue
            items = [item for body in self.pages(name, part["rows"]) for item in body["items"]]
            if part["count"] is not None and part["count"] != len(items):
                said = f"{part['rows']} has {len(items)} rows for {name}"
                self.wrong.append(f"{said}, its figure says {part['count']}")

    def allowed(self, name: str, asked: Asked, acts: Mapping[str, Act]) -> None:
        """What a document says they may do, the table gives them."""
        shows = self.people[name]
        if self.expected(shows.person, asked) != 200:
            return
        body = self.get(name, asked.path).json()
        self.answered += 1
        for step in body.get("allowed_actions", ()):
            act = acts.get(step)
            if act is None:
                self.wrong.append(f"{asked.operation} offers {step}, which the table does not know")
            elif not self.may(shows.person, act, asked):
                self.wrong.append(f"{asked.path} offers {name} {step}, and the table does not")

    def may(self, person: Person, act: Act, asked: Asked) -> bool:
        """Whether the table gives somebody an act upon a row."""
        return any(
            not act.by[role].isdisjoint(self.model.relations(person, role, asked.thing, asked.row))
            for role in person.roles & act.by.keys()
        )

    # --- what is neither a document of a row nor a list of all rows ---

    def others(self) -> Iterator[tuple[str, str, str]]:
        """Every other read: its operation, a path, and in which form it is asked for."""
        tables = self.model.tables
        of: dict[str, list[Keys]] = {
            "list_moderation_population": _keys(tables["moderation_samples"], sample_id="id"),
            "list_moderation_outcomes": _keys(tables["moderation_samples"], sample_id="id"),
            "list_retention_items": _keys(tables["retention_runs"], run_id="id"),
            "get_subject_closure_gate": _keys(tables["subjects"], system="system", ref="ref"),
            "get_quarter_plan_progress": _keys(tables["quarter_plans"], plan_id="id"),
            "get_quarter_plan_allocation": _keys(tables["quarter_plans"], plan_id="id"),
            "get_quarter_plan_cases": _keys(
                tables["plan_case_lists"], plan_id="plan_id", list_id="id"
            ),
            "get_theme": _keys(tables["themes"], code="code"),
            "get_service": _keys(tables["services"], code="code"),
            "get_team": _keys(tables["teams"], code="code"),
            "get_worker": _keys(tables["workers"], code="code"),
            "get_auditor_group": _keys(tables["auditor_groups"], code="code"),
            "get_case_system": _keys(tables["case_systems"], code="code"),
            "get_audit_type": _keys(tables["audit_types"], code="code"),
            "get_audit_tool": _keys(tables["audit_tools"], tool_id="id"),
            "get_judgement_scale": _keys(tables["judgement_scales"], code="code", number="number"),
            "get_role_assignment": _keys(tables["role_assignments"], assignment_id="id"),
            "get_group_role": _keys(tables["group_roles"], group_role_id="id"),
            "listen_to_audit": _keys(tables["audits"], audit_id="id"),
            "get_identity_group": _keys(tables["scim_groups"], group_id="id"),
            "get_rights_change": _keys(tables["rights_changes"], change_id="id"),
            "get_webhook_endpoint": _keys(tables["webhook_endpoints"], endpoint_id="id"),
            "get_policy": [{"version": 1}],
            "get_bank_holiday": [{"date": "2026-12-25"}],
            "get_audit_interval": _keys(tables["audit_intervals"], interval_id="id"),
            "get_case_system_reference": _keys(tables["case_system_references"], reference_id="id"),
            "get_metrics": [{"quarter": quarter} for quarter in _QUARTERS],
            "get_metrics_charts": [{"quarter": quarter} for quarter in _QUARTERS],
            "get_chart_change": _keys(tables["chart_changes"], change_id="id"),
            "pull_dataset": [{"dataset": name} for name in DATASETS],
            "get_dataset_schema": [{"dataset": name} for name in DATASETS],
            # Only who asked for it reads it: see tests/reporting/test_files.py.
            "get_download": [{"download_id": str(uuid4())}],
            "get_metrics_breakdown": [{"quarter": _QUARTERS[0], "by": by} for by in _GROUPINGS],
            "list_observation_compliance": [{"level": level} for level in _LEVELS],
            "add_working_days": [{"start": "2026-11-23", "days": 5}],
            "explain_deadline": [{"rule": "response_due", "at": "2026-11-23T09:30:00Z"}],
            "get_record": _keys(tables["subjects"], system="system", ref="ref"),
            "get_caseload": [{"date": DAY_OF_CASELOAD}],
            "get_caseload_coverage": [{"date": DAY_OF_CASELOAD}],
            "get_caseload_sample_size": [{"date": DAY_OF_CASELOAD, "width_percent": 10}],
            "list_caseload_children": [{"date": DAY_OF_CASELOAD}],
            "list_caseload_missing": [{"date": DAY_OF_CASELOAD}],
        }
        shown = {asked.operation for asked in self.documents} - {"get_record"}
        for operation, (method, path, _) in OPERATIONS.items():
            if method != "GET" or operation in shown or operation in _LISTED:
                continue
            keys = of.get(operation, [] if "{" in path else [{}])
            if not keys:
                self.wrong.append(f"{operation} is asked of no row: say with which keys")
            for each in self.some(keys):
                for form in _FORMS.get(operation, (_JSON,)):
                    yield operation, _filled(path, each), form

    def ask(self, name: str, operation: str, path: str, form: str) -> None:
        """One of these: refused without the permission, and never too much."""
        shows = self.people[name]
        request = {"accept": form, "x-correlation-id": str(uuid4())}
        answer = self.get(name, path, **request)
        permitted = self.may_ask(shows.person, operation)
        if (answer.status_code == 403) == permitted or answer.status_code >= 500:
            self.wrong.append(f"{path} to {name} is {answer.status_code}")
        self.answered += answer.status_code == 200
        self.scan(shows, f"{path} as {form}", answer, rows=operation == "pull_dataset")
        if operation == "get_subject_closure_gate" and permitted:
            self._says_no_gate(shows, path, answer, request)
        if operation == "list_moderation_outcomes" and permitted:
            self._lists_outcomes(shows, path, answer)
        if operation == "get_quarter_plan_cases" and permitted:
            self._lists_cases(shows.person, path, answer.json())

    def _says_no_gate(
        self, shows: Shows, path: str, answer: httpx.Response, request: Mapping[str, str]
    ) -> None:
        """Of a child whom they may not know of what is said of one who is not."""
        ref = path.split("/")[-2]
        if ref in self._gated(shows):
            return
        unknown = self.get(shows.person.name, path.replace(ref, "N-1"), **request)
        if unknown.text.replace('"N-1"', f'"{ref}"') != answer.text:
            self.wrong.append(f"{path} tells {shows.person.name} of a child")

    def _gated(self, shows: Shows) -> set[str]:
        """Of whose gates they may know."""
        subjects = {
            row["id"]
            for row in self.model.tables["subjects"]
            if self.model.sight(shows.person, BY_NAME["subject"], row)
            or row["system"] == shows.person.system
        }
        return {
            row["ref"]
            for row in self.model.tables["subject_aliases"]
            if row["subject_id"] in subjects
        }

    def _lists_outcomes(self, shows: Shows, path: str, answer: httpx.Response) -> None:
        sample = path.split("/")[-2]
        expected = {
            str(row["id"])
            for row in self.model.tables["moderation_outcomes"]
            if str(row["sample_id"]) == sample
            and self.model.sight(shows.person, BY_NAME["moderation outcome"], row) >= Sight.ROW
        }
        if {item["id"] for item in answer.json()["items"]} != expected:
            self.wrong.append(f"{path} lists other outcomes to {shows.person.name}")

    def _lists_cases(self, person: Person, path: str, body: Json) -> None:
        """All that was posted and chosen but who is withheld, and then nothing of the whole."""
        thing, subjects = BY_NAME["subject"], self.model.by_id["subjects"]
        row = self.model.by_id["plan_case_lists"][UUID(path.rpartition("/")[2])]
        withheld = {
            alias["ref"]
            for alias in self.model.tables["subject_aliases"]
            if self.model.is_withheld(person, thing, subjects[alias["subject_id"]])
        }
        for part in ("population", "chosen"):
            kept = [entry["ref"] for entry in json.loads(row[part])]
            if [entry["ref"] for entry in body[part]] != [
                ref for ref in kept if ref not in withheld
            ]:
                self.wrong.append(f"{path} shows {person.name} another {part}")
        whole = withheld.isdisjoint(entry["ref"] for entry in json.loads(row["population"]))
        if (body["population_hash"], body["explanation"] is None) != (
            row["population_hash"] if whole else None,
            not whole,
        ):
            self.wrong.append(f"{path} tells {person.name} of the whole list")

    # --- asking ---

    def get(self, name: str, path: str, **headers: str) -> httpx.Response:
        """One request. (That answers are as the contract has them, other tests hold.)"""
        self.asked += 1
        api = self.world.as_(name)
        headers |= {"authorization": f"Bearer {api.token()}"}
        return api.http.get(path, headers=headers)

    def head(self, name: str, path: str) -> httpx.Response:
        """One request for the headers alone."""
        self.asked += 1
        api = self.world.as_(name)
        return api.http.head(path, headers={"authorization": f"Bearer {api.token()}"})

    def scan(self, shows: Shows, said: str, answer: httpx.Response, *, rows: bool = False) -> None:
        """Nothing in it that the table does not show. `rows`: but all ids of rows, as in datasets.

        What the reader asked with may be said back to them.
        """
        but = {*re.findall(r"[^/?&=]+", str(answer.request.url)), *_waiting_for_leave(answer)}
        if rows:
            but |= shows.known_ids - {str(row["id"]) for row in self.model.tables["subjects"]}
        for much in shows.too_much(answer.text, but=but):
            self.wrong.append(f"{said} shows {shows.person.name} {much}")


_FILTERS: Final[Mapping[str, str]] = {
    "subject": "subject_id",
    "worker": "worker",
    "team": "team",
    "auditor": "auditor",
    "owner": "owner",
    "observer": "observer",
    "moderator": "moderator",
    "audit": "audit_id",
    "gate": "gate_id",
    "sample": "sample_id",
    "episode_id": "episode_id",
    "state": "state",
    "service": "service",
}
"""The filters that could tell of a row, each with the column that it asks for."""


def _parameters(operation: str) -> set[str]:
    method, path, _ = OPERATIONS[operation]
    given = contract()["paths"][path][method.lower()].get("parameters", ())
    return {parameter["name"] for parameter in given if "name" in parameter}


def _counts(body: Any) -> Iterator[Json]:
    """Every count in an answer that names the list behind it."""
    if isinstance(body, dict):
        if {"count", "rows"} <= body.keys() and body["rows"]:
            yield body
        for value in body.values():
            yield from _counts(value)
    elif isinstance(body, list):
        for each in body:
            yield from _counts(each)


_LISTED_FROM: Final = {"list_qa_updates": Sight.EXISTS}
"""The list of updates says of each service whether its update is there."""
OTHERWISE_LISTED: Final = frozenset(
    {"list_moderation_population", "list_moderation_outcomes", "list_retention_items"}
    | {"list_observation_compliance", "list_caseload_children", "list_caseload_missing"}
)
"""Lists of the rows of one thing or of figures: they are asked for with its id, or a level."""
_LISTED: Final = (
    frozenset(operation for thing in THINGS for operation in thing.listed) - OTHERWISE_LISTED
)
_QUARTERS: Final = ("2026-27%20Q3", "2026-27%20Q2")
_GROUPINGS: Final = ("team", "service", "type", "quarter")
_LEVELS: Final = ("worker", "team", "service", "authority")
_JSON: Final = "application/json"
_FORMS: Final[Mapping[str, tuple[str, ...]]] = {
    "pull_dataset": (_JSON, "application/x-ndjson", "text/csv"),
    "get_record": ("text/html",),
    "get_board_report": ("text/html",),
}


def _keys(rows: list[Row], **names: str) -> list[Keys]:
    return [{name: row[column] for name, column in names.items()} for row in rows]


def _filled(path: str, keys: Keys) -> str:
    """A path with these keys, those that it has no place for as its query."""
    query = "&".join(f"{name}={value}" for name, value in keys.items() if f"{{{name}}}" not in path)
    path = re.sub(r"\{(\w+)\}", lambda match: str(keys[match[1]]), path)
    return f"{path}?{query}" if query else path


_ID: Final = {"list_case_events": "event_id", "list_qa_updates": "update_id"}
"""Which field of a list is the id of its rows, where that is not `id`; "" where there is none."""

_WHOLE: Final[Mapping[str, tuple[str, ...]]] = {
    "moderation outcome": ("list_all_moderation_outcomes",),
    "webhook": ("list_webhook_deliveries",),
    "retention run": ("list_retention_runs",),
    "principal": ("list_principals",),
}
"""Which list of a thing has all of its rows, where it has several."""


def _is_listed(thing: Thing, row: Row) -> bool:
    return thing.name != "closure gate" or row["duplicate_of"] is None


def _of_nothing(asked: Asked, template: str) -> str:
    """The path of one that does not exist, in the same form."""
    keys = {"ref": f"N-{uuid4().hex[:8]}", "system": "mosaic", "question_key": "no_such_key"}

    def value(match: re.Match[str]) -> str:
        return keys.get(match[1], str(uuid4()))

    return re.sub(r"\{(\w+)\}", value, template)


def _headers(answer: httpx.Response) -> set[str]:
    return set(answer.headers) - {"date"}


def _waiting_for_leave(answer: httpx.Response) -> Iterator[str]:
    """That something of a restricted record waits for leave, Quality & Standards may know."""
    if answer.request.url.path != "/v1/me/work" or answer.status_code != 200:
        return
    for item in answer.json()["items"]:
        if item["kind"] == "grant_access":
            yield from (item["about"], item["path"].rpartition("/")[2])
