"""Counting working days: the rule's calendar beside the `holidays` package's own method."""

import random
import time
from datetime import date, timedelta
from statistics import median

import holidays

from bench.report import WORKING_DAYS_FLOOR, held
from qa_api.data import official_calendar_text
from qa_api.rules.calendar import official_calendar

QUESTIONS = 2_000


def compare(rounds: int) -> str:
    """Nanoseconds for one due date, both ways, over the same questions with the same answers."""
    calendar = official_calendar(official_calendar_text())
    package = holidays.country_holidays("GB", subdiv="ENG", years=range(2019, 2029))
    chosen = random.Random(1)
    first = date(2020, 1, 1)
    asked = [
        (first + timedelta(days=chosen.randrange(2_500)), chosen.randint(1, 20))
        for _ in range(QUESTIONS)
    ]
    ours, theirs, ratios = [], [], []
    for _ in range(rounds):
        started = time.perf_counter_ns()
        answers = [calendar.add_working_days(start, days) for start, days in asked]
        between = time.perf_counter_ns()
        expected = [package.get_nth_working_day(start, days) for start, days in asked]
        ended = time.perf_counter_ns()
        assert answers == expected, "the two calendars disagree"
        ours.append((between - started) / QUESTIONS)
        theirs.append((ended - between) / QUESTIONS)
        ratios.append((ended - between) / (between - started))
    return (
        f"working days   qa_api {median(ours):.0f} ns   holidays {median(theirs):.0f} ns\n"
        f"      {median(ratios):.0f} x holidays ({min(ratios):.0f}-{max(ratios):.0f})"
        f"  {held(ratios, WORKING_DAYS_FLOOR)}"
    )
