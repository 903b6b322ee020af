"""Is it alive, is it ready, what is it: for those who run it. Nothing here is personal."""

import asyncio
import logging
from collections.abc import Callable, Coroutine, Mapping
from typing import Annotated, Any, Final, Literal

from fastapi import APIRouter, Response
from prometheus_client import CONTENT_TYPE_LATEST
from pydantic import Field

from qa_api.db import RestoreUntold
from qa_api.http.metrics import Metrics
from qa_api.http.problem_document import refusals
from qa_api.http.route import StrictRoute
from qa_api.problems import unavailable
from qa_api.values.fields import Output

CHECK_SECONDS: Final = 2.0
ALWAYS_ANSWERED: Final = refusals("quota-exceeded", "internal-error")

log = logging.getLogger(__name__)


class Check:
    """Something that the service needs. One question about it is asked at a time.

    A question that hangs is waited for no longer than `CHECK_SECONDS`, and is not asked again while
    it hangs: even giving up may take the driver longer than a probe waits.
    """

    def __init__(self, look: Callable[[], Coroutine[Any, Any, None]]) -> None:
        """`look` raises where it is not there."""
        self._look = look
        self._asked: asyncio.Task[None] | None = None

    async def fault(self, name: str) -> BaseException | None:
        """What is wrong with it, which the log says under this name; None where it is there."""
        if self._asked is None or self._asked.done():
            self._asked = asyncio.create_task(self._look())
        asked = self._asked
        await asyncio.wait({asked}, timeout=CHECK_SECONDS)
        fault = asked.exception() if asked.done() else TimeoutError()
        if fault is not None:
            log.warning("no good answer about %s: %s", name, type(fault).__qualname__)
        return fault


class Health(Output):
    """The process answers."""

    status: Literal["alive"]


class Readiness(Output):
    """Everything the service needs is there."""

    status: Literal["ready"]


class Release(Output):
    """Which release this is."""

    version: Annotated[str, Field(max_length=100)]
    revision: Annotated[str, Field(max_length=100)] | None


def health_router(
    *,
    version: str,
    revision: str | None,
    checks: Mapping[str, Check],
    metrics: Metrics | None,
    seals: Check,
) -> APIRouter:
    """``/healthz``, ``/readyz``, ``/version`` and ``/metrics``, without authentication.

    Without ``metrics`` there is no such page. ``seals`` tells them what waits for its seal.
    """
    router = APIRouter(route_class=StrictRoute, tags=["service"])

    @router.get("/healthz", operation_id="get_health", responses=ALWAYS_ANSWERED)
    async def get_health() -> Health:
        """Whether the process answers at all; it looks at nothing else."""
        return Health(status="alive")

    @router.get(
        "/readyz",
        operation_id="get_readiness",
        responses=refusals("quota-exceeded", "internal-error", "unavailable"),
    )
    async def get_readiness() -> Readiness:
        """Whether everything the service needs is there; 503 when something is not.

        After a restore that nobody has told the service of, it names the command to run.
        """
        faults = await asyncio.gather(*(check.fault(name) for name, check in checks.items()))
        if untold := [fault for fault in faults if isinstance(fault, RestoreUntold)]:
            raise unavailable(why=f"Not ready: {untold[0]}.")
        if any(faults):
            raise unavailable()
        return Readiness(status="ready")

    @router.get("/version", operation_id="get_version", responses=ALWAYS_ANSWERED)
    async def get_version() -> Release:
        """Which release is running."""
        return Release(version=version, revision=revision)

    if metrics is not None:
        _serve_metrics(router, metrics, seals)
    return router


def _serve_metrics(router: APIRouter, metrics: Metrics, seals: Check) -> None:
    @router.get("/metrics", include_in_schema=False)
    async def get_metrics() -> Response:
        """What this process counted, and what waits, in the text format of Prometheus."""
        if await seals.fault("seals"):
            metrics.tell_unsealed(None)
        return Response(metrics.exposition(), headers={"Content-Type": CONTENT_TYPE_LATEST})
