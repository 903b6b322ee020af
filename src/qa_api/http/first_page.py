"""``/``: what this is and where to go, for whoever was given the address alone."""

from html import escape

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, Response

from qa_api.http.accept import preferred
from qa_api.http.pages import CACHED, FORMS, page
from qa_api.http.route import StrictRoute

_CONTRACT = {
    "/docs": "The contract, to read and to try",
    "/openapi.json": "The contract as a file",
}
_ALWAYS = {
    "/problems": "What each refusal means and what to do",
    "/v1/me": "Who you are here; it asks for a token, as everything under /v1 does",
    "/readyz": "Whether the service is ready",
    "/version": "Which release is running",
}


def first_page(*, version: str, serve_contract: bool) -> APIRouter:
    """The page, with links to what is open here."""
    router = APIRouter(route_class=StrictRoute, include_in_schema=False)
    leads_to = (_CONTRACT if serve_contract else {}) | _ALWAYS

    @router.get("/")
    async def show_first_page(request: Request) -> Response:
        """What this is and where to go."""
        if preferred(request.headers.get("accept"), FORMS) == "application/json":
            document = {"name": "qa_api", "version": version, "links": leads_to}
            return JSONResponse(document, headers=CACHED)
        links = "\n".join(
            f'<dt><a href="{path}"><code>{path}</code></a></dt><dd>{escape(words)}</dd>'
            for path, words in leads_to.items()
        )
        about = f"<p>The audits of casework with children, as a JSON API; release {version}.</p>"
        return page("Quality audit service", f"{about}\n<dl>\n{links}\n</dl>")

    return router
