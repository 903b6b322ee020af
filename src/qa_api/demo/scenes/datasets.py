"""Rows for reporting tools: everything once, and from then on what changed (X1)."""

from typing import Final

from qa_api.demo.callers import Json
from qa_api.demo.scenes.responding import respond
from qa_api.demo.story import Chapter, Story
from qa_api.rules.local_time import local_date

WATCHED: Final = ("audits", "audit-responses", "restorative-actions", "moderation-outcomes")


def _pull(story: Story) -> None:
    reporting = story.caller("reporting-1")
    known = reporting.get("/v1/reporting/datasets")["datasets"]
    story.made["pulled"] = pulled = {
        name: reporting.get(f"/v1/reporting/{name}", limit=500) for name in WATCHED
    }
    story.teller.say(
        f"A reporting tool pulls flat rows: {len(known)} datasets, each column with its meaning."
        " No free text, and nothing of restricted records."
    )
    story.teller.table(
        ("dataset", "rows"), [(name, len(page["items"])) for name, page in pulled.items()]
    )


def _pull_changes(story: Story) -> None:
    respond(story, story.made["unanswered"])
    reporting = story.caller("reporting-1")
    changed = {
        name: reporting.get(
            f"/v1/reporting/{name}", changed_since=page["changes_token"], limit=500
        )["items"]
        for name, page in story.made["pulled"].items()
    }
    story.teller.say(
        "The response that was overdue is given at last. The tool asks what changed since, and"
        " gets that and nothing else."
    )
    story.teller.table(("dataset", "rows changed"), _sizes(changed))
    story.check(len(changed["audit-responses"]) == 1, "the change did not arrive once")
    story.check(not changed["moderation-outcomes"], "something arrived that did not change")


def _sizes(changed: dict[str, list[Json]]) -> list[tuple[str, int]]:
    return [(name, len(rows)) for name, rows in changed.items()]


DATASETS: Final = Chapter(
    "datasets",
    "Rows for reporting tools",
    lambda story: local_date(story.present),
    (
        ("Everything, once", _pull),
        ("From then on, what changed", _pull_changes),
    ),
)
