"""``/openapi.json``: the contract as it was built and checked, from the file that ships with it.

Building it takes seconds, so nobody's request does; `./dev check` holds that the file says what the
code says.
"""

import asyncio
import gzip
from functools import cache
from pathlib import Path
from typing import Final

import orjson
from fastapi import APIRouter, Request, Response

from qa_api.http.etags import etag, is_unchanged
from qa_api.http.reads import JSON
from qa_api.http.route import StrictRoute

_HERE: Final = Path(__file__).resolve()
_NAME: Final = Path("openapi", "openapi.json")
# An installed package holds it; a checkout has it at its top.
_PLACES: Final = (_HERE.parents[1] / _NAME, _HERE.parents[3] / _NAME)
_CACHED: Final = {"Cache-Control": "public, max-age=300", "Vary": "Accept-Encoding"}

router = APIRouter(route_class=StrictRoute, include_in_schema=False)


@router.get("/openapi.json")
async def get_contract(request: Request) -> Response:
    """The contract, compressed for whoever takes that, with its ETag, or 304."""
    compressed = _takes_gzip(request.headers.get("accept-encoding", ""))
    body, tag = await asyncio.to_thread(_representation, compressed=compressed)
    headers = {**_CACHED, "ETag": tag}
    if is_unchanged(request.headers.get("if-none-match"), tag):
        return Response(status_code=304, headers=headers)
    if compressed:
        headers["Content-Encoding"] = "gzip"
    return Response(body, media_type=JSON, headers=headers)


@cache
def _representation(*, compressed: bool) -> tuple[bytes, str]:
    """The bytes that are sent, and their ETag: made once in a process."""
    file = next(place for place in _PLACES if place.is_file())
    body = orjson.dumps(orjson.loads(file.read_bytes()))  # without what only people need
    if compressed:
        body = gzip.compress(body, mtime=0)
    return body, etag(1, body)


def _takes_gzip(accepted: str) -> bool:
    for each in accepted.lower().split(","):
        coding, _, quality = each.replace(" ", "").partition(";q=")
        if coding == "gzip":
            return quality.strip("0.") != "" or quality == ""
    return False
