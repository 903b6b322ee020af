"""Stories that case systems tell, in any order, and everything that is then on record of them."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import orjson
from hypothesis import strategies as st

from tests.api import Api, Json, give_right
from tests.closures.sending import (
    ALLOCATED,
    CANCELLED,
    CLOSED,
    CLOUDEVENTS,
    PROPOSED,
    REOPENED,
    RESTRICTED,
)
from tests.conftest import Database
from tests.kept import KEPT

MERGED = "person.merged.v1"
OTHER = "case.renamed.v9"
EPISODE_TYPES = (PROPOSED, CANCELLED, CLOSED, REOPENED)
CHILDREN = ("a", "b", "c")
NOT_SAID = "not said"
ROLES = (
    ("child", NOT_SAID),
    ("carer_household", NOT_SAID),
    ("child", "carer_household", NOT_SAID),
)
"""Who the people of a story are said to be: children, of whom most stories tell, or households,
or now the one and now the other."""
NOW = "2026-11-23T09:30:00Z"
PAST = tuple(f"2026-11-23T{hour:02}:00:00Z" for hour in (6, 7, 8))
BEFORE = "2026-11-20T12:00:00Z"
"""A day of another policy, and of other people behind a reference."""
AHEAD = ("2026-11-23T10:30:00Z", "2099-01-01T00:00:00Z")
HOLDERS = (
    ("lincoln-fast", "sw1-lincoln-fast"),
    ("boston-fast", "sw1-boston-fast"),
    ("a-team-to-come", "sw1-lincoln-fast"),
    ("LINCOLN FAST", "Smith.J"),
    ("Lincoln-Fast", "smith.j"),
    ("boston-fast", "smithj@x"),
    ("lincoln-fast", "Duty Desk"),
)
"""Codes, in capitals too, and what the case system calls people: known, by the day, not yet."""
CALLED: dict[str, list[Json]] = {
    "teams/lincoln-fast": [{"reference": "Lincoln Fast"}],
    "workers/sw1-lincoln-fast": [
        {"reference": "Smith.J", "to": "2026-11-22"},
        {"reference": "SmithJ@x"},
    ],
    "workers/sw2-lincoln-fast": [{"reference": "smith.j", "from": "2026-11-22"}],
}
EXEMPT, REASONS = "RC5", ("RC1", "RC2", "RC5", "rc5")


@dataclass(frozen=True)
class Story:
    """Events about children and episodes that have no names yet."""

    events: tuple[Json, ...]

    def told(self, run: str) -> list[Json]:
        """The events with names of their own, that stand in the same order in every run."""
        written = orjson.dumps(self.events).decode()
        return list(orjson.loads(written.replace("RUN", run)))


def event(number: int, type_: str, **data: Any) -> Json:
    return {
        "specversion": "1.0",
        "id": f"RUN-{number:02}",
        "source": "urn:mosaic",
        "type": type_,
        "data": data,
    }


def child(letter: str, **facts: Any) -> Json:
    said = {"ref": f"RUN-{letter}", "role": "child"} | facts
    return {name: value for name, value in said.items() if value != NOT_SAID}


def prepare(api: Api) -> None:
    """What the stories need of their authority: references that are known, an exempt reason."""
    admin = api.as_("admin-1")
    for path, called in CALLED.items():
        body: Json = {"references": [{"system": "mosaic"} | each for each in called]}
        if path.startswith("teams"):
            body["name"] = admin.get(f"/v1/{path}").json()["name"]
        answer = admin.change("PUT", f"/v1/{path}", body)
        assert answer.status_code == 200, answer.text
    changes = [{"key": "closure_exempt_reasons", "value": [EXEMPT]}]
    give_right(api, policy={"effective_from": NOW[:10], "changes": changes})


times = st.sampled_from((*PAST, BEFORE, *AHEAD))
versions = st.integers(1, 4)
maybe_version = st.none() | versions
days = st.sampled_from(("2015-03-09", "2015-09-03"))


@st.composite
def named(draw: st.DrawFn, roles: Sequence[str]) -> list[Json]:
    """One or two, with what is said of them; who they are too, or not."""
    letters = draw(st.lists(st.sampled_from(CHILDREN), min_size=1, max_size=2, unique=True))
    return [
        child(
            letter,
            **draw(
                st.fixed_dictionaries({}, optional={"born_on": days, "died_on": st.none() | days})
            ),
            role=draw(st.sampled_from(roles)),
        )
        for letter in letters
    ]


@st.composite
def events(draw: st.DrawFn, number: int, flavour: str, roles: Sequence[str]) -> Json:
    """Any event of the whole vocabulary, but what no story tells together."""
    adoption = flavour == "adoption"
    kinds = (*EPISODE_TYPES, ALLOCATED, ALLOCATED, RESTRICTED, RESTRICTED, OTHER)
    type_ = draw(st.sampled_from((*kinds, MERGED, MERGED) if flavour == "merges" else kinds))
    if type_ == OTHER:
        return event(number, type_, anything=[1, None])
    said: Json = {"occurred_at": draw(times)}
    if type_ == MERGED:
        source, into = draw(st.permutations(CHILDREN))[:2]
        said["merge"] = {"from": f"RUN-{source}", "into": f"RUN-{into}"}
    else:
        said["subjects"] = draw(named(roles))
    if type_ in EPISODE_TYPES:
        said["episode_id"] = f"RUN-{draw(st.sampled_from(('E1', 'E2')))}"
        said["source_version"] = draw(versions)
        team, worker = draw(st.sampled_from(HOLDERS))
        said |= draw(
            st.fixed_dictionaries(
                {},
                optional={
                    "team": st.just(team) | st.none(),
                    "worker": st.just(worker),
                    "closure": st.fixed_dictionaries(
                        {},
                        optional={
                            "reason_code": st.sampled_from(REASONS),
                            "date": st.sampled_from(("2026-11-27", "2026-12-04")),
                        },
                    ),
                },
            )
        )
        return event(number, type_, **said)
    if (version := draw(maybe_version)) is not None:
        said["source_version"] = version
    if type_ != MERGED and draw(st.booleans()):
        said["episode_id"] = "RUN-E1"
    if type_ == ALLOCATED:
        team, worker = draw(st.sampled_from(HOLDERS))
        parts = {"team": st.just(team) | st.none(), "worker": st.just(worker) | st.none()}
        said["allocation"] = draw(st.fixed_dictionaries({}, optional=parts))
    if type_ == RESTRICTED:
        reasons = ["staff", "other", *(["pre_adoption"] if adoption else [])]
        said["restriction"] = {"kind": draw(st.sampled_from(reasons)), "on": draw(st.booleans())}
    return event(number, type_, **said)


@st.composite
def stories(draw: st.DrawFn) -> tuple[Story, list[list[int]]]:
    """A story, and a way in which its events arrive: out of order, repeated, alone or together.

    A merge and an adoption make the exception: no story tells of both.
    """
    flavour = draw(st.sampled_from(("merges", "merges", "adoption")))
    roles = draw(st.sampled_from(ROLES))
    count = draw(st.integers(2, 7))
    told = Story(tuple(draw(events(number, flavour, roles)) for number in range(count)))
    repeated = draw(st.lists(st.integers(0, count - 1), max_size=2))
    arrival = draw(st.permutations([*range(count), *repeated]))
    batches: list[list[int]] = [[]]
    for number in arrival:
        alone: bool = draw(st.booleans())
        if batches[-1] and alone:
            batches.append([])
        batches[-1].append(number)
    return told, batches


def send(api: Api, members: Sequence[Json]) -> list[Json]:
    """One batch, every member of which is taken."""
    answer = api.as_("case-system-mosaic").post(
        "/v1/case-events/batch", list(members), headers={"content-type": CLOUDEVENTS}
    )
    assert answer.status_code == 202, answer.text
    items = list(answer.json()["items"])
    assert "refused" not in {item["outcome"] for item in items}, items
    return items


_STATE = """
WITH names AS (
    SELECT a.ref AS name, s.* FROM subject_aliases a JOIN subjects s ON s.id = a.subject_id
    WHERE a.ref LIKE $1 || '-%'
), people AS (SELECT DISTINCT ON (id) * FROM names)
SELECT 'name' AS what, jsonb_build_array(name, ref) AS is FROM names
UNION ALL SELECT 'person', jsonb_build_array(ref, team, worker, reported_team, reported_worker,
    allocated_at, restriction_kind, born_on, died_on, kind) FROM people
