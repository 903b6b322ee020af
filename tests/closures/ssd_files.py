"""The tables of the Standard Safeguarding Dataset as a case system writes them, as CSV files."""

import csv
import io
from collections.abc import Iterable, Mapping
from datetime import date
from pathlib import Path

Row = Mapping[str, str | date | None]
Tables = dict[str, list[Row]]

COLUMNS: dict[str, tuple[str, ...]] = {
    "ssd_person": (
        "pers_legacy_id",
        "pers_person_id",
        "pers_sex",
        "pers_gender",
        "pers_ethnicity",
        "pers_dob",
        "pers_common_child_id",
        "pers_upn_unknown",
        "pers_send_flag",
        "pers_expected_dob",
        "pers_death_date",
        "pers_is_mother",
        "pers_nationality",
    ),
    "ssd_cin_episodes": (
        "cine_referral_id",
        "cine_person_id",
        "cine_referral_date",
        "cine_cin_primary_need_code",
        "cine_referral_source_code",
        "cine_referral_source_desc",
        "cine_referral_outcome_json",
        "cine_referral_nfa",
        "cine_close_reason",
        "cine_close_date",
        "cine_referral_team",
        "cine_referral_worker_id",
    ),
    "ssd_involvements": (
        "invo_involvements_id",
        "invo_professional_id",
        "invo_professional_role_id",
        "invo_professional_team",
        "invo_person_id",
        "invo_involvement_start_date",
        "invo_involvement_end_date",
        "invo_worker_change_reason",
        "invo_referral_id",
    ),
    "ssd_professionals": (
        "prof_professional_id",
        "prof_staff_id",
        "prof_professional_name",
        "prof_social_worker_registration_no",
        "prof_agency_worker_flag",
    ),
    "ssd_department": (
        "dept_team_id",
        "dept_team_name",
        "dept_team_parent_id",
        "dept_team_parent_name",
    ),
    "ssd_linked_identifiers": (
        "link_table_id",
        "link_person_id",
        "link_identifier_type",
        "link_identifier_value",
    ),
}
"""The published columns of each, those too that are not read."""
ROLE = "Allocated Case Worker"


def written(table: str, rows: Iterable[Row]) -> bytes:
    """A table as its file: dates with a time, nothing as Null."""
    content = io.StringIO(newline="")
    writer = csv.writer(content)
    writer.writerow(COLUMNS[table])
    for row in rows:
        unknown = row.keys() - set(COLUMNS[table])
        assert not unknown, unknown
        writer.writerow([_cell(row.get(column)) for column in COLUMNS[table]])
    return content.getvalue().encode()


def _cell(value: str | date | None) -> str:
    if value is None:
        return "Null"
    return f"{value} 00:00:00" if isinstance(value, date) else value


def write_tables(directory: Path, tables: Mapping[str, Iterable[Row]]) -> Path:
    """Every table as a file of the directory."""
    directory.mkdir(exist_ok=True)
    for table in COLUMNS:
        (directory / f"{table}.csv").write_bytes(written(table, tables.get(table, ())))
    return directory


def person(ref: str, **more: str | date | None) -> Row:
    return {"pers_person_id": ref, **more}


def episode(id_: str, ref: str, **more: str | date | None) -> Row:
    return {
        "cine_referral_id": id_,
        "cine_person_id": ref,
        "cine_referral_date": date(2026, 1, 5),
        "cine_referral_outcome_json": '{"NFA": "",\n "COMMENTS": "A line, and another"}',
        **more,
    }


def involvement(
    id_: str,
    ref: str,
    professional: str | None,
    team: str | None,
    since: date,
    until: date | None = None,
    role: str = ROLE,
) -> Row:
    return {
        "invo_involvements_id": id_,
        "invo_person_id": ref,
        "invo_professional_id": professional,
        "invo_professional_role_id": role,
        "invo_professional_team": team,
        "invo_involvement_start_date": since,
        "invo_involvement_end_date": until,
    }


def professional(id_: str, staff_id: str | None) -> Row:
    return {"prof_professional_id": id_, "prof_staff_id": staff_id}


def department(id_: str) -> Row:
    return {"dept_team_id": id_, "dept_team_name": f"Team {id_}"}
