"""What PostgreSQL copies out becomes the very lines that are written row by row."""

from datetime import date
from uuid import UUID

import orjson
import pytest
from sqlalchemy import inspect

from qa_api.db import Prepared
from qa_api.reporting import copying
from qa_api.reporting.columns import Dataset, Kind
from qa_api.reporting.copying import Copying, Lines, Named, with_its_values
from qa_api.reporting.datasets import DATASETS
from qa_api.reporting.forms import DatasetForm
from qa_api.reporting.pseudonyms import Pseudonyms
from qa_api.values.table_cells import cell

TABLES = [form for form in DatasetForm if form.is_table]
PSEUDONYMS = Pseudonyms(b"a secret of this test")
ACTIONS = DATASETS["restorative-actions"]
ID, CHILD = "019ab0c5-7b1e-7c3a-9d52-0c4f7a51e6b8", "019ab0c1-22f0-7d6b-8a41-5e0f3b9c7d10"
TEXTS = (
    "plain",
    "",
    "a, b; c",
    'said "so"',
    '"',
    "two\nlines",
    "two\r\nlines\n",
    "back\\slash\\n \\.",
    "=1+1",
    "@a, b",
    "\ttab",
    '-"\n',
    "not=so",
    "é, ü\u2028",
)


def record(dataset: Dataset, text: str | None, subject: str | None) -> dict[str, object]:
    """A row whose every text is this one."""
    said: dict[str, object] = {}
    for column in dataset.columns:
        is_text = column.kind in {Kind.CODE, Kind.LABEL, Kind.REFERENCE}
        said[column.name] = text if is_text else None
    return said | {"id": ID, "subject": subject, "is_deleted": False}


def quoted(value: object, separator: str) -> str:
    """A cell as COPY writes it: quoted where it must be, and where it is text of no length."""
    text = "" if value is None else str(value).lower() if isinstance(value, bool) else str(value)
    must = text == "" if value is not None else False
    if must or any(character in text for character in f'{separator}"\r\n'):
        return '"' + text.replace('"', '""') + '"'
    return text


def test_a_statement_is_copied_with_its_dates_and_booleans_and_no_other_value() -> None:
    many = tuple(f"v{n}" for n in range(1, 12))
    prepared = Prepared("SELECT $1::DATE, $11::BOOLEAN", many)
    values: dict[str, object] = dict.fromkeys(many, False) | {"v1": date(2026, 3, 1)}
    expected = "SELECT '2026-03-01'::DATE, 'False'::BOOLEAN"
    assert with_its_values(prepared, values) == expected
    with pytest.raises(TypeError, match=r"\$1 is neither"):
        with_its_values(prepared, values | {"v1": "'; DROP"})


@pytest.mark.parametrize("dataset", sorted(DATASETS))
def test_a_row_about_a_subject_says_who_after_its_id(dataset: str) -> None:
    of_subjects = DATASETS[dataset].about_subjects
    kinds = [column.kind for column in DATASETS[dataset].columns]
    assert kinds[0] is Kind.UUID
    assert [n for n, kind in enumerate(kinds) if kind is Kind.PSEUDONYM] == [1] * of_subjects


@pytest.mark.parametrize("dataset", sorted(DATASETS))
def test_a_name_joined_to_a_row_makes_no_second_row_of_it(dataset: str) -> None:
    for name in DATASETS[dataset].named:
        (key,) = inspect(name.entity).primary_key
        assert key.name == name.key


@pytest.mark.parametrize("form", TABLES)
def test_a_table_is_what_is_written_cell_by_cell_wherever_it_is_cut(form: DatasetForm) -> None:
    rows = [record(ACTIONS, text, subject) for text in (*TEXTS, None) for subject in (CHILD, None)]
    copied = "".join(
        form.separator.join(quoted(value, form.separator) for value in row.values()) + "\n"
        for row in rows
    ).encode()
    pseudonym = PSEUDONYMS.of(UUID(CHILD))
    shown = [row | {"subject": row["subject"] and pseudonym} for row in rows]
    expected = form.table([cell(value) for value in row.values()] for row in shown).encode()
    copying = Copying(ACTIONS, form, PSEUDONYMS.written)
    for size in (1, 7, 100, 1_000, len(copied)):
        lines, pieces = Lines(ACTIONS, form), range(0, len(copied), size)
        cut = [line for at in pieces for line in lines.of(copied[at : at + size])]
        assert len(cut) == len(rows)
        assert copying.written(cut) == (expected, [CHILD.encode()] * (len(rows) // 2))


@pytest.mark.parametrize("form", TABLES)
def test_bytes_that_are_no_text_hide_no_formula(form: DatasetForm) -> None:
    rows = [record(ACTIONS, text, CHILD) for text in ("odd", "-1")]
    copied = "".join(
        form.separator.join(quoted(value, form.separator) for value in row.values()) + "\n"
        for row in rows
    )
    odd, formula = Lines(ACTIONS, form).of(copied.encode().replace(b"odd", b"\xff"))
    assert b"\xff" in odd
    assert b"'-1" in formula


def test_json_is_what_was_said_wherever_it_is_cut() -> None:
    form = DatasetForm.NDJSON
    rows = [record(ACTIONS, text, subject) for text in (*TEXTS, None) for subject in (CHILD, None)]
    # COPY writes each backslash twice.
    copied = b"".join(orjson.dumps(row).replace(b"\\", b"\\\\") + b"\n" for row in rows)
    copying = Copying(ACTIONS, form, PSEUDONYMS.written)
    pseudonym = PSEUDONYMS.of(UUID(CHILD))
    for size in (1, 7, 1_000, len(copied)):
        lines, pieces = Lines(ACTIONS, form), range(0, len(copied), size)
        cut = [line for at in pieces for line in lines.of(copied[at : at + size])]
        text, subjects = copying.written(cut)
        assert subjects == [CHILD.encode()] * (len(rows) // 2)
        said = [orjson.loads(line) for line in text.splitlines()]
        assert said == [row | {"subject": row["subject"] and pseudonym} for row in rows]


def test_who_has_been_named_is_named_again_only_once_too_many_have(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(copying, "_MOST_NAMED", 2)
    named = Named()
    assert named.anew({b"a", b"b"}) == {b"a", b"b"}
    assert named.anew({b"b", b"c"}) == {b"c"}
    assert named.anew({b"a", b"c"}) == {b"a"}
