"""Nothing that is open is ever in nobody's list, whoever leaves, moves, is away or is replaced.

One of each thing that waits (`open_work.py`), and moves of the people around it. A plain model says
from the directory alone who must act; the lists of everybody must say the same wherever people are
moved to, and whoever has a thing in their list is told that they may do it. All the moves of an
example are made at once, and all things examined together: what is asked is asked of the directory
as it is, so the way to it does not count.
"""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import hypothesis.strategies as st
import pytest
from hypothesis import HealthCheck, Phase, example, given, settings
from pydantic import SecretStr

from qa_api.auth.development import DevelopmentIssuer
from qa_api.checking.lists import nothing_open_is_in_nobodys_list, open_rows
from qa_api.checking.open_work import OPEN
from qa_api.escalations.handing_on import tell_who_is_asked_now
from qa_api.responses.handing_on import tell_who_reviews_now
from qa_api.settings import Settings
from tests.api import Api, serving
from tests.closures.sending import PROPOSED, Episode
from tests.conftest import execute
from tests.me.open_work import (
    AUDITOR,
    DEPUTY,
    HEAD,
    LEARNING,
    MANAGER,
    MODERATOR,
    OTHER_MANAGER,
    OTHER_WORKER,
    SERVICE,
    SUPERVISOR,
    TEAM,
    WORKER,
    Item,
    Items,
    begun_update,
    open_items,
)
from tests.me.plainly import Plainly
from tests.responses.casework import Service

FIRST, SECOND = "qs-1", "qs-2"
Q_AND_S = {FIRST, SECOND}
ADMINISTRATOR = "admin-1"
MOVING = [
    *(MANAGER, DEPUTY, HEAD, SUPERVISOR, WORKER, OTHER_WORKER, AUDITOR, MODERATOR, LEARNING),
    SECOND,
]
PEOPLE = [*MOVING, FIRST, OTHER_MANAGER, ADMINISTRATOR, "ps-boston-fast", "slt-1", "pa-1"]
TODAY = date(2026, 11, 23)
OTHERWISE = {"complete": "assign", "moderate": "assign_moderator"}
"""As what a thing waits where whom it was given to cannot do it."""


@dataclass
class Town:
    """An authority of its own, in which people come and go by SQL, as after an import."""

    api: Api
    service: Service
    url: str
    plainly: Plainly
    items: Items = field(default_factory=dict)

    def open(self) -> None:
        """One of each thing that waits; what people begin, they begin."""
        self.items = self.service.work(open_items) | self.service.work(begun_update)
        episode = Episode(self.api, ["C-gate"])
        episode.tell(PROPOSED)
        gate, audit = episode.gate(), f"/v1/audits/{episode.answer()['audit_id']}"
        episode.act(f"{gate}/override", MANAGER, reason="The family moved abroad.")
        wrong = self.items["confirm_error"].path
        episode.act(f"{wrong}/record-in-error", FIRST, reason="Of another child.")
        self.items |= {
            "approve_override": Item("approve_override", gate, ("approve_override",)),
            "assign": Item("assign", audit, ("assign",)),
        }

    def run(self, *statements: str) -> None:
        """Change the directory."""
        execute(self.url, *statements)

    def waiting(self, person: str) -> set[tuple[str, str]]:
        """What is in somebody's list, by path and by id; nothing for who is not let in."""
        answer = self.api.as_(person).get("/v1/me/work?limit=500")
        if answer.status_code in {401, 403}:
            return set()
        assert answer.status_code == 200, answer.text
        assert answer.json()["next_cursor"] is None, "one page is not all of it"
        items = [item for item in answer.json()["items"] if item["kind"] != "told"]
        return {(item["kind"], item[name]) for item in items for name in ("path", "about")}

    def may(self, person: str, path: str, steps: tuple[str, ...]) -> bool:
        """Whether the record tells somebody that they may take one of these steps."""
        answer = self.api.as_(person).get(path)
        return answer.status_code == 200 and not set(steps).isdisjoint(
            answer.json()["allowed_actions"]
        )


