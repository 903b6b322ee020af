"""What an answer may show somebody: ids, references of children, and every text with its place."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final
from uuid import UUID

from qa_api.auth.matrix import Sight
from qa_api.auth.matrix.fields import TEXTS
from tests.api import Json
from tests.matrix.near import BY_NAME, TABLES, Model, Person
from tests.matrix.world import Row

_UUID: Final = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_REF: Final = re.compile(r"\b(?:M|C)-[0-9a-f][0-9a-f-]*\b")
_MARK: Final = re.compile(r"\[\[([a-z_]+)\.([a-z_]+)\.([^\]]+)\]\]")

_Behind = tuple[str, Callable[[Row], Any]]
"""A thing in which a text stands, and from the text's row to the id of the thing's."""


def _by(name: str) -> Callable[[Row], Any]:
    return lambda row: row[name]


_AUDIT: Final = ("audit", _by("audit_id"))
_RECORD: Final = ("record", _by("subject_id"))
_OF_AUDIT: Final = (
    *("audit_answers", "domain_judgements", "family_contacts", "worker_views"),
    "own_views",
    *("family_contact_attempts", "audit_revisions"),
)
_BEHIND: Final[Mapping[str, tuple[_Behind, ...]]] = {
    "audits": (("audit", _by("id")), _RECORD),
    **dict.fromkeys(_OF_AUDIT, (_AUDIT, _RECORD)),
    "urgent_findings": (_AUDIT, _RECORD),
    "restorative_actions": (("restorative action", _by("id")), _AUDIT, _RECORD),
    "action_date_changes": (("restorative action", _by("action_id")),),
    "audit_responses": (("response", _by("id")),),
    "response_rounds": (("response", _by("response_id")), _RECORD),
    "response_items": (("response", _by("response_id")), _RECORD),
    "escalations": (("escalation", _by("id")), _RECORD),
    "comments": (
        ("comment", _by("id")),
        ("record", lambda row: row["subject_id"] if row["released_at"] else None),
    ),
    "closure_gates": (("closure gate", _by("id")), _RECORD),
    "moderation_outcomes": (("moderation outcome", _by("id")), _RECORD),
    "learning_actions": (
        ("learning action", _by("id")),
        ("moderation outcome", _by("outcome_id")),
        _RECORD,
    ),
    "legal_holds": (("legal hold", _by("id")), _RECORD),
    "notifications": (("notification", _by("id")),),
    "practice_observations": (("practice observation", _by("id")),),
    "observation_corrections": (("practice observation", _by("observation_id")),),
    "observation_exemptions": (("exemption from observations", _by("id")),),
    "redactions": (("redaction", _by("id")), _RECORD),
    "restriction_grants": (("grant", _by("id")),),
    "learning_highlights": (("learning highlight", _by("id")),),
    "qa_updates": (("QA update", _by("id")),),
    "board_reports": (("board report", _by("id")),),
    "rights_changes": (("change of rights", _by("id")),),
    "board_decisions": (("board decision", _by("id")), ("board report", _by("report_id"))),
}
"""Where a text may be read: in the thing that it belongs to, and in what shows that whole."""

_GUARDED: Final = (
    *("subjects", "audits", "audit_responses", "restorative_actions", "notifications"),
    *("escalations", "closure_gates", "case_events", "moderation_outcomes", "learning_actions"),
    *("practice_observations", "observation_exemptions", "learning_highlights", "redactions"),
    *("legal_holds", "qa_updates", "board_reports", "board_decisions", "comments"),
)
"""Whose ids nobody learns but from a row that they see."""


@dataclass
class Shows:
    """What may be shown to one person, by the table."""

    model: Model
    person: Person

    @cached_property
    def rows(self) -> list[tuple[str, Row]]:
        """Every row that they see, with the thing that it is."""
        return [
            (name, row)
            for name, table in TABLES.items()
            for row in self.model.tables[table]
            if self.model.sight(self.person, BY_NAME[name], row) >= Sight.EXISTS
        ]

    @cached_property
    def subjects(self) -> set[UUID]:
        """Whom they know of by any row that they see."""
        return {
            subject
            for name, row in self.rows
            for subject in self.model.subjects_of(BY_NAME[name], row)
        }

    @cached_property
    def of_records(self) -> set[UUID]:
        """Whose whole record they may read."""
        return {row["id"] for name, row in self.rows if name == "record"}

    @cached_property
    def refs(self) -> set[str]:
        """By which references they know children."""
        return {
            row["ref"]
            for row in self.model.tables["subject_aliases"]
            if row["subject_id"] in self.subjects
        }

    @cached_property
    def ids(self) -> set[str]:
        """The ids that stand in the rows that they see, in whole records too."""
        found = {str(value) for _, row in self.rows for value in row.values() if _is_id(value)}
        for table in _GUARDED:
            for row in self.model.tables[table]:
                if row.get("subject_id") in self.of_records:
                    found |= {str(value) for value in row.values() if _is_id(value)}
        return found | {
            str(row["id"])
            for row in self.model.tables["restorative_actions"]
            if self._in_draft(row)
        }

    def _in_draft(self, action: Row) -> bool:
        """An action stands in the audit that sets it, before it is anything by itself."""
        audit = self.model.audit_of(action)
        if audit is None:
            return False
        return self.model.sight(self.person, BY_NAME["audit"], audit) >= Sight.TEXT

    @cached_property
    def known_ids(self) -> set[str]:
        """Every id that is somebody's to see."""
        return {str(row["id"]) for table in _GUARDED for row in self.model.tables[table]}

    @cached_property
    def hidden_ids(self) -> set[str]:
        """Those that they see nowhere."""
        return self.known_ids - self.ids

    @cached_property
    def hidden_refs(self) -> set[str]:
        """By which references they know nobody."""
        return self.model.refs - self.refs

    def may_read(self, table: str, column: str, key: str) -> bool:
        """Whether a text is theirs to read."""
        rows = self.model.texts[table]
        row = rows[key]
        for name, of in _BEHIND.get(table, ()):
            thing = BY_NAME[name]
            parent = self.model.by_id[TABLES[name]].get(of(row))
            needed = Sight.ROW if column in thing.in_row else Sight.TEXT
            if parent and self.model.sight(self.person, thing, parent) >= needed:
                return True
        return self._told_of(table, row)

    def _told_of(self, table: str, row: Row) -> bool:
        """A finding in its escalation, and to its auditor what became of it."""
        if table == "urgent_findings":
            return any(
                self.model.sight(self.person, BY_NAME["escalation"], each) >= Sight.TEXT
                for each in self.model.tables["escalations"]
                if each["finding_id"] == row["id"]
            )
        audit = self.model.audit_of(row) if table == "escalations" else None
        if audit is None:
            return False
        return self.model.sight(self.person, BY_NAME["audit"], audit) >= Sight.TEXT

    def too_much(self, text: str, *, but: Iterable[str] = ()) -> Iterator[str]:
        """What an answer shows them that the table does not."""
        # What is in the answer first: it is little, and what nobody may see is all there is.
        for found in sorted((set(_UUID.findall(text)) & self.hidden_ids).difference(but)):
            yield f"the id {found}"
        for found in sorted((set(_REF.findall(text)) & self.hidden_refs).difference(but)):
            yield f"the reference {found}"
        for table, column, key in sorted(set(_MARK.findall(text))):
            if not self.may_read(table, column, key):
                yield f"the text {table}.{column} of {key}"


def texts_in(body: Any, name: str = "") -> Iterator[str]:
    """The fields of an answer that hold what somebody wrote."""
    if isinstance(body, dict):
        for key, value in body.items():
            if key != "explanation":  # the service's own words
                yield from texts_in(value, key)
    elif isinstance(body, list):
        for each in body:
            yield from texts_in(each, name)
    elif name in TEXTS and body is not None:
        yield name


def _is_id(value: Any) -> bool:
    return isinstance(value, UUID)


def without_place(problem: Json) -> Json:
    """A problem without what tells one request from another."""
    return {
        key: value for key, value in problem.items() if key not in {"instance", "correlation_id"}
    }
