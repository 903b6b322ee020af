"""``/problems`` and ``/problems/{slug}``: what each problem type means and what to do about it."""

from html import escape
from typing import Final

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, JSONResponse, Response

from qa_api.http.accept import preferred
from qa_api.http.route import StrictRoute
from qa_api.problems import not_found
from qa_api.problems.catalogue import CATALOGUE, PHRASES, Kind

_FORMS: Final = ("text/html", "application/json")

# Public and the same for everyone until the next release.
_CACHED: Final = {"Cache-Control": "public, max-age=3600", "Vary": "Accept"}

_PAGE: Final = """<!doctype html>
<html lang="en-GB">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<style>
body {{ font: 1.1rem/1.6 system-ui, sans-serif; max-width: 42rem; margin: 2rem auto;
  padding: 0 1rem; color: #1a1a1a; background: #fff; }}
code {{ font-family: ui-monospace, monospace; }}
a {{ color: #0b4f9e; }}
dt {{ font-weight: 600; margin-top: .8rem; }}
dd {{ margin: 0; }}
</style>
</head>
<body>
<main>
<h1>{title}</h1>
{content}
</main>
</body>
</html>
"""

router = APIRouter(route_class=StrictRoute, include_in_schema=False)


@router.get("/problems")
async def list_problem_types(request: Request) -> Response:
    """The whole catalogue."""
    if preferred(request.headers.get("accept"), _FORMS) == "application/json":
        items = [_as_json(kind) for kind in CATALOGUE.values()]
        return JSONResponse({"items": items}, headers=_CACHED)
    rows = "\n".join(
        f'<dt><a href="{kind.type}">{escape(kind.title)}</a></dt>'
        f"<dd>{kind.status} <code>{kind.slug}</code></dd>"
        for kind in CATALOGUE.values()
    )
    return _page("Problems", f"<dl>\n{rows}\n</dl>")


@router.get("/problems/{slug}")
async def show_problem_type(slug: str, request: Request) -> Response:
    """One problem type."""
    kind = CATALOGUE.get(slug)
    if kind is None:
        raise not_found()
    if preferred(request.headers.get("accept"), _FORMS) == "application/json":
        return JSONResponse(_as_json(kind), headers=_CACHED)
    return _page(
        kind.title,
        f"<p>Status {kind.status} {escape(PHRASES[kind.status])}, "
        f"type <code>{kind.type}</code>.</p>\n"
        f"<h2>What it means</h2>\n<p>{escape(kind.meaning)}</p>\n"
        f"<h2>What to do</h2>\n<p>{escape(kind.remedy)}</p>\n"
        '<p><a href="/problems">All problem types</a></p>',
    )


def _page(title: str, content: str) -> Response:
    policy = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'"
    return HTMLResponse(
        _PAGE.format(title=escape(title), content=content),
        headers={**_CACHED, "Content-Security-Policy": policy},
    )


def _as_json(kind: Kind) -> dict[str, str | int]:
    return {
        "type": kind.type,
        "title": kind.title,
        "status": kind.status,
        "meaning": kind.meaning,
        "remedy": kind.remedy,
    }
