"""The table schema of a dataset's CSV, as Frictionless tools read it: from the same columns."""

from collections.abc import Mapping
from functools import cache
from typing import Annotated, Final, Literal

from pydantic import ConfigDict, Field

from qa_api.reporting.columns import Column, Kind
from qa_api.reporting.datasets import DATASETS
from qa_api.reporting.schemas import ALWAYS_THERE
from qa_api.values.fields import Key, Output

TableType = Literal["string", "date", "datetime", "boolean", "integer", "number"]

_TYPES: Final[Mapping[Kind, TableType]] = {
    Kind.DATE: "date",
    Kind.INSTANT: "datetime",
    Kind.BOOLEAN: "boolean",
    Kind.INTEGER: "integer",
    Kind.NUMBER: "number",
}
"""All other kinds are strings."""
_FORMATS: Final[Mapping[Kind, str]] = {
    Kind.UUID: "uuid",
    Kind.INSTANT: "%Y-%m-%dT%H:%M:%S.%fZ",
}


class TableConstraintsOut(Output):
    """What every value of a column of a table holds to."""

    required: bool
    """Whether every row has it; of a row that has left every other column is empty."""
    unique: bool
    """Whether no two rows of one file have the same."""


class TableFieldOut(Output):
    """One column of a table, in the words of Frictionless."""

    name: Key
    type: TableType
    format: Annotated[str, Field(max_length=40)]
    """How its text is written: `default`, or as the type's format says."""
    description: Annotated[str, Field(max_length=1_000)]
    constraints: TableConstraintsOut


class TableSchemaOut(Output):
    """A Frictionless table schema: which columns the CSV of a dataset has, and what is in them.

    It is of `text/csv` and both forms for Excel, and of changes as of everything. Its names are
    those of the Frictionless specification.
    """

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "fields": [
                        {
                            "name": "completed_on",
                            "type": "date",
                            "format": "default",
                            "description": "When it was completed.",
                            "constraints": {"required": False, "unique": False},
                        }
                    ],
                    "primaryKey": ["id"],
                    "missingValues": [""],
                }
            ]
        }
    )

    fields: Annotated[list[TableFieldOut], Field(max_length=100)]
    primary_key: Annotated[list[Key], Field(max_length=1, alias="primaryKey")]
    missing_values: Annotated[
        list[Annotated[str, Field(max_length=10)]], Field(max_length=1, alias="missingValues")
    ]


@cache
def table_schema(dataset: str) -> TableSchemaOut:
    """The table schema of a dataset, by its name."""
    return TableSchemaOut.model_validate(
        {
            "fields": [_field(column) for column in DATASETS[dataset].columns],
            "primaryKey": ["id"],
            "missingValues": [""],
        }
    )


def _field(column: Column) -> TableFieldOut:
    return TableFieldOut(
        name=column.name,
        type=_TYPES.get(column.kind, "string"),
        format=_FORMATS.get(column.kind, "default"),
        description=column.meaning,
        constraints=TableConstraintsOut(
            required=column.name in ALWAYS_THERE, unique=column.name == "id"
        ),
    )
