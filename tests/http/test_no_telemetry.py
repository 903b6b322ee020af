"""Nobody is told of requests but the log: an address may name a child's record."""

import httpx
import pytest
from opentelemetry import trace

from qa_api.settings import Settings
from tests.api import serving


class _Collecting(trace.TracerProvider):
    """A provider as somebody's environment may set one up."""

    def __init__(self) -> None:
        self.asked_by: list[str] = []

    def get_tracer(self, instrumenting_module_name: str, *_: object, **__: object) -> trace.Tracer:
        """Note who would tell something."""
        self.asked_by.append(instrumenting_module_name)
        return trace.NoOpTracer()


def test_no_request_is_told_to_a_collector(
    authority: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    collecting = _Collecting()
    monkeypatch.setattr(trace, "get_tracer_provider", lambda: collecting)
    with serving(authority) as server:
        answer = httpx.get(f"{server.url}/v1/audits/0197f0a0-0000-7000-8000-000000000000")
    assert answer.status_code == 401
    assert collecting.asked_by == []
