"""The one rule for text that people type, and for names that must be written in a certain form.

Browsers, word processors and case systems end lines in three ways and write one letter in two. So
CRLF and CR become LF, and everything is composed (NFC): the same words are the same text wherever
they came from. Tabs stay. Another control character shows nothing and hides what stands beside it:
it is refused, and its name is told. Text that shows nothing is blank.

Here are the types that carry the rule; `qa_api.values.fields` gives them their lengths.
"""

import re
import unicodedata
from collections.abc import Mapping
from functools import cache
from typing import Any, Final

from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import PydanticCustomError, core_schema

from qa_api.rules.unchanging import Unchanging

TYPED: Final = (
    "Text as people type it: CRLF and CR become LF, and it is composed (NFC). No control characters"
    " but tab and line feed; not blank. The length is that of what is kept."
)
"""What the contract says about every text."""

SENT: Final = "Kept exactly as it was sent. No control characters but tab and line feed; not blank."
"""What it says about what a machine calls something."""

_ALIASES: Final = (
    """
NULL|START OF HEADING|START OF TEXT|END OF TEXT|END OF TRANSMISSION|ENQUIRY|ACKNOWLEDGE|ALERT
BACKSPACE|CHARACTER TABULATION|LINE FEED|LINE TABULATION|FORM FEED|CARRIAGE RETURN|SHIFT OUT
SHIFT IN|DATA LINK ESCAPE|DEVICE CONTROL ONE|DEVICE CONTROL TWO|DEVICE CONTROL THREE
DEVICE CONTROL FOUR|NEGATIVE ACKNOWLEDGE|SYNCHRONOUS IDLE|END OF TRANSMISSION BLOCK|CANCEL
END OF MEDIUM|SUBSTITUTE|ESCAPE|INFORMATION SEPARATOR FOUR|INFORMATION SEPARATOR THREE
INFORMATION SEPARATOR TWO|INFORMATION SEPARATOR ONE|DELETE|PADDING CHARACTER|HIGH OCTET PRESET
BREAK PERMITTED HERE|NO BREAK HERE|INDEX|NEXT LINE|START OF SELECTED AREA|END OF SELECTED AREA
CHARACTER TABULATION SET|CHARACTER TABULATION WITH JUSTIFICATION|LINE TABULATION SET
PARTIAL LINE FORWARD|PARTIAL LINE BACKWARD|REVERSE LINE FEED|SINGLE SHIFT TWO|SINGLE SHIFT THREE
DEVICE CONTROL STRING|PRIVATE USE ONE|PRIVATE USE TWO|SET TRANSMIT STATE|CANCEL CHARACTER
MESSAGE WAITING|START OF GUARDED AREA|END OF GUARDED AREA|START OF STRING
SINGLE GRAPHIC CHARACTER INTRODUCER|SINGLE CHARACTER INTRODUCER|CONTROL SEQUENCE INTRODUCER
STRING TERMINATOR|OPERATING SYSTEM COMMAND|PRIVACY MESSAGE|APPLICATION PROGRAM COMMAND
""".replace("\n", "|")
    .strip("|")
    .split("|")
)


# The standard gives control characters no name, only these aliases, which Python finds but does
# not tell.
@cache
def controls() -> Mapping[str, str]:
    """Every control character (category Cc) with what the Unicode standard calls it.

    Put together when the first is refused: to find names Python reads a megabyte of its tables.
    """
    return {unicodedata.lookup(alias): alias for alias in _ALIASES}


_NOT_TEXT: Final = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")
"""Control characters but tab and line feed, and halves of characters."""

# Letters and marks that show nothing although their category says otherwise (Unicode's default
# ignorables, and the braille pattern without a dot).
_INVISIBLE: Final = re.compile(
    "[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u2065\u2800\u3164\ufe00-\ufe0f\uffa0"
    "\ufff0-\ufff8\U000e0000-\U000e0fff]"
)
_SHOW_NOTHING: Final = frozenset({"Cc", "Cf", "Zs", "Zl", "Zp"})


def as_typed(value: str) -> str:
    """The text as it is kept: lines end in LF, letters are composed; refused if it shows nothing.

    Raises one of Pydantic's errors for a control character, named, and for blank text.
    """
    text = value.replace("\r\n", "\n").replace("\r", "\n")
    return unicodedata.normalize("NFC", as_sent(text))


def as_sent(value: str) -> str:
    """The same text, if it holds no character that is refused and shows anything."""
    if found := _NOT_TEXT.search(value):
        raise PydanticCustomError(
            "text",
            "Holds {character}, which is no character of a text: take it out.",
            {"character": name_of(found.group())},
        )
    if shows_nothing(value):
        raise PydanticCustomError("blank", "Must not be blank.")
    return value


def name_of(character: str) -> str:
    """What the Unicode standard calls it, and its code point: ``ESCAPE (U+001B)``."""
    name = controls().get(character) or unicodedata.name(character, "HALF OF A CHARACTER")
    return f"{name} (U+{ord(character):04X})"


def shows_nothing(text: str) -> bool:
    """Whether a reader would see nothing: spaces, line ends, zero-width and other such characters.

    An empty text shows nothing either.
    """
    if text[:1].isascii() and text[:1].isalnum():
        return False
    return all(
        unicodedata.category(character) in _SHOW_NOTHING or _INVISIBLE.match(character)
        for character in text
    )


class TextOf(Unchanging):
    """Marks a string as text of at most ``limit`` characters.

    ``exact`` is for what machines call things: it is checked, and kept exactly as it was sent.
    """

    limit: int
    exact: bool = False

    def __get_pydantic_core_schema__(
        self, source: Any, handler: GetCoreSchemaHandler
    ) -> core_schema.CoreSchema:
        return core_schema.chain_schema(
            [
                core_schema.str_schema(strict=True),
                core_schema.no_info_plain_validator_function(as_sent if self.exact else as_typed),
                core_schema.str_schema(max_length=self.limit),
            ]
        )

    def __get_pydantic_json_schema__(
        self, schema: core_schema.CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        return {
            "type": "string",
            "minLength": 1,
            "maxLength": self.limit,
            "description": SENT if self.exact else TYPED,
        }


class Formed(Unchanging):
    """Marks a string as of a certain form: ``pattern`` for machines, ``words`` for people.

    Nobody is shown a pattern: the words stand in the contract, and in the refusal of what is not of
    the form. They are whole sentences that say what it must look like, if possible by example.
    """

    pattern: str
    words: str
    most: int
    least: int | None = None
    examples: tuple[str, ...] = ()

    def __get_pydantic_core_schema__(
        self, source: Any, handler: GetCoreSchemaHandler
    ) -> core_schema.CoreSchema:
        form = core_schema.str_schema(
            pattern=self.pattern, min_length=self.least, max_length=self.most
        )
        return core_schema.chain_schema(
            [
                core_schema.str_schema(strict=True),
                core_schema.custom_error_schema(
                    form, custom_error_type="form", custom_error_message=self.words
                ),
            ]
        )

    def __get_pydantic_json_schema__(
        self, schema: core_schema.CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        least = {} if self.least is None else {"minLength": self.least}
        examples = {"examples": list(self.examples)} if self.examples else {}
        return {
            "type": "string",
            "pattern": self.pattern,
            **least,
            "maxLength": self.most,
            "description": self.words,
            **examples,
        }
