"""Field types: one schema for both directions, bounds on everything, nothing taken for another."""

from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, TypeAdapter, ValidationError

from qa_api.values import fields, periods
from qa_api.values.fields import Input, Instant, IsoDate, Output, Text, Uuid
from qa_api.values.pages import Page
from tests.http.small_app import ActionIn, AuditIn, AuditOut

dates: TypeAdapter[date] = TypeAdapter(IsoDate)
instants: TypeAdapter[datetime] = TypeAdapter(Instant)
uuids: TypeAdapter[UUID] = TypeAdapter(Uuid)

in_our_time = st.builds(
    datetime.combine, st.dates(date(1901, 1, 1), date(2198, 12, 31)), st.times()
)


@given(st.dates(date(1900, 1, 1), date(2199, 12, 31)))
def test_a_date_is_read_from_its_iso_form(day: date) -> None:
    assert dates.validate_python(day.isoformat(), strict=True) == day
    assert dates.dump_json(day) == f'"{day.isoformat()}"'.encode()


@given(in_our_time, st.integers(-1439, 1439))
def test_an_instant_keeps_its_moment_and_becomes_utc(naive: datetime, offset: int) -> None:
    moment = naive.replace(tzinfo=timezone(timedelta(minutes=offset)))
    read = instants.validate_python(moment.isoformat(), strict=True)
    assert read == moment
    assert read.tzinfo is UTC
    written = instants.dump_json(read)
    assert written.endswith(b'Z"')
    assert instants.validate_python(written.decode().strip('"')) == moment


def test_an_instant_finer_than_we_keep_is_cut_not_refused() -> None:
    read = instants.validate_python("2026-12-01T09:00:00.123456789Z")
    assert read.microsecond == 123_456


@given(st.uuids())
def test_a_uuid_is_read_from_its_usual_form(identifier: UUID) -> None:
    assert uuids.validate_python(str(identifier)) == identifier
    assert uuids.validate_python(str(identifier).upper()) == identifier


@pytest.mark.parametrize("model", [AuditIn, AuditOut, ActionIn, Page[AuditOut]])
def test_reading_and_writing_have_one_schema(model: type[BaseModel]) -> None:
    assert model.model_json_schema() == model.model_json_schema(mode="serialization")


def bounded(schema: Any) -> None:
    """Everything in a schema has its bounds."""
    if isinstance(schema, list):
        for part in schema:
            bounded(part)
    if not isinstance(schema, dict):
        return
    assert "default" not in schema or schema["default"] is not None
    match schema.get("type"):
        case "string":
            assert "maxLength" in schema or "enum" in schema or "const" in schema, schema
        case "array":
            assert "maxItems" in schema, schema
        case "integer":
            assert {"format", "minimum", "maximum"} <= schema.keys(), schema
        case "number":
            assert {"format", "minimum", "maximum"} <= schema.keys(), schema
    for part in schema.values():
        bounded(part)


@pytest.mark.parametrize("model", [ActionIn, AuditOut, Page[AuditOut]])
def test_every_part_of_a_schema_has_its_bounds(model: type[BaseModel]) -> None:
    bounded(model.model_json_schema())


@pytest.mark.parametrize(
    "kind",
    [
        fields.IsoDate,
        fields.Instant,
        fields.Uuid,
        fields.ShortText,
        fields.Text,
        fields.LongText,
        fields.Name,
        periods.Quarter,
        periods.Period,
        periods.AskedQuarter,
        periods.AskedPeriod,
        fields.ReckonedFrom,
        fields.Sha256,
        fields.Code,
        fields.Key,
        fields.Reference,
        fields.Count,
        fields.Version,
        fields.Number,
    ],
)
def test_every_field_type_states_its_bounds(kind: Any) -> None:
    bounded(TypeAdapter(kind).json_schema())


def test_a_page_is_named_after_its_rows() -> None:
    assert Page[AuditOut].__name__ == "AuditOutPage"


def test_a_read_schema_cannot_have_a_default() -> None:
    with pytest.raises(TypeError, match="no defaults"):
        type("Careless", (Output,), {"__annotations__": {"note": str}, "note": ""})


def test_a_read_schema_bears_later_fields_and_an_input_refuses_unknown_ones() -> None:
    assert "additionalProperties" not in AuditOut.model_json_schema()
    assert AuditIn.model_json_schema()["additionalProperties"] is False
    with pytest.raises(ValidationError):
        AuditOut.model_validate({"due_on": "2026-12-01", "started_at": None, "actions": 0, "x": 1})


def test_an_input_cannot_be_changed_after_it_was_checked() -> None:
    class Note(Input):
        text: Text

    with pytest.raises(ValidationError):
        setattr(Note(text="a"), "text", "b")  # noqa: B010 - the type checker refuses the plain form


def test_nothing_is_recorded_under_the_name_of_a_removed_record() -> None:
    taken: TypeAdapter[str] = TypeAdapter(fields.KeptReference)
    assert taken.validate_python("Removed:C-1") == "Removed:C-1"
    with pytest.raises(ValidationError) as refused:
        taken.validate_python("removed:0199d1f0-7c1b-7000-8000-000000000003")
    assert [each["type"] for each in refused.value.errors()] == ["removed"]
    read: TypeAdapter[str] = TypeAdapter(fields.Reference)
    assert read.validate_python("removed:C-1"), "it can still be read"
    assert taken.json_schema() == read.json_schema()
