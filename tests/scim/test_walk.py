"""A walk of whatever a provider may send: never a 500, always SCIM's own error, nothing half done.

The suite walks a share; `./dev drill scim` walks far longer. A seed repeats a walk.
"""

import json
from collections import Counter
from random import Random
from typing import Any, Final
from uuid import uuid4

import httpx
import pytest

from tests.api import Json
from tests.conftest import Database
from tests.drill import SEED, share
from tests.looking import rows
from tests.scim.provider import CORE, ERROR, PATCH, Provider

STEPS: Final = share(240) or 8_000
KEPT: Final = (
    "SELECT md5(coalesce(string_agg(line, '|' ORDER BY line), '')) AS print FROM ("
    " SELECT to_jsonb(u)::text AS line FROM scim_users u WHERE named UNION ALL"
    " SELECT to_jsonb(g)::text FROM scim_groups g UNION ALL"
    " SELECT to_jsonb(m)::text FROM scim_members m UNION ALL"
    " SELECT to_jsonb(p)::text FROM principals p UNION ALL"
    " SELECT to_jsonb(r)::text FROM role_assignments r UNION ALL"
    " SELECT id::text FROM rights_changes) AS all_of_it"
)
"""What is kept of people, groups and rights. Those who are only listed are taken up by a read."""

TEXTS: Final = (
    *("", " ", "x", "x" * 200, "x" * 201, "x" * 100_000, "É" * 150, "İstanbul", "ß", "\u202e"),
    *("a\x00b", "a\x07b", "\ud800", "\udfff\ud800", "\U0001f600", "'; DROP TABLE scim_users; --"),
    *("%", "_", "\\", '"', "null", "true", "0", "a\nb", "a\tb", "urn:x", "{}", "[]"),
)
VALUES: Final[tuple[Any, ...]] = (
    None,
    True,
    False,
    0,
    -1,
    2**63,
    1e308,
    [],
    {},
    [[]],
    [{}],
    {"value": None},
)
OPERATORS: Final = ("eq", "EQ", "ne", "co", "sw", "ew", "pr", "gt", "le", "hunter")
NAMES: Final = (
    *("userName", "username", "externalId", "displayName", "active", "members", "id", "meta"),
    *("schemas", "name.givenName", "emails", 'emails[type eq "work"].value', "password", "nobody"),
    *(f"{CORE}User:userName", f"{CORE}Group:members", 'members[value eq "x"]', "members.value"),
    *("", "[", "]", "a b", "userName[", 'members[value eq "', "members[", "x" * 5_000, "é", "\x00"),
)
LIKELY: Final = ("displayName", "externalId", "active", "userName", "members")