@pytest.fixture(scope="module")
def town(
    clone_of_authority: Callable[[], Any], authority: Settings, issuer: DevelopmentIssuer
) -> Iterator[Town]:
    """An authority of its own, since its people move."""
    database = clone_of_authority()
    urls = {
        "database_url": SecretStr(database.database_url),
        "read_url": SecretStr(database.read_url),
    }
    own = authority.model_copy(update=urls)
    with (
        Service.over(own) as service,
        serving(own) as server,
        Api(server, issuer) as api,
        Plainly.over(database.read_url, issuer.settings.issuer) as plainly,
    ):
        yield Town(api, service, database.migrate_url, plainly)


@dataclass
class Directory:
    """What the model knows of the people: who is in which post, gone, away, or without a role.

    Every move is one that the town makes as SQL; `statements` are those made so far.
    """

    posts: dict[str, str | None] = field(
        default_factory=lambda: {"manager": MANAGER, "deputy": DEPUTY, "head": HEAD}
    )
    gone: set[str] = field(default_factory=set)
    away: set[str] = field(default_factory=set)
    statements: list[str] = field(default_factory=list)

    # --- moves, each as the directory has it from today on ---

    def vacate(self, post: str) -> None:
        """Somebody leaves a post."""
        if self.posts[post] is not None:
            self.statements.append(end_of(post))
            self.posts[post] = None

    def appoint(self, person: str) -> None:
        """A manager is appointed."""
        others = {self.posts["deputy"], self.posts["head"]}
        if self.posts["manager"] == person or person in others | self.gone:
            return
        post = (
            "INSERT INTO posts (id, kind, team, worker, valid) VALUES (gen_random_uuid(),"
            f" 'manager', '{TEAM}', '{person}', '[{TODAY},)')"
        )
        role = (
            "INSERT INTO role_assignments (id, principal_id, role, scope, team, valid, version)"
            f" SELECT gen_random_uuid(), id, 'team_manager', 'team', '{TEAM}', '[{TODAY},)', 1"
            f" FROM principals WHERE worker = '{person}'"
            # Whoever comes back to the post may have the role still.
            " ON CONFLICT DO NOTHING"
        )
        self.statements += [end_of("manager"), post, role]
        self.posts["manager"] = person

    def leave(self, person: str) -> None:
        """Somebody leaves the authority."""
        self.statements.append(
            f"UPDATE workers SET leaves_on = '2026-11-22' WHERE code = '{person}'"
        )
        self.gone.add(person)

    def take_off(self, person: str) -> None:
        """Somebody is on a long absence."""
        if person not in self.away:
            self.statements.append(
                "INSERT INTO absences (id, worker, reason_code, valid) VALUES"
                f" (gen_random_uuid(), '{person}', 'sickness', '[{TODAY},)')"
            )
            self.away.add(person)

    # --- who they are ---

    def here(self, person: str | None) -> bool:
        """In service and not away."""
        return person is not None and person not in self.gone | self.away

    def quality_standards(self, *barred: str) -> set[str]:
        """Those of Q&S who may; where none of them is here, an administrator appoints somebody."""
        free = Q_AND_S - set(barred)
        lacking = barred and not any(self.here(person) for person in free)
        return free - self.gone | ({ADMINISTRATOR} if lacking else set())

    def managers(self) -> list[str]:
        """Who manages the team today."""
        return [each for post in ("manager", "deputy") if (each := self.posts[post])]

    def leads(self) -> list[str]:
        """Who leads the team today, the first to be asked first."""
        return [person for person in self.posts.values() if person and self.here(person)]

    def line(self, *barred: str) -> set[str]:
        """Who must act for the team: the first in line, else Q&S."""
        acting = [person for person in self.leads() if person not in barred]
        return {acting[0]} if acting else Q_AND_S - self.gone - set(barred)

    def group(self, *others: str, barred: tuple[str, ...] = ()) -> set[str]:
        """The group of the team that may take a thing on, else Q&S; also who of them is away."""
        members = {each for each in (*self.posts.values(), *others) if each} - set(barred)
        if not any(self.here(each) for each in members):
            return Q_AND_S - self.gone - set(barred)
        return members - self.gone

    def these_or_leads(self, people: list[str], *barred: str) -> set[str]:
        """Some of the team; where none of them is here whoever leads it, else Q&S."""
        able = set(people) - set(barred)
        if any(self.here(person) for person in able):
            return able - self.gone
        return self.group(barred=barred)

    def theirs(self, person: str, others: set[str], *, even_away: bool = False) -> set[str]:
        """Theirs as long as they can; else of the others."""
        if self.here(person):
            return {person}
        return others | ({person} - self.gone if even_away else set())

    def expected(self) -> dict[str, set[str]]:
        """Whose list each thing is in, by the directory alone."""
        free = Q_AND_S - self.gone
        auditor = {AUDITOR} - self.gone
        head = {self.posts["head"] or ""} - self.gone - {""}
        leave = {HEAD} if HEAD in self.leads() else free
        observers = [SUPERVISOR, *self.managers()]
        return {
            "review": self.line(AUDITOR, WORKER),
            "acknowledge": self.line(),
            "inform": self.line(),
            "resolve": free,
            "acknowledge, restricted": leave,
            "complete": self.theirs(AUDITOR, free, even_away=True),
            "respond": self.theirs(
                WORKER, self.group(SUPERVISOR, barred=(WORKER,)), even_away=True
            ),
            "respond, handed over": self.theirs(
                SUPERVISOR, self.group(barred=(SUPERVISOR,)), even_away=True
            ),
            "do": self.theirs(WORKER, self.group(), even_away=True),
            "do, by its owner": self.theirs(
                SUPERVISOR,
                self.group(barred=() if SUPERVISOR in self.gone else (SUPERVISOR,)),
                even_away=True,
            ),
            "verify": auditor
            | ({post for post in self.posts.values() if post} - self.gone)
            | (set() if self.here(AUDITOR) or self.leads() else free),
            "notify": self.group(),
            "assign": self.group(SUPERVISOR),
            "confirm_error": self.quality_standards(FIRST),
            "approve_removal": self.quality_standards(FIRST),
            "approve_override": self.group(barred=(MANAGER,)),
            "moderate": self.theirs(MODERATOR, free),
            "learn": self.theirs(OTHER_WORKER, free),
            "verify, learned": self.theirs(MODERATOR, free),
            "decided": self.theirs(SUPERVISOR, free),
            "answer": self.theirs(LEARNING, free),
            "observe": self.these_or_leads(observers, WORKER),
            "record_highlights": self.these_or_leads(self.managers()),
            "begin": head | (set() if any(self.here(each) for each in head) else free),
            "complete, an update": head
            | (set() if any(self.here(each) for each in head) else free),
            "reply": self.theirs(WORKER, free, even_away=True),
            "accept_hand_over": {MANAGER}
            if self.here(MANAGER) and MANAGER in self.posts.values()
            else free,
        }


