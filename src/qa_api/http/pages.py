"""Pages for people: public, the same for everyone until the next release, and without a script."""

from html import escape
from typing import Final

from fastapi.responses import HTMLResponse, Response

FORMS: Final = ("text/html", "application/json")
"""What such a page is also there as."""

CACHED: Final = {"Cache-Control": "public, max-age=3600", "Vary": "Accept"}

_FRAME: Final = """<!doctype html>
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


def page(title: str, content: str) -> Response:
    """The page with this title; the content is HTML already."""
    policy = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'"
    return HTMLResponse(
        _FRAME.format(title=escape(title), content=content),
        headers={**CACHED, "Content-Security-Policy": policy},
    )