class Walk:
    """One walk: whom and what it has made, and what it sends next."""

    def __init__(self, provider: Provider, seed: str) -> None:
        self.provider = provider
        self.draw = Random(seed)
        self.users = [provider.user(f"walker-{uuid4().hex[:8]}")["id"] for _ in range(3)]
        self.groups = [provider.group(self.users[0])["id"]]
        self.names = [f"walker-{uuid4().hex[:8]}" for _ in range(9)]

    def text(self) -> str:
        return self.draw.choice((*TEXTS, *self.names))

    def value(self) -> Any:
        kinds = (self.text, lambda: self.draw.choice(VALUES), self.members, lambda: "False")
        return self.draw.choice(kinds)()

    def members(self) -> Any:
        ids = self.draw.sample(self.users, min(len(self.users), self.draw.randint(0, 3)))
        ids += [self.text()] * (self.draw.random() < 0.1)
        ids = [each.upper() if self.draw.random() < 0.2 else each for each in ids]
        return [
            {"value": each, **self.odd({"type": "User"})} for each in ids * self.draw.choice((1, 2))
        ]

    def odd(self, said: Json) -> Json:
        """What is said with something left out, changed, added or spelled in another way."""
        given = dict(said)
        for name in list(given):
            chance = self.draw.random()
            if chance < 0.02:
                del given[name]
            elif chance < 0.06:
                given[name] = self.value()
            elif chance < 0.08:
                given[name.upper()] = given[name]
        if self.draw.random() < 0.05:
            given[self.draw.choice(NAMES)] = self.value()
        return given

    def user(self) -> Json:
        name = self.draw.choice(self.names)
        return self.odd(
            {
                "schemas": [f"{CORE}User"],
                "userName": self.draw.choice((name, name.upper(), f"{name}@example.gov.uk")),
                "externalId": name,
                "displayName": self.draw.choice((self.draw.choice(self.names), self.text())),
                "active": self.draw.random() < 0.7,
            }
        )

    def group(self) -> Json:
        name = self.draw.choice(self.names)
        return self.odd(
            {
                "schemas": [f"{CORE}Group"],
                "displayName": self.draw.choice((name, name, name.title(), self.text())),
                "members": self.members(),
            }
        )

    def patch(self) -> Json:
        operations = [
            self.odd(
                {
                    "op": self.draw.choice(("add", "Replace", "remove", "REMOVE", "move", "")),
                    "path": self.draw.choice((*NAMES, *LIKELY * 3)),
                    "value": self.value(),
                }
            )
            for _ in range(self.draw.choice((0, 1, 1, 2, 3)))
        ]
        return self.odd({"schemas": [PATCH], "Operations": operations})

    def query(self) -> dict[str, str]:
        said = {
            "filter": f"{self.draw.choice(NAMES)} {self.draw.choice(OPERATORS)} "
            f"{json.dumps(self.text())}{self.draw.choice(('', '', ' and id pr', ')', ' or'))}",
            "startIndex": self.draw.choice(("1", "0", "-1", "9" * 30, "x", "1.5", "")),
            "count": self.draw.choice(("1", "0", "-1", "9" * 30, "x", "")),
            "attributes": self.draw.choice(NAMES),
            "excludedAttributes": self.draw.choice(NAMES),
            "sortBy": self.draw.choice(NAMES),
            "nobody": "x",
        }
        asked = self.draw.sample(sorted(said), self.draw.choice((0, 1, 1, 2)))
        return {name: _sendable(said[name])[:4_000] for name in asked}

    def look(self, path: str) -> httpx.Response:
        """Ask for a resource or a list; one of some attributes lacks those that are required."""
        asked = self.query()
        whole = not {"attributes", "excludedAttributes"} & asked.keys()
        return self.provider.ask("GET", path, params=asked, held=whole)

    def next(self) -> httpx.Response:
        """One request of the walk."""
        kind, known, body = self.draw.choice(
            (("/Users", self.users, self.user), ("/Groups", self.groups, self.group))
        )
        one = f"{kind}/{self.draw.choice((*known * 3, uuid4(), 'x', '%00'))}"
        method = self.draw.choice(
            ("GET", "POST", "POST", "PUT", "PATCH", "PATCH", "DELETE", "LIST")
        )
        if method == "LIST":
            return self.look(kind)
        if method == "GET":
            return self.look(one)
        if method == "DELETE":
            return self.forget(kind, one)
        said = self.patch() if method == "PATCH" else body()
        sent: Any = said if self.draw.random() < 0.95 else self.value()
        answer = self.provider.ask(
            method, kind if method == "POST" else one, json.dumps(sent).encode()
        )
        if answer.status_code == 201:
            known.append(answer.json()["id"])
        return answer

    def forget(self, kind: str, one: str) -> httpx.Response:
        """Remove a resource; most of what is removed is asked for no more."""
        answer = self.provider.ask("DELETE", one)
        known = self.users if kind == "/Users" else self.groups
        if answer.status_code == 204 and len(known) > 1 and self.draw.random() < 0.8:
            known.remove(one.rpartition("/")[2])
        return answer


def _sendable(text: str) -> str:
    """A text that an address can have: a client sends no half of a character."""
    return text.encode("utf-8", "replace").decode()


@pytest.mark.long
@pytest.mark.parametrize("walk", range(2))
def test_whatever_is_sent_is_answered_in_scims_own_form_and_nothing_is_half_done(
    provider: Provider, provided: Database, walk: int, record_property: Any
) -> None:
    walker = Walk(provider, f"{SEED} {walk}")
    answered: Counter[int] = Counter()
    before = rows(provided, KEPT)
    for step in range(STEPS // 2):
        answer = walker.next()
        where = f"seed {SEED!r}, walk {walk}, step {step}: {answer.request.method}"
        answered[answer.status_code] += 1
        assert answer.status_code < 500, (where, answer.request.url, answer.text)
        if answer.status_code >= 400:
            assert answer.headers["content-type"] == "application/scim+json", where
            body = answer.json()
            assert (body["schemas"], body["status"]) == ([ERROR], str(answer.status_code)), where
            assert body["detail"], where
            now = rows(provided, KEPT)
            assert now == before, (where, "something was done")
        elif answer.request.method != "GET":
            before = rows(provided, KEPT)
    assert {200, 201, 400, 404} <= set(answered), answered
    record_property("asked", sum(answered.values()))
    record_property("wrong", 0)
