"""An operation that is deprecated at its route is so in every answer, the contract and the page."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import httpx
import pytest
from fastapi import APIRouter
from fastapi.routing import APIRoute

from qa_api import app as whole
from qa_api.auth.development import DevelopmentIssuer
from qa_api.directory.router import router as directory
from qa_api.http import openapi
from qa_api.http.deprecations import deprecated
from qa_api.http.promises.changes import changes_between
from qa_api.http.promises.page import broken, write_page
from qa_api.http.promises.schema_changes import Weight
from qa_api.http.promises.shapes import Json, keep, shape_of
from qa_api.http.route import StrictRoute
from qa_api.settings import Settings

ON, SUNSET = date(2027, 1, 4), date(2028, 1, 4)
OPERATION = "GET /v1/teams/{code}"
TOLD = {"deprecation": "@1799020800", "sunset": "Tue, 04 Jan 2028 00:00:00 GMT"}


def with_it_deprecated() -> APIRouter:
    """The directory's routes, one of them deprecated by the one argument that it takes."""
    router = APIRouter(route_class=StrictRoute)
    for route in directory.routes:
        assert isinstance(route, APIRoute)
        if route.name == "get_team":
            router.add_api_route(
                route.path,
                route.endpoint,
                response_model=route.response_model,
                tags=list(route.tags),
                openapi_extra=deprecated(on=ON, instead="list_teams"),
            )
        else:
            router.routes.append(route)
    return router


@dataclass
class Contracts:
    """What the contract says before and after."""

    before: Json
    after: Json


@pytest.fixture(scope="module")
def contracts() -> Contracts:
    settings = Settings(environment="development")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(whole, "ROUTERS", (directory,))
        before = openapi.build(whole.create_app(settings))
        patch.setattr(whole, "ROUTERS", (with_it_deprecated(),))
        return Contracts(before, openapi.build(whole.create_app(settings)))


@pytest.fixture
async def http(
    authority: Settings, issuer: DevelopmentIssuer, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[httpx.AsyncClient]:
    """An administrator's way to the service in which the operation is deprecated."""
    monkeypatch.setattr(whole, "ROUTERS", (with_it_deprecated(),))
    app = whole.create_app(authority)
    headers = {"authorization": f"Bearer {issuer.issue('admin-1')}"}
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(
            transport=httpx.ASGITransport(app), base_url="http://localhost", headers=headers
        ) as http,
    ):
        yield http


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/v1/teams/lincoln-fast", 200),
        ("HEAD", "/v1/teams/lincoln-fast", 200),
        ("GET", "/v1/teams/no-such-team", 404),
        ("GET", "/v1/teams/lincoln-fast?mistyped=1", 422),
    ],
)
async def test_every_answer_of_it_says_so(
    http: httpx.AsyncClient, method: str, path: str, status: int
) -> None:
    answer = await http.request(method, path)
    assert answer.status_code == status
    assert {name: answer.headers[name] for name in TOLD} == TOLD


@pytest.mark.parametrize("path", ["/v1/teams", "/v1/services/no-such-service"])
async def test_no_other_answer_says_so(http: httpx.AsyncClient, path: str) -> None:
    answer = await http.get(path)
    assert not TOLD.keys() & answer.headers.keys()


@pytest.mark.long
def test_the_contract_says_so(contracts: Contracts) -> None:
    operation = contracts.after["paths"]["/v1/teams/{code}"]["get"]
    assert operation["deprecated"] is True
    assert "Deprecated since 2027-01-04, and gone from 2028-01-04 on." in operation["description"]
    assert "Use `list_teams`." in operation["description"]
    assert {"Deprecation", "Sunset"} <= operation["responses"]["200"]["headers"].keys()
    others = [item.get("get", {}) for item in contracts.after["paths"].values()]
    assert len([one for one in others if "deprecated" in one]) == 1


def test_the_page_says_so_and_nothing_is_broken(contracts: Contracts, tmp_path: Path) -> None:
    keep(shape_of(contracts.before), tmp_path)
    assert write_page(contracts.after, tmp_path, ON, check=False) == ["CHANGES.md"]
    page = (tmp_path / "CHANGES.md").read_text()
    assert f"| `{OPERATION}` | 2027-01-04 | 2028-01-04 | `list_teams` |" in page
    assert f"- **is deprecated until 2028-01-04**: `{OPERATION}`" in page
    assert broken(contracts.after, tmp_path, ON) == []


def test_it_may_go_once_its_sunset_has_come(contracts: Contracts) -> None:
    promised = shape_of(contracts.after)
    without = shape_of(contracts.after)
    del without["operations"][OPERATION]
    for today, weight in ((date(2028, 1, 3), Weight.BREAKING), (SUNSET, Weight.ENDED)):
        (gone,) = changes_between(promised, without, today)
        assert (gone.weight, gone.says) == (weight, "is gone; its sunset was 2028-01-04")


def test_it_stays_for_twelve_months() -> None:
    assert deprecated(on=date(2028, 2, 29), instead=None)["x-sunset"] == "2029-03-01"
    with pytest.raises(ValueError, match="2028-01-04"):
        deprecated(on=ON, instead=None, sunset=date(2028, 1, 3))
