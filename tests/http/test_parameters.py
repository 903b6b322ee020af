"""A parameter means in the contract what its own list says of it."""

from typing import Annotated

import pytest
from fastapi import APIRouter, Query
from fastapi.routing import APIRoute

from qa_api.http.parameters import meanings_of
from qa_api.values.fields import Code, Input, Uuid
from qa_api.values.pages import PageQuery


class Described(PageQuery):
    team: Code | None = None
    """Only of this team, and the words go on
    for a second line."""


class MoreOfIt(Described):
    owner: Code | None = None
    """Whose it is."""


class OfAnotherList(PageQuery):
    owner: Code | None = None
    """Who is to see to it."""


class Undescribed(Input):
    """It says what it is, and not what its field means."""

    team: Code | None = None


def route_of(query: type[Input]) -> APIRoute:
    router = APIRouter()

    @router.get("/audits/{audit_id}/things")
    def things(audit_id: Uuid, query: Annotated[query, Query()]) -> None: ...  # type: ignore[valid-type]  # the class given

    (route,) = router.routes
    assert isinstance(route, APIRoute)
    return route


def test_a_field_means_what_is_said_beneath_it_and_what_it_extends_says_the_rest() -> None:
    assert meanings_of(route_of(MoreOfIt)) == {
        "audit_id": "The audit.",
        "limit": "How many rows a page holds at most.",
        "cursor": "`next_cursor` of the page before, with the same filters.",
        "team": "Only of this team, and the words go on for a second line.",
        "owner": "Whose it is.",
    }


def test_the_same_name_means_something_else_in_another_list() -> None:
    meanings = (meanings_of(route_of(query))["owner"] for query in (MoreOfIt, OfAnotherList))
    assert list(meanings) == ["Whose it is.", "Who is to see to it."]


def test_a_field_that_does_not_say_what_it_means_is_an_error() -> None:
    with pytest.raises(LookupError, match=r"Undescribed\.team does not say what it means"):
        meanings_of(route_of(Undescribed))


def test_a_parameter_that_is_no_field_of_a_query_is_an_error() -> None:
    router = APIRouter()

    @router.get("/things")
    def things(team: str) -> None: ...

    (route,) = router.routes
    assert isinstance(route, APIRoute)
    with pytest.raises(TypeError, match="team"):
        meanings_of(route)
