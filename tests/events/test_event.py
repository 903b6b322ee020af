"""An event has the values that its class declares, all of them and no others."""

from dataclasses import fields
from uuid import UUID

import pytest

from qa_api.events import EVENT_TYPES, AuditAssigned, AuditPlanned

ABOUT = UUID(int=1)


def test_what_is_left_out_has_its_default_and_what_has_none_is_asked_for() -> None:
    planned = AuditPlanned(about=ABOUT, audit_type="closure")
    assert (planned.subject, planned.auditor, planned.begun) == (None, None, False)
    assert set(planned.data()) == {one.name for one in fields(AuditPlanned)} - {"about", "subject"}
    with pytest.raises(TypeError, match="auditor"):
        AuditAssigned(about=ABOUT)  # type: ignore[call-arg]  # as mypy says too


def test_what_is_not_declared_is_refused() -> None:
    with pytest.raises(TypeError, match="narrative"):
        AuditAssigned(about=ABOUT, auditor="sw1", narrative="x")  # type: ignore[call-arg]  # the same


def test_what_happened_does_not_change() -> None:
    assigned = AuditAssigned(about=ABOUT, auditor="sw1")
    with pytest.raises(AttributeError):
        assigned.auditor = "sw2"  # type: ignore[misc]  # as mypy says too


def test_every_event_says_whom_and_what_it_is_about() -> None:
    assert len(EVENT_TYPES) > 100
    for name, event in EVENT_TYPES.items():
        assert [one.name for one in fields(event)][:2] == ["about", "subject"], name
        assert event.type == name
