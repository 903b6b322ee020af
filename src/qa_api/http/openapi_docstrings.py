"""What stands in the code beneath a field of a schema: its meaning, for the contract too.

Pydantic could read it, but would parse the source of every schema at each start.
"""

import ast
import inspect
from collections.abc import Iterator, Mapping
from itertools import pairwise
from textwrap import dedent
from typing import Final

from pydantic import BaseModel

from qa_api.values.fields import Input, Output

_OURS: Final = "qa_api."


def said_beneath_fields() -> dict[str, Mapping[str, str]]:
    """By the name of a schema what it says of its fields, those that it inherits included."""
    return {schema.__name__: beneath_fields(schema) for schema in _schemas(Input, Output)}


def beneath_fields(schema: type[BaseModel]) -> dict[str, str]:
    """What one schema says of its fields, by their names in JSON."""
    said: dict[str, str] = {}
    for part in reversed(schema.__mro__):
        if issubclass(part, BaseModel) and part.__module__.startswith(_OURS):
            said |= dict(_beneath(part))
    named = {name: field.alias or name for name, field in schema.model_fields.items()}
    return {named[name]: words for name, words in said.items() if name in named}


def _beneath(part: type) -> Iterator[tuple[str, str]]:
    try:
        source = dedent(inspect.getsource(part))
    except OSError:  # made by a function: it has no source of its own
        return
    (declared,) = ast.parse(source).body
    body = declared.body if isinstance(declared, ast.ClassDef) else []
    for field, words in pairwise(body):
        match field, words:
            case (
                ast.AnnAssign(target=ast.Name(id=name)),
                ast.Expr(value=ast.Constant(value=str(text))),
            ):
                yield name, " ".join(text.split())


def _schemas(*roots: type[BaseModel]) -> Iterator[type[BaseModel]]:
    for root in roots:
        for schema in root.__subclasses__():
            if schema.__module__.startswith(_OURS):
                yield schema
            yield from _schemas(schema)
