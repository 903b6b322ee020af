"""The whole procedure, walked over HTTP: from the case system's event to the Board and beyond.

Nothing here knows the inside of the service. Each scene is what one person or system does. The
story is about the last quarter that is over and takes seconds: between the scenes the clock is
moved on, until it is the present again.
"""

import sys
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import TextIO

import httpx

from qa_api.demo.callers import PATIENCE, Unexpected
from qa_api.demo.receiver import Receiver
from qa_api.demo.scenes import CHAPTERS
from qa_api.demo.story import Chapter, Story, today, weekday
from qa_api.demo.telling import Teller
from qa_api.rules.local_time import FinancialQuarter, local_date

CHAPTER_NAMES = tuple(chapter.name for chapter in CHAPTERS)


def walk(
    url: str,
    token: Callable[[str], str],
    turn: Callable[[datetime], None],
    pages: Path,
    *,
    present: datetime,
    only: str | None = None,
    out: TextIO = sys.stdout,
    meanwhile: Callable[[], None] = lambda: None,
) -> int:
    """Tell the story against the service at `url`, whose authority has no casework yet.

    `token` signs for the demo's people and `turn` sets the clock, theirs and the service's, up to
    `present`. Pages are kept in `pages`. With `only`, what comes before that chapter happens but
    is not told. `meanwhile` is done whenever the story waits for the service. Returns 0, or 1 when
    the service answered something else than the story tells.
    """
    with Receiver() as receiver, httpx.Client(base_url=url, timeout=PATIENCE) as http:
        story = Story(Teller(out), receiver, http, token, turn, pages, present, meanwhile)
        try:
            _see_that_nothing_is_there(story)
            if only is not None:
                story.teller.note("What comes before this chapter happens now and is not told.")
            for number, chapter in enumerate(CHAPTERS, 1):
                if only is None or chapter.name == only:
                    _narrate(story, number, chapter)
                else:
                    with story.teller.silence():
                        _narrate(story, number, chapter)
                if chapter.name == only:
                    break
        except (Unexpected, httpx.HTTPError) as answer:
            why = str(answer) or type(answer).__name__
            story.teller.note(f"This is not how the story goes: {why}")
            return 1
        finally:
            turn(present)
            _stop_listening(story)
        _sum_up(story)
    return 0


def beginning(present: datetime) -> datetime:
    """When the story begins: with the quarter before the present one."""
    return FinancialQuarter.of(local_date(present)).previous.starts_at


def _narrate(story: Story, number: int, chapter: Chapter) -> None:
    story.move_to(weekday(chapter.begins_on(story)))
    story.teller.chapter(number, chapter.title, today())
    for title, scene in chapter.scenes:
        story.teller.step(title)
        scene(story)


def _see_that_nothing_is_there(story: Story) -> None:
    for path in ("/v1/audits", "/v1/quarter-plans", "/v1/moderation-samples"):
        found = story.standards.get(path, limit=1)["items"]
        story.check(not found, "This authority has casework already; the story begins without.")


def _stop_listening(story: Story) -> None:
    if "endpoint" in story.made:
        administrator = story.caller("admin-1")
        administrator.act(f"/v1/webhook-endpoints/{story.made['endpoint']}/disable")


def _sum_up(story: Story) -> None:
    pages = [("A page to open", page) for page in story.made.get("pages", ())]
    story.teller.summary(
        "In short",
        [
            ("The quarter", story.quarter.label),
            *story.made.get("in short", ()),
            ("Webhooks, each signature verified", len(story.receiver.events)),
            *pages,
        ],
    )
