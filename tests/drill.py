"""What `./dev drill` shows in the end: one line for each part of a drill, and how to repeat it."""

import os
from collections.abc import Callable
from typing import TypeVar

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


Test = TypeVar("Test", bound=Callable[..., None])


def examples_by_seed(test: Test) -> Test:
    """In a drill, Hypothesis makes the examples of its seed; in the suite others each time."""
    return hypothesis.seed(SEED)(test) if "DRILL_SEED" in os.environ else test


def stories_by_seed(most: int) -> Callable[[Test], Test]:
    """The same for tests over one database that tell whole stories, so many of them."""
    told = hypothesis.settings(
        max_examples=most,
        deadline=None,
        suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
    )
    return lambda test: examples_by_seed(told(test))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """The table: what was walked, how many times it was asked, and what was wrong."""
    terminalreporter.write_line("")
    terminalreporter.write_line(f"{'walked':<70}{'asked':>9}{'wrong':>8}{'CPU s':>9}")
    for outcome in ("passed", "failed"):
        for report in terminalreporter.getreports(outcome):
            said = dict(report.user_properties)
            name = report.nodeid.rpartition("::")[2].removeprefix("test_").replace("_", " ")
            asked = f"{said.get('asked', ''):>9}"
            wrong = f"{said.get('wrong', '' if outcome == 'passed' else 'failed'):>8}"
            cpu = f"{said.get('cpu', report.duration):>9.1f}"
            terminalreporter.write_line(f"{name[:68]:<70}{asked}{wrong}{cpu}")
            for line in said.get("told", []):
                terminalreporter.write_line(f"    {line}")
    terminalreporter.write_line(f"seed {SEED}; `--seed {SEED}` walks the same again")