def end_of(post: str) -> str:
    """Whoever holds the post held it until yesterday; who was appointed today never did.

    A role given for a post ends with it; one given for an appointment that never was is taken back.
    """
    where = f"service = '{SERVICE}'" if post == "head" else f"team = '{TEAM}'"
    kind = f"kind = '{post}' AND {where}"
    return (
        f"DELETE FROM role_assignments WHERE team = '{TEAM}' AND lower(valid) = '{TODAY}'"
        f" AND '{post}' = 'manager';"
        f"DELETE FROM posts WHERE {kind} AND lower(valid) = '{TODAY}';"
        f"UPDATE posts SET valid = '[2012-01-01,{TODAY})' WHERE {kind} AND upper_inf(valid)"
    )


PUT_BACK = (
    "DELETE FROM absences",
    "UPDATE workers SET leaves_on = NULL",
    f"DELETE FROM posts WHERE lower(valid) = '{TODAY}'",
    "UPDATE posts SET valid = '[2012-01-01,)'",
    f"DELETE FROM role_assignments WHERE lower(valid) = '{TODAY}'",
)

Move = tuple[str, str]
MOVES = st.one_of(
    st.tuples(st.just("vacate"), st.sampled_from(["manager", "deputy", "head"])),
    st.tuples(st.just("appoint"), st.sampled_from([MANAGER, OTHER_MANAGER, SUPERVISOR])),
    st.tuples(st.sampled_from(["leave", "take_off"]), st.sampled_from(MOVING)),
)


