"""What the values of the contract's enums mean: those that no life cycle has words for.

The words are in `data/enum_words.toml`, and in the contract in `x-enum-descriptions`, in the order
of `enum`, as those of steps and states are.
"""

import tomllib
from collections.abc import Mapping
from importlib.resources import files

from qa_api.http.openapi_headers import Json
from qa_api.http.openapi_steps import WORDS


def with_words(schemas: Json) -> Json:
    """The components with words at each value of an enum that has them.

    Raises LookupError for a value without words in an enum that has words for others.
    """
    for name, words in enum_words().items():
        if name in schemas:
            schemas[name][WORDS] = [words[value] for value in schemas[name]["enum"]]
    return schemas


def enum_words() -> Mapping[str, Mapping[str, str]]:
    """The words by enum and value."""
    return tomllib.loads(files("qa_api.data").joinpath("enum_words.toml").read_text("utf-8"))
