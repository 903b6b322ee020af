"""What stands in the code beneath a field of a schema: its meaning, for the contract too.

Pydantic could read it, but would parse the source of every schema at each start.
"""

import ast
import inspect
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from importlib import import_module
from itertools import pairwise
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
            said |= _beneath(part)
    named = {name: field.alias or name for name, field in schema.model_fields.items()}
    return {named[name]: words for name, words in said.items() if name in named}


def _beneath(part: type) -> Mapping[str, str]:
    """Nothing for one that a function made: it has no source of its own."""
    return _beneath_classes(part.__module__).get(part.__qualname__, {})


@cache
def _beneath_classes(module: str) -> Mapping[str, Mapping[str, str]]:
    """What the classes of a module say of their fields; a module is parsed once for all of them."""
    declared = ast.parse(inspect.getsource(import_module(module))).body
    return {one.name: dict(_said(one.body)) for one in declared if isinstance(one, ast.ClassDef)}


def _said(body: Iterable[ast.stmt]) -> Iterator[tuple[str, str]]:
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
