"""All that can wait stands in one list, and the work list, hand-overs and the check go by it."""

import pytest
from sqlalchemy import null

from qa_api.checking.open_work import OPEN
from qa_api.me.work_items import QUALITY_STANDARDS, wait
from qa_api.me.work_list import waiting_work
from qa_api.models.audits import Audit
from qa_api.rules.hand_over import HandedKind
from qa_api.rules.waiting import ABOUT_OTHER_WORK, ONLY_TOLD, SHARED, WAITS


def test_a_thing_that_the_list_of_all_that_waits_lacks_is_an_error() -> None:
    with pytest.raises(LookupError):
        wait("polish", "audits", Audit, due_on=null())
    wait("assign", "audits", Audit, due_on=null(), waits_for=QUALITY_STANDARDS)
    with pytest.raises(LookupError):
        wait("assign", "audits", Audit, due_on=null(), person=Audit.auditor)
    assert waiting_work(), "each thing of the work list is in it"


def test_a_hand_over_tells_of_each_thing_that_somebody_is_named_for() -> None:
    told = {kind for kind in WAITS.values() if kind is not SHARED}
    # A practice case waits for nobody: each auditor may judge it, or not.
    assert set(HandedKind) - told == {HandedKind.PRACTICE_AUDIT}


def test_the_check_asks_about_each_list_in_which_something_waits() -> None:
    lists = {list_ for _, list_ in WAITS}
    assert OPEN.keys() == lists - ABOUT_OTHER_WORK
    assert lists > ABOUT_OTHER_WORK
    assert ONLY_TOLD not in WAITS