UNION ALL SELECT 'gate', jsonb_build_array(p.ref, g.episode_id, g.cycle, g.state, g.may_close,
    g.current, g.reason_code, g.closure_on, g.closed_at, g.closing_counts_at, g.team, g.worker,
    g.restricted, nullif(a.state, 'cancelled'))
    FROM people p JOIN closure_gates g ON g.subject_id = p.id
    LEFT JOIN audits a ON a.id = g.audit_id WHERE g.duplicate_of IS NULL
UNION ALL SELECT 'owed audit', jsonb_build_array(p.ref, a.type, a.due_on, a.team, a.worker,
    a.restricted) FROM people p JOIN audits a ON a.subject_id = p.id AND a.state = 'planned'
UNION ALL SELECT 'escalation', jsonb_build_array(p.ref, e.trigger, e.team, e.worker,
    e.restricted) FROM people p JOIN escalations e ON e.subject_id = p.id
    WHERE e.state <> 'resolved'
UNION ALL SELECT 'parked', jsonb_build_array(event_id, parked_reason) FROM case_events
    WHERE event_id LIKE $1 || '-%' AND parked
"""


def state(database: Database, run: str) -> Counter[str]:
    """All that is on record of a story, in words that are the same for every run of it."""

    rows = KEPT.ask(database.migrate_url, lambda kept: kept.fetch(_STATE, run))
    return Counter(f"{row['what']} {row['is']}".replace(run, "RUN") for row in rows)
