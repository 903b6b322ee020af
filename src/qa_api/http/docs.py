"""``/docs``: the contract in Swagger UI, from files of an installed package, without a network."""

import json
from collections.abc import Awaitable, Callable
from importlib.resources import files
from typing import Final

from fastapi import APIRouter
from fastapi.responses import HTMLResponse, Response

from qa_api.http.route import StrictRoute

# The package is used for its files alone: Swagger UI as its makers publish it.
_ASSETS: Final = {
    "swagger-ui-bundle.js": "text/javascript; charset=utf-8",
    "swagger-ui.css": "text/css; charset=utf-8",
    "favicon-32x32.png": "image/png",
}

_PAGE: Final = """<!doctype html>
<html lang="en-GB">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Quality audit service: the contract</title>
<link rel="stylesheet" href="/docs/swagger-ui.css">
<link rel="icon" href="/docs/favicon-32x32.png">
</head>
<body>
<div id="contract"></div>
<script src="/docs/swagger-ui-bundle.js"></script>
<script src="/docs/start.js"></script>
</body>
</html>
"""

# Swagger UI sets styles on its elements; everything else comes from here and goes nowhere else.
_POLICY: Final = (
    "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; base-uri 'none'; "
    "form-action 'self'; frame-ancestors 'none'"
)
_CACHED: Final = {"Cache-Control": "public, max-age=3600"}


def docs_router(openapi_url: str = "/openapi.json") -> APIRouter:
    """``/docs`` and its files; ``openapi_url`` is where the contract itself is served."""
    router = APIRouter(route_class=StrictRoute, include_in_schema=False)
    options = {
        "url": openapi_url,
        "dom_id": "#contract",
        "deepLinking": True,
        "displayRequestDuration": True,
        "docExpansion": "none",
        "filter": True,
        "persistAuthorization": False,
        "validatorUrl": None,
    }
    start = f"window.ui = SwaggerUIBundle({json.dumps(options)});\n"

    @router.get("/docs")
    async def show_docs() -> Response:
        """The page."""
        return HTMLResponse(_PAGE, headers={**_CACHED, "Content-Security-Policy": _POLICY})

    @router.get("/docs/start.js")
    async def start_docs() -> Response:
        """What starts it; a file of its own, so that the page needs no inline script."""
        return Response(start, headers=_CACHED, media_type="text/javascript")

    for name, media_type in _ASSETS.items():
        router.add_api_route(f"/docs/{name}", _asset(name, media_type), methods=["GET"])
    return router


def _asset(name: str, media_type: str) -> Callable[[], Awaitable[Response]]:
    content = files("fastapi_swagger").joinpath("resources", name).read_bytes()

    async def serve_asset() -> Response:
        return Response(content, headers=_CACHED, media_type=media_type)

    return serve_asset
