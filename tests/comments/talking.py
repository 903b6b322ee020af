"""What people say to each other in these tests, and what waits for whom."""

from typing import Any
from uuid import UUID

import httpx

from tests.api import Api, Json

ASKED = "Did anybody see her alone?"


def about(api: Api, person: str, kind: str, thing: str | UUID, **more: Any) -> httpx.Response:
    """Somebody comments on a thing, by its id or its path."""
    body = {"kind": kind, "about": str(thing).rpartition("/")[2], "text": ASKED} | more
    return api.as_(person).create("/v1/comments", body)


def said(api: Api, person: str, kind: str, thing: str | UUID, **more: Any) -> str:
    """The path of a comment that is accepted."""
    answer = about(api, person, kind, thing, **more)
    assert answer.status_code == 201, answer.text
    return str(answer.headers["location"])


def replied(api: Api, person: str, comment: str, text: str = "On Monday, at school.") -> str:
    """The path of a reply that is accepted."""
    answer = api.as_(person).create(f"{comment}/replies", {"text": text})
    assert answer.status_code == 201, answer.text
    return str(answer.headers["location"])


def read(api: Api, person: str, comment: str) -> Json:
    """A comment as somebody sees it."""
    answer = api.as_(person).get(comment)
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def sees(api: Api, comment: str, *people: str) -> list[bool]:
    """Who of these reads a comment; each finds it in the list as in its own place."""
    found = []
    for person in people:
        shown = api.as_(person).get(comment).status_code == 200
        audit = read(api, "qs-1", comment)["audit_id"]
        query = f"?audit={audit}" if audit else ""
        listed = api.as_(person).get(f"/v1/comments{query}").json()["items"]
        assert (comment.rpartition("/")[2] in {one["id"] for one in listed}) == shown, person
        found.append(shown)
    return found


def waits(api: Api, comment: str, person: str) -> bool:
    """Whether a comment stands in somebody's list."""
    items = api.as_(person).work("kind=reply")
    return any(item["path"] == comment for item in items)
