"""The contract of datasets: the dictionary, and one row and page for each, from its declaration."""

from collections.abc import Mapping
from enum import StrEnum
from functools import cache, reduce
from operator import or_
from typing import Annotated, Any, Final, Literal

from pydantic import BeforeValidator, ConfigDict, Field, WithJsonSchema, create_model

from qa_api.reporting.columns import Column, Dataset, Kind
from qa_api.reporting.datasets import DATASETS
from qa_api.reporting.forms import DatasetForm
from qa_api.values.fields import (
    Bounded,
    Choice,
    Input,
    Instant,
    IsoDate,
    Key,
    Number,
    Output,
    Sha256,
    Uuid,
    query_whole,
)

MOST_ROWS: Final = 5_000
LONGEST_TOKEN: Final = 4_000

_CODE = Annotated[str, Field(max_length=200)]
_LABEL = Annotated[str, Field(max_length=4_000)]
_LARGE = Annotated[int, Bounded(0, 2**53)]
_WHOLE = Annotated[int, Bounded(-(2**31), 2**31 - 1)]

_TYPES: Final[Mapping[Kind, Any]] = {
    Kind.UUID: Uuid,
    Kind.CODE: _CODE,
    Kind.LABEL: _LABEL,
    Kind.DATE: IsoDate,
    Kind.INSTANT: Instant,
    Kind.BOOLEAN: bool,
    Kind.INTEGER: _WHOLE,
    Kind.NUMBER: Number,
    Kind.PSEUDONYM: Annotated[str, Field(min_length=32, max_length=32)],
    Kind.REFERENCE: Annotated[str, Field(max_length=110)],
}
ALWAYS_THERE: Final = {"id", "is_deleted"}
"""The columns that every row has, also one that has left."""

Token = Annotated[str, Field(max_length=LONGEST_TOKEN)]


class DownloadTrailer(StrEnum):
    """What may stand at the end of a download."""

    LINE = "line"


class DownloadState(StrEnum):
    """Whether all of a download was sent."""

    UNFINISHED = "unfinished"
    FINISHED = "finished"


DatasetName = Annotated[
    str,
    WithJsonSchema({"type": "string", "enum": list(DATASETS)}),
]


class DatasetQuery(Input):
    """What of a dataset is asked for."""

    from_: IsoDate | None = Field(None, alias="from")
    """Only from this London date on, by the dataset's business date."""
    to: IsoDate | None = None
    """Only before this London date, by the dataset's business date."""
    changed_since: Token | None = None
    """`changes_token` of an earlier pull: only what has changed since."""
    limit: Annotated[int, Bounded(1, MOST_ROWS), BeforeValidator(query_whole)] | None = None
    """How many rows a page holds at most."""
    cursor: Token | None = None
    """`next_cursor` of the page before, with the same filters."""
    format: Choice[DatasetForm] | None = None
    """The form of the answer, for a link, which can send no header: it goes before the header's.
    `excel` is CSV with semicolons and a byte order mark, `excel_comma` the same with commas."""
    trailer: Choice[DownloadTrailer] | None = None
    """`line`: a download ends with a line that says how many rows it has, and its token."""


class ColumnOut(Output):
    """One column of a dataset and what it means."""

    name: Key
    type: Kind
    meaning: Annotated[str, Field(max_length=1_000)]
    clause: Annotated[str, Field(max_length=40)] | None
    label_of: Key | None
    """The column whose code it puts into words."""
    personal: bool
    nullable: bool


class DatasetOut(Output):
    """One dataset: what its rows are, by which date they are asked for, and its columns."""

    name: Annotated[str, Field(max_length=40)]
    meaning: Annotated[str, Field(max_length=1_000)]
    clause: Annotated[str, Field(max_length=40)]
    business_date: Key | None
    about_subjects: bool
    listed_at: Annotated[str, Field(max_length=100)] | None
    columns: Annotated[list[ColumnOut], Field(max_length=100)]


class DatasetsOut(Output):
    """The data dictionary: every dataset, column by column."""

    datasets: Annotated[list[DatasetOut], Field(max_length=100)]


class DownloadOut(Output):
    """What a download of yours holds, for a day after it began: so you notice a file that was cut.

    `unfinished`: it is under way, or was cut off; then the counts are null. The digest is of the
    file without compression.
    """

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "id": "0199d1f0-7c1b-7000-8000-0000000000d1",
                    "dataset": "audits",
                    "format": "csv",
                    "state": "finished",
                    "begun_at": "2026-11-23T09:30:00.000000Z",
                    "finished_at": "2026-11-23T09:30:02.000000Z",
                    "rows": 2,
                    "bytes": 813,
                    "sha256": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
                }
            ]
        }
    )

    id: Uuid
    dataset: Annotated[str, Field(max_length=40)]
    format: Choice[DatasetForm]
    state: Choice[DownloadState]
    begun_at: Instant
    finished_at: Instant | None
    rows: _LARGE | None = Field(
        description="How many rows it has, tombstones too; no header and no last line."
    )
    bytes: _LARGE | None = Field(description="How many bytes the file has without compression.")
    sha256: Sha256 | None = Field(description="SHA-256 of the file without compression.")


def _described(dataset: Dataset) -> DatasetOut:
    return DatasetOut(
        name=dataset.name,
        meaning=dataset.meaning,
        clause=dataset.clause,
        business_date=dataset.dated,
        about_subjects=dataset.about_subjects,
        listed_at=dataset.listed_at,
        columns=[
            ColumnOut(
                name=column.name,
                type=column.kind,
                meaning=column.meaning,
                clause=column.clause,
                label_of=column.code,
                personal=column.personal,
                nullable=column.name not in ALWAYS_THERE,
            )
            for column in dataset.columns
        ],
    )


@cache
def dictionary() -> DatasetsOut:
    """What every dataset holds, column by column."""
    return DatasetsOut(datasets=[_described(one) for one in DATASETS.values()])


def _field(column: Column) -> Any:
    holds = _TYPES[column.kind]
    type_ = holds if column.name in ALWAYS_THERE else holds | None
    return (type_, Field(description=column.meaning))


def _row(dataset: Dataset) -> type[Output]:
    example = {column.name: column.example for column in dataset.columns}
    made = create_model(
        f"{_class_name(dataset)}DatasetRow",
        __base__=Output,
        __doc__=f"{dataset.meaning} Of a row that left, every column but its id is null.",
        **{column.name: _field(column) for column in dataset.columns},
    )
    made.model_config = {**made.model_config, "json_schema_extra": {"examples": [example]}}
    return made


def _page(dataset: Dataset) -> type[Output]:
    row: Any = _row(dataset)
    fields: dict[str, Any] = {
        "dataset": (Literal[dataset.name], ...),
        "items": (Annotated[list[row], Field(max_length=MOST_ROWS)], ...),
        "next_cursor": (Token | None, ...),
        "changes_token": (Token | None, ...),
    }
    return create_model(
        f"{_class_name(dataset)}DatasetPage",
        __base__=Output,
        __doc__="Rows of the dataset. The last page has no cursor, but the token for its changes.",
        **fields,
    )


def _class_name(dataset: Dataset) -> str:
    return "".join(word.title() for word in dataset.name.split("-"))


def any_dataset_page() -> Any:
    """A page of whichever dataset was asked for. Only the contract needs the schema of each."""
    pages: Any = reduce(or_, (_page(dataset) for dataset in DATASETS.values()))
    return Annotated[pages, Field(discriminator="dataset")]
