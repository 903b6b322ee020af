"""Counts and durations of answers, for Prometheus.

Labels are the method, the route's template and the status: never a path as it was sent, which
would name children's records and grow without end.
"""

from datetime import timedelta
from math import nan
from typing import Final

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    PlatformCollector,
    ProcessCollector,
    generate_latest,
)
from starlette.types import Scope

_METHODS: Final = frozenset({"GET", "POST", "PUT", "PATCH", "DELETE"})
_BUCKETS: Final = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)


class Metrics:
    """What one process counts. ``registry`` takes further collectors of other parts."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        ProcessCollector(registry=self.registry)
        PlatformCollector(registry=self.registry)
        self._requests = Counter(
            "qa_http_requests",
            "Answers given",
            ("method", "route", "status"),
            registry=self.registry,
        )
        self._seconds = Histogram(
            "qa_http_request_seconds",
            "Time from the first byte at the gate to the last byte of the answer",
            ("method", "route"),
            buckets=_BUCKETS,
            registry=self.registry,
        )
        self._unsealed = Gauge(
            "qa_unsealed_seconds",
            "Age of the oldest event or line of the access log that is in no seal; 0 where all are,"
            " NaN where the database does not say",
            registry=self.registry,
        )
        # The library looks labels up under a lock; a plain dictionary is quicker.
        self._known: dict[tuple[str, str, int], tuple[Counter, Histogram]] = {}

    def observe(self, scope: Scope, status: int, seconds: float) -> None:
        """Count one answer; the gate calls this."""
        route = scope.get("route")
        template = getattr(route, "path", None) or "-"
        method = scope["method"] if scope["method"] in _METHODS else "-"
        key = (method, template, status)
        known = self._known.get(key)
        if known is None:
            known = self._known[key] = (
                self._requests.labels(method, template, str(status)),
                self._seconds.labels(method, template),
            )
        counter, histogram = known
        counter.inc()
        histogram.observe(seconds)

    def tell_unsealed(self, age: timedelta | None) -> None:
        """For how long something waits for its seal; None where that is not known."""
        self._unsealed.set(nan if age is None else age.total_seconds())

    def exposition(self) -> bytes:
        """Everything counted so far, in the text format."""
        return generate_latest(self.registry)
