"""What `./dev drill` shows in the end: one line for each part of a drill, and how to repeat it."""

import os
from collections import Counter
from collections.abc import Callable, Mapping
from functools import wraps
from typing import Any, Final, TypeVar

import hypothesis
import pytest
from hypothesis import HealthCheck

from qa_api import clock


def this_week() -> str:
    """A seed that is another one each week, so that the suite's share goes round."""
    year, week, _ = clock.now().isocalendar()
    return f"{year}-W{week:02}"


SEED = os.environ.get("DRILL_SEED") or this_week()
"""Chooses what is walked and in which order; the same seed walks the same. It is said where a walk
fails, and `DRILL_SEED` repeats it."""


def share(of_the_suite: int) -> int:
    """Of how many rows each is asked: in the suite so many, in a drill of all (0)."""
    return int(os.environ.get("DRILL_SHARE", str(of_the_suite)))


NO_HURRY: Final[Mapping[str, float]] = dict.fromkeys(
    (
        "command_timeout_seconds",
        "statement_timeout_seconds",
        "lock_timeout_seconds",
        "pool_wait_seconds",
        "request_deadline_seconds",
        "message_wait_seconds",
        "body_deadline_seconds",
    ),
    300.0,
)
"""Settings of a service that is asked what comes of something, not how soon: a machine that is busy
with other work makes it late, and a 503 would end a drill of hours."""

Test = TypeVar("Test", bound=Callable[..., None])


def examples_by_seed(test: Test) -> Test:
    """In a drill, Hypothesis makes the examples of its seed; in the suite others each time."""
    return hypothesis.seed(SEED)(test) if "DRILL_SEED" in os.environ else test


def stories_by_seed(most: int) -> Callable[[Test], Test]:
    """The same for tests over one database that tell whole stories, so many of them; counted."""
    told = hypothesis.settings(
        max_examples=most,
        deadline=None,
        suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
    )
    return lambda test: examples_by_seed(told(_counted(test)))


_told: Counter[str] = Counter()
"""How many stories each test was given, those included that make a failure short."""


def _counted(test: Any) -> Any:
    given = test.hypothesis.inner_test

    @wraps(given)
    def counted(*values: Any, **named: Any) -> None:
        _told[given.__name__] += 1
        given(*values, **named)

    test.hypothesis.inner_test = counted
    return test


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """The table: what was walked, how many times it was asked, and what was wrong."""
    terminalreporter.write_line("")
    terminalreporter.write_line(f"{'walked':<70}{'asked':>9}{'wrong':>8}{'seconds':>9}")
    for outcome in ("passed", "failed"):
        for report in terminalreporter.getreports(outcome):
            said = dict(report.user_properties)
            test = report.nodeid.rpartition("::")[2]
            name = test.removeprefix("test_").replace("_", " ")
            asked = f"{said.get('asked', _told.get(test, '')):>9}"
            wrong = f"{said.get('wrong', '' if outcome == 'passed' else 'failed'):>8}"
            took = f"{report.duration:>9.1f}"
            terminalreporter.write_line(f"{name[:68]:<70}{asked}{wrong}{took}")
            for line in said.get("told", []):
                terminalreporter.write_line(f"    {line}")
    terminalreporter.write_line(f"seed {SEED}; `--seed {SEED}` walks the same again")