def examine(town: Town, directory: Directory) -> None:
    """Each open thing is in exactly the lists of those who must act, and they may."""
    lists = {person: town.waiting(person) for person in PEOPLE}
    expected = directory.expected()
    assert expected.keys() == town.items.keys()
    for name, (kind, path, steps) in town.items.items():
        about = path.rpartition("/")[2]
        places = {(kind, path), (OTHERWISE.get(kind, kind), path), ("appoint", about)}
        if "restricted" in name:
            places.add(("grant_access", about))
        has = {person for person, listed in lists.items() if listed & places}
        assert has == expected[name], name
        assert has, f"{name} is in nobody's list"
        for person in has:
            if steps and (kind, path) in lists[person]:
                assert town.may(person, path, steps), f"{person} may do none of {steps}"


def examine_hand_overs(town: Town) -> None:
    """Whatever is in somebody's list is named in a hand-over of theirs, or is others' too."""
    of_hidden = town.items["acknowledge, restricted"].path
    for person in set(PEOPLE) - {ADMINISTRATOR}:
        waits = {
            (kind, item)
            for kind, item in town.waiting(person)
            if item.startswith("/") and item != of_hidden
        }
        taker = AUDITOR if person != AUDITOR else MODERATOR
        body = {"from_worker": person, "to_workers": [taker], "because": "leaves"}
        proposed = town.api.as_("qs-2").create("/v1/hand-overs", body)
        assert proposed.status_code == 201, proposed.text
        named = {item["path"] for item in proposed.json()["items"]}
        counted = Counter(kind for kind, path in waits if path not in named)
        shared = {each["kind"]: each["things"] for each in proposed.json()["shared"]}
        assert counted == shared, person
        withdrawn = town.api.as_("qs-2").act(f"/v1/hand-overs/{proposed.json()['id']}/withdraw")
        assert withdrawn.status_code == 200, withdrawn.text


def examine_what_is_checked(town: Town) -> None:
    """`qa-api check` asks about just what is in the lists."""
    assert town.service.works(nothing_open_is_in_nobodys_list).broken == ()
    asked = {row.table for row in town.service.works(open_rows)}
    every = {each.table.__tablename__ for several in OPEN.values() for each in several}
    assert every - asked == {"rights_changes", "unusual_reads"}, "tried where these are made"


def examine_who_left(town: Town, directory: Directory) -> None:
    """Whoever has left the post reads what was addressed to them in it no longer."""
    path = town.items["acknowledge"].path
    in_post = {person for person in directory.posts.values() if person is not None}
    for person in {MANAGER, DEPUTY, HEAD} - (in_post - directory.gone):
        assert town.api.as_(person).get(path).status_code in {401, 403, 404}


@pytest.mark.long
def test_nothing_open_is_ever_in_nobodys_list(town: Town, at: Callable[[str], None]) -> None:
    at("2026-11-23T09:30:00Z")
    town.open()
    examine_hand_overs(town)
    examine_what_is_checked(town)

    # Each kind at its edge; chance finds the rest.
    @settings(
        max_examples=6,
        deadline=None,
        suppress_health_check=list(HealthCheck),
        # An example asks everybody's list over HTTP: what is found is short already.
        phases=[Phase.explicit, Phase.reuse, Phase.generate],
        report_multiple_bugs=False,
    )
    @given(moves=st.lists(MOVES, min_size=2, max_size=7), told=st.booleans())
    @example(moves=[], told=False)
    @example(moves=[("vacate", "manager"), ("leave", SUPERVISOR), ("leave", AUDITOR)], told=True)
    @example(
        moves=[("vacate", post) for post in ("manager", "deputy", "head")]
        + [("leave", SUPERVISOR), ("leave", WORKER), ("leave", SECOND)],
        told=False,
    )
    @example(moves=[("take_off", person) for person in MOVING], told=True)
    @example(moves=[("vacate", "manager"), ("appoint", MANAGER)], told=False)
    def moved(moves: list[Move], told: bool) -> None:
        directory = Directory()
        for move, whom in moves:
            getattr(directory, move)(whom)
        try:
            town.run(*directory.statements)
            if told:
                town.service.work(tell_who_is_asked_now)
                town.service.work(tell_who_reviews_now)
            examine(town, directory)
            for person in PEOPLE:
                town.plainly.same(person)
            examine_who_left(town, directory)
        finally:
            town.run(*PUT_BACK)

    moved()
