"""On the page of a record workers have their names; nowhere else (R4.1.7)."""

import json
import re
from functools import cache

import pytest

from qa_api.auth.roles import Role
from qa_api.data import DEFAULT_AUTHORITY, shipped_authorities
from qa_api.demo.people import demo_principals
from qa_api.records.page_staff import is_of_a_person
from qa_api.records.schemas import RecordedLook
from tests.audits.auditing import SUPERVISOR, Auditing
from tests.records.test_page import page
from tests.records.test_record import path_of, the_record, with_all_that_can_follow


@cache
def names() -> dict[str, str]:
    """What the demo authority calls its workers."""
    directory = shipped_authorities()[DEFAULT_AUTHORITY] / "directory.json"
    workers = json.loads(directory.read_bytes())["workers"]
    return {code: worker["display_name"] for code, worker in workers.items()}


def test_every_worker_on_the_page_is_called_by_their_name(case: Auditing) -> None:
    with_all_that_can_follow(case)
    case.api.as_("tm-lincoln-fast").get(path_of(case))
    shown = page(case).text
    record = the_record(case)
    (audit,) = record["audits"]
    codes = {record["subject"]["worker"], audit["auditor"], audit["audited_worker"]}
    codes |= {SUPERVISOR, "tm-lincoln-fast"}
    assert None not in codes
    for code in codes:
        assert f"{names()[code]} ({code})" in shown
    assert shown.count(f"{names()[SUPERVISOR]} ({SUPERVISOR})") == shown.count(SUPERVISOR)


def test_json_and_the_page_of_a_child_have_no_name_of_staff(case: Auditing) -> None:
    with_all_that_can_follow(case)
    as_json = json.dumps(the_record(case))
    of_child = page(case, audience="subject").text
    assert [name for name in names().values() if name in as_json or name in of_child] == []


@pytest.mark.parametrize("role", Role)
def test_whoever_may_read_the_page_reads_the_names_and_nobody_else(
    case: Auditing, role: Role
) -> None:
    """As the table of who may see what has it."""
    with_all_that_can_follow(case)
    person = demo_principals()[role]
    answer = case.api.as_(person).get(path_of(case), headers={"accept": "text/html"})
    found = [name for name in names().values() if name in answer.text]
    reads = {Role.QUALITY_STANDARDS, Role.TEAM_MANAGER, Role.HEAD_OF_SERVICE}
    assert (answer.status_code == 200, bool(found)) == (role in reads, role in reads)


def test_a_machine_that_looked_is_given_no_name_of_staff() -> None:
    line = {"at": "2026-11-23T09:30:00Z", "who": "mosaic", "operation": "o", "purpose": None}
    machine = RecordedLook.model_validate({**line, "roles": ["case_system"]})
    person = RecordedLook.model_validate({**line, "roles": ["auditor"]})
    assert [is_of_a_person(look) for look in (machine, person)] == [False, True]


def test_every_code_of_staff_that_the_page_prints_is_one_that_is_named(case: Auditing) -> None:
    """A worker whose code is printed and not asked for would go without their name."""
    with_all_that_can_follow(case)
    shown = page(case).text
    printed = {code for code in names() if re.search(rf"(?<![\w-]){code}(?![\w-])", shown)}
    assert len(printed) > 2
    for code in printed:
        assert shown.count(f"({code})") == len(re.findall(rf"(?<![\w-]){code}(?![\w-])", shown))
