"""Health, metrics, problem pages, the contract's page and the contract's problems."""

import re
from typing import Any

import httpx
import pytest

from qa_api.app import create_app
from qa_api.http.accept import preferred
from qa_api.http.problem_document import SCHEMAS, refusals
from qa_api.problems import Problem
from qa_api.problems.catalogue import CATALOGUE
from qa_api.settings import Settings
from tests.http.small_app import client_of, small_app


async def test_the_process_is_alive_and_ready_and_says_what_it_is(
    client: httpx.AsyncClient,
) -> None:
    assert (await client.get("/healthz")).json() == {"status": "alive"}
    assert (await client.get("/readyz")).json() == {"status": "ready"}
    assert (await client.get("/version")).json() == {"version": "1.2.3", "revision": None}


async def test_without_what_it_needs_it_is_alive_but_not_ready() -> None:
    async with client_of(small_app(ready=False)) as client:
        assert (await client.get("/healthz")).status_code == 200
        answer = await client.get("/readyz")
    assert answer.status_code == 503
    assert answer.json()["type"] == "/problems/unavailable"
    assert "SECRET" not in answer.text


async def test_answers_are_counted_by_route_never_by_path() -> None:
    async with client_of(small_app()) as client:
        await client.get("/v1/audits/3f0c1b0e-6a58-4c1f-9d53-0a4f7d1f2f10")
        await client.head("/v1/audits")
        await client.get("/v1/nothing-like-this")
        await client.request("BREW", "/v1/audits")
        exposed = (await client.get("/metrics")).text
    counted = set(re.findall(r"qa_http_requests_total\{(.*)\} 1\.0", exposed))
    assert 'method="GET",route="/v1/audits/{audit_id}",status="200"' in counted
    assert 'method="GET",route="/v1/audits",status="200"' in counted
    assert 'method="GET",route="-",status="404"' in counted
    assert "3f0c1b0e" not in exposed
    assert "nothing-like-this" not in exposed
    assert "BREW" not in exposed
    assert "qa_http_request_seconds_bucket" in exposed


@pytest.mark.parametrize("slug", CATALOGUE)
async def test_every_problem_type_is_a_page_and_a_document(
    client: httpx.AsyncClient, slug: str
) -> None:
    page = await client.get(f"/problems/{slug}")
    assert page.status_code == 200
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    assert f"<title>{CATALOGUE[slug].title}</title>" in page.text
    document = await client.get(f"/problems/{slug}", headers={"Accept": "application/json"})
    assert document.json()["type"] == f"/problems/{slug}"


async def test_the_catalogue_lists_every_problem_type(client: httpx.AsyncClient) -> None:
    listed = (await client.get("/problems", headers={"Accept": "application/json"})).json()
    assert [item["type"] for item in listed["items"]] == [kind.type for kind in CATALOGUE.values()]


async def test_an_unknown_problem_type_or_form_is_refused(client: httpx.AsyncClient) -> None:
    assert (await client.get("/problems/teapot")).status_code == 404
    answer = await client.get("/problems", headers={"Accept": "image/png"})
    assert answer.status_code == 406
    assert answer.json()["type"] == "/problems/not-acceptable"


CONTRACT_PAGES = ["/docs", "/docs/start.js", "/docs/swagger-ui.css", "/openapi.json"]


@pytest.mark.parametrize("contract", [True, False])
@pytest.mark.parametrize("metrics", [True, False])
async def test_an_operator_closes_what_anybody_could_read(contract: bool, metrics: bool) -> None:
    settings = Settings(environment="development", serve_contract=contract, serve_metrics=metrics)
    transport = httpx.ASGITransport(app=create_app(settings))
    async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as client:
        asked = dict.fromkeys(CONTRACT_PAGES, contract) | {"/metrics": metrics}
        for path, opened in asked.items():
            answer = await client.get(path)
            assert answer.status_code == (200 if opened else 404), path
            assert opened or answer.json()["type"] == "/problems/not-found"
        for path in ("/healthz", "/version", "/problems"):
            assert (await client.get(path)).status_code == 200


@pytest.mark.parametrize("contract", [True, False])
async def test_the_address_alone_leads_to_all_that_is_open(contract: bool) -> None:
    settings = Settings(environment="development", serve_contract=contract)
    transport = httpx.ASGITransport(app=create_app(settings))
    async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as client:
        page = await client.get("/", headers={"Accept": "text/html"})
        links = (await client.get("/", headers={"Accept": "application/json"})).json()["links"]
        assert re.findall(r'href="([^"]*)"', page.text) == list(links)
        assert ("/docs" in links) is contract
        for path in links:
            closed = {"/v1/me": 401, "/readyz": 503}  # no token; no database here
            assert (await client.get(path)).status_code == closed.get(path, 200), path


async def test_the_docs_come_from_here_alone(client: httpx.AsyncClient) -> None:
    page = await client.get("/docs")
    assert page.status_code == 200
    named = re.findall(r'(?:src|href)="([^"]*)"', page.text)
    assert len(named) == 4
    for address in named:
        assert address.startswith("/docs/")
        assert (await client.get(address)).status_code == 200
    assert "'unsafe-inline'" not in page.headers["content-security-policy"].split("style-src")[0]
    assert "http" not in (await client.get("/docs/start.js")).text
    assert '"validatorUrl": null' in (await client.get("/docs/start.js")).text


@pytest.mark.parametrize(
    ("accept", "chosen"),
    [
        (None, "application/json"),
        ("", "application/json"),
        ("*/*", "application/json"),
        ("text/html", "text/html"),
        ("text/*;q=0.5, application/json;q=0.4", "text/html"),
        ("text/html;q=0.9, */*;q=0.8", "text/html"),
        ("text/html;q=0, */*", "application/json"),
        ("TEXT/HTML", "text/html"),
        ("text/html;q=x, */*;q=0.1", "application/json"),
        ("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", "text/html"),
    ],
)
def test_the_form_is_the_one_that_accept_likes_best(accept: str | None, chosen: str) -> None:
    assert preferred(accept, ["application/json", "text/html"]) == chosen


@pytest.mark.parametrize("accept", ["image/png", "*/*;q=0", "application/json;q=0", "nonsense"])
def test_a_form_that_is_not_there_is_refused(accept: str) -> None:
    with pytest.raises(Problem) as refused:
        preferred(accept, ["application/json"])
    assert refused.value.status == 406


@pytest.mark.long
def test_problems_fit_into_a_valid_contract() -> None:
    responses: dict[str, Any] = {
        str(status): response for status, response in refusals(*CATALOGUE).items()
    }
    from openapi_spec_validator import OpenAPIV31SpecValidator  # takes seconds: one test's, not all

    OpenAPIV31SpecValidator(
        {
            "openapi": "3.1.0",
            "info": {"title": "x", "version": "1"},
            "paths": {"/x": {"get": {"operationId": "x", "responses": responses}}},
            "components": {"schemas": dict(SCHEMAS)},
        }
    ).validate()
    examples = responses["422"]["content"]["application/problem+json"]["examples"]
    assert set(examples) == {"validation", "business-rule", "idempotency-key-reused"}
