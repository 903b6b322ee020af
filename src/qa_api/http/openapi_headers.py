"""The headers that requests and answers carry, as the contract describes them."""

from typing import Any, Final

Json = dict[str, Any]


def header(description: str, most: int = 200, **more: object) -> Json:
    return {"description": description, "schema": {"type": "string", "maxLength": most, **more}}


def always(description: str, most: int) -> Json:
    return {**header(description, most), "required": True}


ETAG: Final = always("The version of this representation; send it back in `If-Match`.", 200)
CORRELATION: Final = always("Names this request in logs and problems.", 64)
ORIGIN: Final = header(
    "Your page's origin, where the operator lets it in. No credentials are taken: a token is a"
    " header.",
    300,
)
EXPOSED: Final = header("The headers that your page may read, where its origin is let in.", 500)
RATE_LIMIT: Final[Json] = {
    "RateLimit": header(
        "What is left: the class of the caller, `r` requests, and `t` seconds until it is more.",
        100,
    ),
    "RateLimit-Policy": header(
        "The quota: the class of the caller, and `q` requests in `w` seconds. Absent without one.",
        100,
    ),
}
"""As draft-ietf-httpapi-ratelimit-headers has them; not sent to whom no token names."""

ON_EVERY_ANSWER: Final = {
    "X-Correlation-ID": CORRELATION,
    "Access-Control-Allow-Origin": ORIGIN,
    "Access-Control-Expose-Headers": EXPOSED,
    **RATE_LIMIT,
}
"""What every answer and every refusal carries: what is left of a quota to whom a token names, and
the CORS headers to the pages that are let in."""
LINK: Final = header('The next page, `rel="next"`; absent on the last.', 4_000)
LOCATION: Final = always("Where what was created is from now on.", 500)
REPLAYED: Final = header("`true` when the key had been used for this very request before.", 5)

OF_TABLES: Final = header("Of CSV: the name of the file.")
AS_AT: Final[Json] = {
    "Data-As-At": header(
        "Of an answer that a replica gave: what was recorded before is all in it. Absent where the"
        " database itself answered, as at now.",
        20,
        format="date-time",
    )
}
"""What may be a little behind says so."""
OF_DOWNLOADS: Final[Json] = {
    **AS_AT,
    "Changes-Token": header(
        "Of a download: its `changes_token`. Of JSON it is in the body.", 4_000
    ),
    "Content-Disposition": header("Of a download: the name of the file."),
    "Download-Location": header("Of a download: where its count and digest stand for a day."),
}


def asked(name: str, description: str, *, required: bool, most: int = 200, **more: object) -> Json:
    schema = header(description, most, **more)
    return {"name": name, "in": "header", "required": required, **schema}


IF_NONE_MATCH: Final = asked(
    "If-None-Match", "The tag you hold: 304 when nothing changed.", required=False
)
IF_MATCH: Final = asked("If-Match", "The tag of the version you are changing.", required=True)
REPLACES: Final = asked(
    "If-Match",
    "The tag of the version you are replacing. This or `If-None-Match` must be there.",
    required=False,
)
CREATES: Final = asked(
    "If-None-Match",
    "`*` where you mean to create what is not there yet. This or `If-Match` must be there.",
    required=False,
)
KEY: Final = asked(
    "Idempotency-Key",
    "The same key and body again is answered without doing it again. Kept 30 days.",
    required=True,
    most=257,
    pattern=r"""^([!#-\[\]-~]{1,255}|"[ !#-\[\]-~]{1,255}")$""",
)
MAY_KEY: Final = {**KEY, "required": False}
PURPOSE: Final = asked(
    "X-Purpose",
    "For what purpose you read what is outside your own work: a code of the policy (`purposes`). It"
    " is asked for only where the policy says so, and kept with the record that you have read it.",
    required=False,
    most=60,
)
PURPOSE_OF_NO_CHANGE: Final = {
    **PURPOSE,
    "description": "As of a read, and only where there is nothing to change: then it is one.",
}
