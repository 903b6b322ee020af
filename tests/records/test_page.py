"""The printable page: one document on its own, in plain words, and safe to open (R4.1.7)."""

import re
from html.parser import HTMLParser
from itertools import pairwise
from typing import Any

from tests.audits.auditing import SUPERVISOR, Auditing
from tests.records.test_record import path_of, with_all_that_can_follow

EVIL = "<script src='https://elsewhere.test/x.js'></script><img src=x onerror=alert(1)> & \"so\""


class Tags(HTMLParser):
    """Every element of a page with its attributes."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))


def page(case: Auditing, **query: str) -> Any:
    answer = case.api.as_("qs-1").get(path_of(case), params=query, headers={"accept": "text/html"})
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"].startswith("text/html")
    return answer


def test_what_people_wrote_is_text_and_nothing_else(case: Auditing) -> None:
    path = case.filled(
        actions=[{"kind": "practice", "description": EVIL, "needed_before_closure": False}]
    )
    overall = {"overall": {"judgement": "good", "rationale": EVIL}}
    case.accept(case.api.as_(SUPERVISOR).act(f"{path}/complete", overall))
    answer = page(case)
    tags = Tags(answer.text).found
    assert not {tag for tag, _ in tags} & {"script", "img", "link", "iframe", "object", "form", "a"}
    assert not {name for _, attrs in tags for name in attrs} & {"src", "href", "onerror"}
    assert answer.text.count("&lt;script") == 2
    assert not re.search(r"url\(|@import", answer.text)
    assert answer.headers["content-security-policy"].startswith("default-src 'none'")
    assert answer.headers["cache-control"] == "no-store"


def test_it_can_be_read_by_whoever_it_is_about(case: Auditing) -> None:
    with_all_that_can_follow(case)
    shown = page(case, audience="subject").text
    assert "<h1>Your record</h1>" in shown
    assert "23 November 2026" in shown
    assert "What you and your family said" in shown
    for code in ("2026-11", "lincoln-fast", "other_urgent", "serious_safeguarding", "not_known"):
        assert code not in shown
    headings = [int(tag[1]) for tag, _ in Tags(shown).found if re.fullmatch(r"h[1-6]", tag)]
    assert headings[0] == 1
    assert headings.count(1) == 1
    assert all(after - before <= 1 for before, after in pairwise(headings))
    assert ("html", {"lang": "en-GB"}) in Tags(shown).found


def test_professionals_see_who_has_looked(case: Auditing) -> None:
    case.api.as_("tm-lincoln-fast").get(path_of(case))
    assert "Who has looked" in page(case).text
    assert "tm-lincoln-fast" in page(case).text
    assert "Who has looked" not in page(case, audience="subject").text
