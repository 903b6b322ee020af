"""One table stands for all routes, and chooses as the framework does."""

from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import pytest
from fastapi import APIRouter
from starlette.routing import Match

from qa_api.app import ROUTERS
from qa_api.http.errors import METHODS
from qa_api.http.route import StrictRoute
from qa_api.http.table import Table

TABLE = Table(ROUTERS)


def asked(method: str, path: str) -> dict[str, Any]:
    """What the framework knows of a request when it looks for its route."""
    return {"type": "http", "method": method, "path": path, "root_path": ""}


def in_turn(scope: dict[str, Any]) -> tuple[Match, Any]:
    """What the framework finds when it asks one route after the other."""
    partial: tuple[Match, Any] = Match.NONE, None
    for route in TABLE.routes:
        match, found = route.matches(scope)
        if match is Match.FULL:
            return match, found
        if match is Match.PARTIAL and partial[0] is Match.NONE:
            partial = match, found
    return partial


def paths() -> Iterator[str]:
    """Every path of the API, its parameters filled in twice; and some that are none."""
    for template in dict.fromkeys(route.path for route in TABLE.routes):
        for value in ("overall", str(uuid4())):
            segments = (value if part.startswith("{") else part for part in template.split("/"))
            yield "/".join(segments)
        yield template + "/"
        yield template + "/nothing-of-that-name"
    yield from ("/", "", "//", "/v1", "/v1/", "/v1//audits", "/v2/audits", "/v1/audits/a%2Fb")


@pytest.mark.long
@pytest.mark.parametrize("method", METHODS)
def test_the_table_finds_what_asking_one_route_after_the_other_finds(method: str) -> None:
    for path in paths():
        match, found = TABLE.matches(asked(method, path))
        expected, known = in_turn(asked(method, path))
        assert match is expected, path
        if match is not Match.NONE:
            assert found["route"] is known["route"], path
            assert found["path_params"] == known["path_params"], path


def test_a_route_is_built_when_it_is_first_asked_for_and_once() -> None:
    router = APIRouter(route_class=StrictRoute)

    @router.get("/things/{name}", tags=["things"])
    async def get_thing(name: str) -> str:
        return name

    @router.post("/things/{name}/close")
    async def close_thing(name: str) -> str:
        return name

    table = Table([router])
    reading, closing = table.routes
    assert "dependant" not in vars(reading)
    match, found = table.matches(asked("GET", "/things/one"))
    assert (match, found["route"], found["path_params"]) == (Match.FULL, reading, {"name": "one"})
    assert [field.name for field in vars(reading)["dependant"].path_params] == ["name"]
    assert reading.dependant is vars(reading)["dependant"]
    assert "dependant" not in vars(closing)
    assert not hasattr(reading, "no_such_thing")
