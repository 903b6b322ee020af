"""JSON that was kept earlier, read by today's schema: it may lack a field that was added since.

A missing field is read as null, if it may be null. If it may not, a migration fills it in.
"""

import json
from collections.abc import Mapping
from types import NoneType, UnionType
from typing import Any, Final, Union, get_args, get_origin

from pydantic import BaseModel
from sqlalchemy import Boolean, ColumnElement, Text, case, cast, func, literal, select
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, aggregate_order_by

_EMPTY: Final = cast(literal("[]", Text), JSONB)


def nulls(schema: type[BaseModel]) -> dict[str, None]:
    """Null for each field that may be null, by its name in JSON."""
    return {
        described.alias or name: None
        for name, described in schema.model_fields.items()
        if NoneType in get_args(described.annotation)
    }


def with_nulls(kept: Mapping[str, Any], schema: type[BaseModel]) -> dict[str, Any]:
    """An object that was kept, with null for what a schema has and it lacks."""
    return {**nulls(schema), **kept}


def completed(kept: ColumnElement[Any], annotation: Any) -> ColumnElement[Any]:
    """The same in SQL, of a JSONB column whose field is annotated with a schema or a list of it.

    What is annotated with anything else stays as it is.
    """
    if get_origin(annotation) is list:
        (each,) = get_args(annotation)
        return _of_each(kept, each) if _may_lack(each) else kept
    schemas = [each for each in (annotation, *get_args(annotation)) if _may_lack(each)]
    may_be = get_origin(annotation) in (None, Union, UnionType)
    return _of_one(kept, schemas[0]) if may_be and len(schemas) == 1 else kept


def has_every_field(kept: ColumnElement[Any], schema: type[BaseModel]) -> ColumnElement[bool]:
    """Whether an object lacks none of the fields that `completed` would fill in; null for null."""
    return kept.op("?&", return_type=Boolean())(literal(sorted(nulls(schema)), ARRAY(Text)))


def _may_lack(schema: Any) -> bool:
    return isinstance(schema, type) and issubclass(schema, BaseModel) and bool(nulls(schema))


def _of_one(kept: ColumnElement[Any], schema: type[BaseModel]) -> ColumnElement[Any]:
    absent = cast(literal(json.dumps(nulls(schema)), Text), JSONB)
    return case((func.jsonb_typeof(kept) == "object", absent.concat(kept)), else_=kept)


def _of_each(kept: ColumnElement[Any], schema: type[BaseModel]) -> ColumnElement[Any]:
    elements = func.jsonb_array_elements(kept)
    one = elements.table_valued("value", with_ordinality="place", name="one").render_derived()
    whole = _of_one(cast(one.c.value, JSONB), schema)
    listed = func.jsonb_agg(aggregate_order_by(whole, one.c.place), type_=JSONB)
    found = select(func.coalesce(listed, _EMPTY)).select_from(one)
    return case((func.jsonb_typeof(kept) == "array", found.scalar_subquery()), else_=kept)
