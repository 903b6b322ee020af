"""The one parse of a JSON body: stricter than Python's, so that nothing surprising goes on.

What Python's parser lets through and PostgreSQL or arithmetic would stumble over later is refused
here: NaN and infinities, numbers that become infinite, integers beyond 64 bits, the same key
twice, NUL, lone surrogates, deep nesting. A refusal never repeats the input.
"""

import json
import math
from collections.abc import Sequence
from typing import Any, Final, NoReturn

from qa_api.problems import malformed_request

DEEPEST: Final = 32
"""How many objects and arrays may stand one in another."""

LARGEST: Final = 2**63 - 1


class _Refused(ValueError):
    """The reason, in words of our own."""


def _refuse_constant(_: str) -> NoReturn:
    raise _Refused("NaN and infinities are not JSON.")


def _integer(digits: str) -> int:
    if len(digits) > 20 or not -LARGEST - 1 <= (value := int(digits)) <= LARGEST:
        raise _Refused("A whole number is larger than 64 bits.")
    return value


def _fraction(digits: str) -> float:
    value = float(digits)
    if not math.isfinite(value):
        raise _Refused("A number is too large.")
    return value


def _object(pairs: Sequence[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise _Refused("An object has the same key twice.")
    return members


_decode = json.JSONDecoder(
    parse_constant=_refuse_constant,
    parse_int=_integer,
    parse_float=_fraction,
    object_pairs_hook=_object,
).decode


def parse(body: bytes) -> Any:
    """The JSON value in ``body``.

    Raises the ``malformed-request`` problem.
    """
    try:
        document = _decode(body.decode("utf-8"))
        # Only an escape can spell a NUL or a surrogate, and only brackets nest.
        if b"\\u" in body or body.count(b"{") + body.count(b"[") > DEEPEST:
            _inspect(document, DEEPEST)
    except UnicodeDecodeError:
        raise malformed_request("The body is not UTF-8.") from None
    except RecursionError:
        raise malformed_request(f"The JSON is nested deeper than {DEEPEST}.") from None
    except _Refused as refusal:
        raise malformed_request(str(refusal)) from None
    except ValueError:
        raise malformed_request("The body is not well-formed JSON.") from None
    return document


def _inspect(value: Any, depth_left: int) -> None:
    if isinstance(value, str):
        if "\x00" in value or any("\ud800" <= character <= "\udfff" for character in value):
            raise _Refused("A text has NUL or half of a character in it.")
    elif isinstance(value, dict | list):
        if depth_left == 0:
            raise _Refused(f"The JSON is nested deeper than {DEEPEST}.")
        for key in value if isinstance(value, dict) else ():
            _inspect(key, depth_left)
        for part in value.values() if isinstance(value, dict) else value:
            _inspect(part, depth_left - 1)
