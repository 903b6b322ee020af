"""What the parameters of an operation mean.

A name in a path means the same wherever it stands. A field of a query does not: each list says
beside the field what it means there, and one that does not say it is an error.
"""

import ast
import inspect
from collections.abc import Mapping
from itertools import pairwise
from textwrap import dedent
from typing import Final

from fastapi.routing import APIRoute
from pydantic import BaseModel

_OF_PATHS: Final = {
    "action_id": "The restorative action.",
    "alert_id": "The alert.",
    "assignment_id": "The role assignment.",
    "audit_id": "The audit.",
    "change_id": "The change of somebody's rights.",
    "code": "The code, as the authority chose it.",
    "dataset": "The dataset, by its name in the dictionary.",
    "date": "The London date.",
    "decision_id": "The decision of the Board.",
    "delivery_id": "The delivery.",
    "download_id": "The download.",
    "domain_key": "The stable key of the domain.",
    "endpoint_id": "The webhook endpoint.",
    "entry_id": "The entry of the list.",
    "escalation_id": "The escalation.",
    "event_id": "The event, by the id that this service gave it.",
    "exemption_id": "The exemption.",
    "finding_id": "The urgent finding.",
    "gate_id": "The closure gate.",
    "grant_id": "The grant.",
    "group_id": "The group of the identity provider.",
    "group_role_id": "The role that a group gives.",
    "highlight_id": "The learning highlight.",
    "hold_id": "The legal hold.",
    "interval_id": "The interval.",
    "learning_action_id": "The learning action.",
    "list_id": "The list of cases.",
    "notification_id": "The notification.",
    "number": "The number of the version.",
    "observation_id": "The practice observation.",
    "plan_id": "The quarter plan.",
    "principal_id": "The principal, by the id that you gave it.",
    "quarter": "The quarter of the financial year, like `2026-27 Q1`.",
    "question_key": "The stable key of the question.",
    "redaction_id": "The redaction.",
    "ref": "The subject, as its case system names it.",
    "reference_id": "The reference of a case system.",
    "report_id": "The board report.",
    "response_id": "The audit response.",
    "run_id": "The retention run.",
    "sample_id": "The moderation sample.",
    "system": "The case system, by the code it is registered with.",
    "tool_id": "The audit tool.",
    "update_id": "The QA update.",
    "version": "The version.",
}


def meanings_of(route: APIRoute) -> Mapping[str, str]:
    """The meaning of each parameter of a route's path and query, by its name in the contract.

    Raises LookupError where a field of its query has no docstring beneath it, and TypeError where
    a parameter of the query is no field of a model.
    """
    named = {name: _OF_PATHS[name] for name in route.param_convertors}
    for parameter in route.dependant.query_params:
        query = parameter.field_info.annotation
        if not (isinstance(query, type) and issubclass(query, BaseModel)):
            raise TypeError(f"{route.path}: {parameter.alias} is no field of a query")
        said = _said_in(query)
        for name, field in query.model_fields.items():
            if name not in said:
                raise LookupError(f"{query.__name__}.{name} does not say what it means")
            named[field.alias or name] = said[name]
    return named


def _said_in(query: type[BaseModel]) -> Mapping[str, str]:
    """The docstring beneath each field of a query, those of the classes that it extends too."""
    said: dict[str, str] = {}
    for each in reversed(query.__mro__[: query.__mro__.index(BaseModel)]):
        tree = ast.walk(ast.parse(dedent(inspect.getsource(each))))
        body = next(node.body for node in tree if isinstance(node, ast.ClassDef))
        for field, following in pairwise(body):
            match field, following:
                case (
                    ast.AnnAssign(target=ast.Name(id=name)),
                    ast.Expr(value=ast.Constant(value=str(words))),
                ):
                    said[name] = " ".join(words.split())
    return said
