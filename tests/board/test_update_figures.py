"""What senior leaders read of a service's own figures (R4.7.1, R4.7.3)."""

from collections.abc import Callable

import pytest

from tests.api import Api, Json
from tests.board.test_updates import submitted

QUARTER = "2079-80 Q1"
NOT_LISTED = frozenset({"urgent_findings", "audits_due", "audits_done", "audits_cancelled"})


def figures_of(document: Json) -> list[Json]:
    """Those of an update and of every submission of it."""
    return [document["figures"], *(one["figures"] for one in document["submissions"])]


@pytest.mark.long
@pytest.mark.usefixtures("casework")
def test_a_senior_leader_reads_figures_of_a_service_over_lists_that_they_read_whole(
    board: Api, at: Callable[[str], None]
) -> None:
    """Three services' escalations beside the authority's in the report would be the fourth's."""
    at("2079-07-04T09:00:00Z")
    path = submitted(board, "fast", QUARTER)
    for person in ("hos-fast", "qs-1"):
        for figures in figures_of(board.as_(person).get(path).json()):
            assert {one["key"] for one in figures["figures"]} > NOT_LISTED
            assert figures["themes"] is not None
    leader = board.as_("slt-1")
    assert leader.get("/v1/escalations").status_code == 403
    read = figures_of(leader.get(path).json())
    assert len(read) == 2
    for figures in read:
        told = {one["key"] for one in figures["figures"]}
        assert told.isdisjoint(NOT_LISTED)
        assert told >= {"family_contact", "responses_late", "actions_open", "closures_with_audit"}
        rows = [one["rows"] for one in figures["doubts"]]
        assert not any(one.startswith(("/v1/escalations", "/v1/audits?due")) for one in rows)
        assert figures["themes"] is None
