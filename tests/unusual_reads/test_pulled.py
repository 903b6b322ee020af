"""A pull of a dataset is reading: it counts record by record, and Quality & Standards see it.

An authority of its own, where an hour with three records is unusual (X1, X3).
"""

import itertools
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import pytest

from qa_api import clock
from qa_api.auth.development import DevelopmentIssuer
from tests.api import Api, Json, serving
from tests.conftest import Database, settings_for
from tests.looking import rows
from tests.purposes.conftest import decided
from tests.reporting.copies import REPORTER, ndjson, pull
from tests.responses.casework import Service
from tests.unusual_reads.conftest import Watch

MONDAY, TUESDAY = "2026-11-30", "2026-12-01"


@dataclass
class Pulled:
    """What there was to pull, who pulled when, and what is left of it."""

    watch: Watch
    children: set[str]
    about_staff: str

    def lines(self, day: str, person: str) -> list[Any]:
        """What the access log holds of somebody's day."""
        return rows(
            self.watch.database,
            "SELECT l.id::text, l.operation, l.subject_ids, l.detail ->> 'dataset' AS dataset"
            " FROM access_log l JOIN principals p ON p.id = l.principal_id"
            " WHERE p.subject = $2 AND l.at::date = $1::text::date ORDER BY l.at",
            day,
            person,
        )

    def shown(self, day: str, person: str) -> set[str]:
        """The records that these lines name."""
        return {str(one) for line in self.lines(day, person) for one in line["subject_ids"]}

    def found(self, day: str, role: str) -> dict[str, Json]:
        """What is unusual of somebody of a role, by its rule."""
        listed = [entry for entry in self.watch.found(f"day={day}") if role in entry["roles"]]
        assert len({entry["rule"] for entry in listed}) == len(listed)
        return {entry["rule"]: entry for entry in listed}


@pytest.fixture(scope="module")
def pulled(
    clone_of_authority: Callable[[], Database], issuer: DevelopmentIssuer
) -> Iterator[Pulled]:
    """Four children and one of whom staff are to know nothing, pulled on a Monday and a Tuesday."""
    database, refs = clone_of_authority(), (f"P-{number}" for number in itertools.count(1))
    settings = settings_for(database, issuer)

    def at(instant: str) -> None:
        clock.freeze(datetime.fromisoformat(instant))

    at("2026-11-27T10:00:00Z")
    try:
        with (
            Service.over(settings) as service,
            serving(settings) as server,
            Api(server, issuer) as api,
        ):
            watch = Watch(api, service, database, at, lambda: next(refs))
            decided(watch.api, MONDAY, {"looking_hour_records": 3})
            children = {str(watch.child().subject_id) for _ in range(4)}
            about_staff = str(watch.child(restricted=True).subject_id)
            watch.sweep()
            at(f"{MONDAY}T10:00:00Z")
            pull(watch.api.as_(REPORTER), "audits", limit=2)
            at(f"{MONDAY}T10:40:00Z")
            ndjson(watch.api.as_(REPORTER), "audits")
            at(f"{TUESDAY}T22:00:00Z")
            ndjson(watch.api.as_(REPORTER), "audits")
            ndjson(watch.api.as_("qs-1"), "audits")
            at("2026-12-02T10:00:00Z")
            watch.sweep()
            yield Pulled(watch, children, about_staff)
    finally:
        clock.reset()


def test_a_pull_page_by_page_or_whole_counts_each_record_once_in_its_hour(pulled: Pulled) -> None:
    lines, shown = pulled.lines(MONDAY, REPORTER), pulled.shown(MONDAY, REPORTER)
    told = {(line["operation"], line["dataset"]) for line in lines}
    assert told == {("reporting:read", "audits")}
    assert len(lines) > 2
    assert pulled.children <= shown
    entry = pulled.found(MONDAY, "reporting")["more_than_ever"]
    # Of the pages alone: what was pulled whole forty minutes later was no further record.
    assert (entry["records"], entry["reads"]) == (len(shown), len(lines) - 1)
    assert f"shown {len(shown)} records in the hour from 10:00" in entry["why"]
    assert "never read anything before" in entry["why"]


def test_a_pull_like_the_one_before_is_not_told_again(pulled: Pulled) -> None:
    """What pulls datasets reads the same rows at each pull, at night as by day."""
    assert pulled.shown(TUESDAY, REPORTER) == pulled.shown(MONDAY, REPORTER)
    assert pulled.found(TUESDAY, "reporting").keys() <= {"restricted_staff"}


@pytest.mark.long
def test_quality_and_standards_see_which_account_pulled_which_records_by_which_lines(
    pulled: Pulled,
) -> None:
    watch, entry = pulled.watch, pulled.found(MONDAY, "reporting")["more_than_ever"]
    path = f"/v1/unusual-reads/{entry['id']}"
    whole = watch.read("qs-2", path)
    *pages, _ = pulled.lines(MONDAY, REPORTER)
    assert set(whole["line_ids"]) == {line["id"] for line in pages}
    (account,) = whole["principal_ids"]
    (held,) = rows(watch.database, "SELECT subject FROM principals WHERE id = $1", UUID(account))
    assert (held["subject"], entry["worker"]) == (REPORTER, None)
    named = {subject["id"] for subject in whole["subjects"]}
    assert pulled.children <= named <= pulled.shown(MONDAY, REPORTER)
    assert pulled.about_staff not in named
    assert whole["allowed_actions"] == ["look_into"]
    assert path in {item["path"] for item in watch.api.as_("qs-1").work("kind=look_into")}


def test_a_person_who_pulls_is_looked_at_and_does_not_look_into_it_themselves(
    pulled: Pulled,
) -> None:
    """A page of a dataset is no look at one record; at night it is a read all the same."""
    found, shown = pulled.found(TUESDAY, "quality_standards"), pulled.shown(TUESDAY, "qs-1")
    assert pulled.children <= shown
    assert not {"outside_teams", "same_record"} & found.keys()
    for rule in ("out_of_hours", "more_than_ever"):
        assert (found[rule]["worker"], found[rule]["records"]) == ("qs-1", len(shown))
        path = f"/v1/unusual-reads/{found[rule]['id']}"
        assert pulled.watch.read("qs-1", path)["allowed_actions"] == []


def test_a_record_about_staff_is_told_of_if_a_pull_showed_it(pulled: Pulled) -> None:
    for day in (MONDAY, TUESDAY):
        was_shown = pulled.about_staff in pulled.shown(day, REPORTER)
        assert ("restricted_staff" in pulled.found(day, "reporting")) is was_shown
