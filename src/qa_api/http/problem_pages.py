"""``/problems`` and ``/problems/{slug}``: what each problem type means and what to do about it."""

from html import escape

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, Response

from qa_api.http.accept import preferred
from qa_api.http.pages import CACHED, FORMS, page
from qa_api.http.route import StrictRoute
from qa_api.problems import not_found
from qa_api.problems.catalogue import CATALOGUE, PHRASES, Kind

router = APIRouter(route_class=StrictRoute, include_in_schema=False)


@router.get("/problems")
async def list_problem_types(request: Request) -> Response:
    """The whole catalogue."""
    if preferred(request.headers.get("accept"), FORMS) == "application/json":
        items = [_as_json(kind) for kind in CATALOGUE.values()]
        return JSONResponse({"items": items}, headers=CACHED)
    rows = "\n".join(
        f'<dt><a href="{kind.type}">{escape(kind.title)}</a></dt>'
        f"<dd>{kind.status} <code>{kind.slug}</code></dd>"
        for kind in CATALOGUE.values()
    )
    return page("Problems", f"<dl>\n{rows}\n</dl>")


@router.get("/problems/{slug}")
async def show_problem_type(slug: str, request: Request) -> Response:
    """One problem type."""
    kind = CATALOGUE.get(slug)
    if kind is None:
        raise not_found()
    if preferred(request.headers.get("accept"), FORMS) == "application/json":
        return JSONResponse(_as_json(kind), headers=CACHED)
    return page(
        kind.title,
        f"<p>Status {kind.status} {escape(PHRASES[kind.status])}, "
        f"type <code>{kind.type}</code>.</p>\n"
        f"<h2>What it means</h2>\n<p>{escape(kind.meaning)}</p>\n"
        f"<h2>What to do</h2>\n<p>{escape(kind.remedy)}</p>\n"
        '<p><a href="/problems">All problem types</a></p>',
    )


def _as_json(kind: Kind) -> dict[str, str | int]:
    return {
        "type": kind.type,
        "title": kind.title,
        "status": kind.status,
        "meaning": kind.meaning,
        "remedy": kind.remedy,
    }
