"""On the page of a record workers have their names; nowhere else (R4.1.7)."""

import json
from functools import cache

from qa_api.data import DEFAULT_AUTHORITY, shipped_authorities
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


def test_the_page_is_another_once_a_name_is_another(case: Auditing) -> None:
    tag = page(case).headers["etag"]
    asked = {"accept": "text/html", "if-none-match": tag}
    answer = case.api.as_("qs-1").get(path_of(case), headers=asked)
    assert answer.status_code == 200, "the line of the first look is on it"


def test_a_case_system_that_looked_has_no_name_of_staff(case: Auditing) -> None:
    shown = page(case).text
    assert "(mosaic)" not in shown
