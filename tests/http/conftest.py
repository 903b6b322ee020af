"""A client of the small application."""

from collections.abc import AsyncIterator

import httpx
import pytest
from fastapi import FastAPI

from tests.http.small_app import client_of, small_app


@pytest.fixture(scope="session")
def app() -> FastAPI:
    return small_app()


@pytest.fixture
async def client(app: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    async with client_of(app) as connected:
        yield connected
