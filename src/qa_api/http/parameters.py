"""What the parameters of an operation mean.

A name in a path means the same wherever it stands, or where in a collection. A field of a query
does not: each list says beside the field what it means there, and one that does not say it is an
error.
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
    "comment_id": "The comment.",
    "dataset": "The dataset, by its name in the dictionary.",
    "decision_id": "The decision of the Board.",
    "delivery_id": "The delivery.",
    "download_id": "The download.",
    "domain_key": "The stable key of the domain.",
    "endpoint_id": "The webhook endpoint.",
    "entry_id": "The entry of unusual reads.",
    "escalation_id": "The escalation.",
    "event_id": "The event, by the id that this service gave it.",
    "finding_id": "The urgent finding.",
    "gate_id": "The closure gate.",
    "group_id": "The group of the identity provider.",
    "group_role_id": "The role that a group gives.",
    "grant_id": "The grant that lets somebody see a restricted record.",
    "hand_over_id": "The hand-over.",
    "highlight_id": "The learning highlight.",
    "hold_id": "The legal hold.",
    "interval_id": "The interval at which something is audited.",
    "learning_action_id": "The learning action.",
    "list_id": "The list of cases that was chosen or drawn for the plan.",
    "notification_id": "The notification.",
    "number": "The number of the scale's version; the first is 1.",
    "observation_id": "The practice observation.",
    "plan_id": "The quarter plan.",
    "practice_audit_id": "The practice audit.",
    "practice_case_id": "The practice case, which was made up.",
    "principal_id": "The principal, by the id that you gave it.",
    "quarter": "The quarter of the financial year, like `2026-27 Q1`.",
    "question_key": "The stable key of the question.",
    "redaction_id": "The redaction.",
    "ref": "The subject, as its case system names it.",
    "reference_id": "What a case system calls a team or a worker, by our id.",
    "report_id": "The board report.",
    "response_id": "The audit response.",
    "run_id": "The retention run.",
    "sample_id": "The moderation sample.",
    "system": "The case system, by the code it is registered with.",
    "tool_id": "The audit tool.",
    "update_id": "The QA update.",
    "version": "The version of the policy; the first is 1.",
}

_OF_COLLECTIONS: Final = {
    "audit-types": "The audit type, by the code that the authority gave it.",
    "auditor-groups": "The auditor group, by the code that the authority gave it.",
    "bank-holidays": "The London date of the bank holiday.",
    "case-systems": "The case system, by the code it is registered with.",
    "caseloads": "The London day whose open cases these are.",
    "judgement-scales": "The judgement scale, by the code that the authority gave it.",
    "observation-exemptions": "Who need not be observed, until when: the exemption.",
    "quarter-plans": "Who is exempt from the plan: the exemption.",
    "services": "The service, by the code that the authority gave it.",
    "teams": "The team, by the code that the authority gave it.",
    "themes": "The theme, by the code that the authority gave it.",
    "workers": "The worker, by the code that the authority gave them.",
}
"""What a name that several collections use (`code`, `exemption_id`) means in each."""


def _in_path(name: str, path: str) -> str:
    return _OF_PATHS.get(name) or _OF_COLLECTIONS[path.split("/")[2]]


def meanings_of(route: APIRoute) -> Mapping[str, str]:
    """The meaning of each parameter of a route's path and query, by its name in the contract.

    Raises LookupError where a field of its query has no docstring beneath it, and TypeError where
    a parameter of the query is no field of a model.
    """
    named = {name: _in_path(name, route.path_format) for name in route.param_convertors}
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
