"""The pieces of a record's page. Whatever people wrote is escaped here."""

from collections.abc import Iterable
from datetime import date
from html import escape

from qa_api.records.wording import day


def p(text: str, style: str = "") -> str:
    """A paragraph."""
    return f'<p class="{style}">{escape(text)}</p>' if style else f"<p>{escape(text)}</p>"


def words(text: str | None) -> list[str]:
    """What somebody wrote, in their words."""
    return [p(text, "words")] if text else []


def said(heading: str, text: str | None) -> list[str]:
    """What somebody wrote under a heading; nothing where they wrote nothing."""
    return [f"<h3>{escape(heading)}</h3>", *words(text)] if text else []


def section(heading: str, parts: Iterable[str]) -> list[str]:
    """A heading over its parts; nothing where there are none."""
    found = list(parts)
    return [f"<h3>{escape(heading)}</h3>", *found] if found else []


def when(before: str, on: date | None) -> list[str]:
    """A date in a sentence."""
    return [p(f"{before} {day(on)}.", "small")] if on else []


def lower(text: str) -> str:
    """As it stands within a sentence."""
    return text[:1].lower() + text[1:]
