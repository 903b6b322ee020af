"""What an authority's rows may be and become, in tests where anything may happen."""

from datetime import date, datetime, timedelta
from typing import Any

from qa_api.models.base import Base, SubjectData

TEAMS = ["lincoln-fast", "boston-fast", "lac-north", None]
TYPES = ["collaborative", "themed", "closure"]
PEOPLE = ["au-1", "tm-lincoln-fast", "sw1-boston-fast", None]
READERS = ["qs-1", "slt-1", "hos-fast", "tm-lincoln-fast", "tm-boston-fast", "several"]
DAYS = [date(2026, 9, 28) + timedelta(days=n) for n in range(0, 100, 3)]
FIRST_DAY = DAYS[0]
TOLD = '{"rule": "r", "facts": {}}'
EXEMPT = '{"rule": "r", "facts": {"exempt": true}}'


def instant(day: date | None) -> Any:
    return day and datetime.fromisoformat(f"{day}T23:30:00+00:00")


INSTANTS = [instant(day) for day in DAYS]
CHANGES: dict[str, list[tuple[str, list[Any]]]] = {
    "audits": [
        ("due_on", [*DAYS, None]),
        ("auditor", PEOPLE),
        ("type", TYPES),
        ("started_at", [*INSTANTS, None]),
        ("cancelled_at", INSTANTS),
        ("recorded_in_error_at", [*INSTANTS[:2], None, None]),
        ("state", ["in_progress", "completed", "closed", "cancelled"]),
    ],
    "audit_responses": [
        ("due_on", DAYS),
        ("notified_at", INSTANTS),
        ("first_submitted_on", [*DAYS, None]),
        ("adequate_submitted_on", [*DAYS, None]),
        ("state", ["awaiting_response", "submitted", "returned", "adequate"]),
    ],
    "response_rounds": [
        ("due_on", [*DAYS, None]),
        ("submitted_at", INSTANTS),
        ("outcome", [None, "adequate"]),
    ],
    "restorative_actions": [
        ("set_at", [*INSTANTS, None]),
        ("due_on", [*DAYS, None]),
        ("done_on", [*DAYS, None]),
        ("owner", PEOPLE),
        ("state", ["planned", "done", "verified", "cancelled"]),
    ],
    "escalations": [
        ("raised_at", INSTANTS),
        ("trigger", ["urgent_finding", "inadequate_judgement"]),
        ("acknowledged_at", [*INSTANTS, None]),
        ("quality_standards_informed_at", [*INSTANTS, None]),
    ],
    "closure_gates": [
        ("closed_at", [*INSTANTS, None]),
        ("explanation", [TOLD, EXEMPT]),
    ],
}
"""What any row's columns may be changed to."""


def about_subjects() -> list[str]:
    """Every table whose rows are held by those who hold the case."""
    return sorted(
        str(mapper.local_table)
        for mapper in Base.registry.mappers
        if issubclass(mapper.class_, SubjectData)
    )
