"""What stands of redactions, messages, word that was left and days of reads."""

from collections.abc import Mapping
from typing import Final

import pytest

from tests.conftest import Database
from tests.frozen.statements import ONE, OTHER, SIXTH, Row, Statement, entry_of, new, refused, tried

_LIFT: Final = f"lifted_at = now(), lifted_by = {ONE}, lift_reason = 'Said in court.'"
LAWFUL: Final[Mapping[str, tuple[Statement, ...]]] = {
    "a day of reads after the others": (
        new("days_of_reads", {"day": "'2026-11-24'", "listed": "true"}),
        "UPDATE days_of_reads SET looked_through_at = now() WHERE day = '2026-11-24'",
    ),
    "a message to the case system that it is about": (
        new("events", {"id": OTHER, "subject_id": ONE}),
        new("deliveries", {"id": OTHER, "event_id": OTHER, "lane": "'ordinary'"}),
    ),
    "a test of a receiver": (
        new("events", {"id": OTHER, "type": "'webhook_endpoint.test'"}),
        new("deliveries", {"id": OTHER, "event_id": OTHER, "lane": "'test'"}),
    ),
    "word that somebody sees": (
        new(
            "alerts",
            {"id": OTHER, "occasion": "'further'", "subject_id": "", "restricted": ""},
        ),
        f"UPDATE alerts SET seen_at = now(), over_at = now() WHERE id = {OTHER}",
    ),
    "a redaction that is lifted": (
        f"UPDATE redactions SET {_LIFT}, path = path WHERE id = {OTHER}",
    ),
}
"""What is done lawfully, each with its witness."""


@pytest.mark.parametrize("what", LAWFUL)
def test_the_lawful_way_stays_open(world: Database, what: str) -> None:
    assert tried(world, *LAWFUL[what]) is None


def test_no_case_system_is_sent_what_is_about_anothers_subjects(world: Database) -> None:
    entry = entry_of("deliveries", "closed_receiver")
    sent = new("deliveries", {"id": OTHER, "event_id": OTHER, "lane": "'ordinary'"})
    of_another: Row = {
        "id": SIXTH,
        "system": "'another'",
        "ref": "'theirs'",
        "kind": "'child'",
        "restricted": "false",
    }
    for about in (
        (new("events", {"id": OTHER}),),
        (new("subjects", of_another), new("events", {"id": OTHER, "subject_id": SIXTH})),
    ):
        answer = tried(world, *about, sent)
        assert refused(answer, entry), answer
