"""London months, by which the lines of logs go."""

from datetime import date, timedelta


def first_day(day: date) -> date:
    """The first day of a day's month."""
    return day.replace(day=1)


def next_month(day: date) -> date:
    """The first day of the month after a day's month."""
    return first_day(first_day(day) + timedelta(days=31))


def last_day(day: date) -> date:
    """The last day of a day's month."""
    return next_month(day) - timedelta(days=1)
