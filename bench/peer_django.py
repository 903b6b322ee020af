"""A peer: Django REST framework over the same tables, as most of its services are written.

Models, nested serializers, `select_related` and `prefetch_related`, a pool of connections. No
token, no visibility, no policies (it connects as the tables' owner), no access log, no events, no
keys. `allowed_actions` is left empty, which is in its favour. It runs in an environment of its own
(`bench/peers.py`) and knows nothing of the service.
"""

import os
from typing import Any, ClassVar
from urllib.parse import parse_qsl, unquote, urlsplit
from uuid import uuid4

import django
from django.conf import settings


def _database(url: str) -> dict[str, Any]:
    """A PostgreSQL URL as Django has it; a socket's directory stands in `host`."""
    parts, asked = urlsplit(url), dict(parse_qsl(urlsplit(url).query))
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": parts.path.lstrip("/"),
        "USER": unquote(parts.username or asked.get("user", "")),
        "PASSWORD": unquote(parts.password or asked.get("password", "")),
        "HOST": parts.hostname or asked.get("host", ""),
        "PORT": str(parts.port or asked.get("port", "")),
        "OPTIONS": {"pool": {"min_size": 4, "max_size": 10}, "options": "-c jit=off"},
    }


settings.configure(
    ALLOWED_HOSTS=["127.0.0.1"],
    DATABASES={"default": _database(os.environ["QA_MIGRATE_URL"])},
    INSTALLED_APPS=["rest_framework", "bench"],
    REST_FRAMEWORK={
        "DEFAULT_AUTHENTICATION_CLASSES": [],
        "DEFAULT_PERMISSION_CLASSES": [],
        "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
        "DEFAULT_PARSER_CLASSES": ["rest_framework.parsers.JSONParser"],
        "UNAUTHENTICATED_USER": None,
    },
    ROOT_URLCONF=__name__,
    SECRET_KEY="of the benchmark, no one else's",
    TIME_ZONE="UTC",
    USE_TZ=True,
)
django.setup()

# Django must know its settings before these.
from django.core.wsgi import get_wsgi_application
from django.db import models, transaction
from django.db.models.functions import Now
from django.shortcuts import get_object_or_404
from django.urls import path
from django.utils import timezone
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView


def _text(**options: Any) -> Any:
    return models.TextField(null=True, **options)


class Table(models.Model):
    """A table that is there already."""

    class Meta:
        abstract = True
        managed = False
        app_label = "bench"


class Subject(Table):
    id = models.UUIDField(primary_key=True)
    kind, system, ref = models.TextField(), models.TextField(), models.TextField()
    team, worker = _text(), _text()

    class Meta(Table.Meta):
        db_table = "subjects"


class SubjectAlias(Table):
    pk = models.CompositePrimaryKey("system", "ref", "subject_id")
    system, ref = models.TextField(), models.TextField()
    subject = models.ForeignKey(Subject, models.DO_NOTHING)

    class Meta(Table.Meta):
        db_table = "subject_aliases"


class AuditType(Table):
    code = models.TextField(primary_key=True)
    tool_code = models.TextField()

    class Meta(Table.Meta):
        db_table = "audit_types"


class AuditTool(Table):
    id = models.UUIDField(primary_key=True)
    code, state, overall = models.TextField(), models.TextField(), models.TextField()
    scale_code, scale_number = models.TextField(), models.IntegerField()

    class Meta(Table.Meta):
        db_table = "audit_tools"


class Audit(Table):
    id = models.UUIDField(primary_key=True, default=uuid4)
    type, state, opened_by = models.TextField(), models.TextField(), models.TextField()
    subject = models.ForeignKey(Subject, models.DO_NOTHING, null=True)
    team, worker, auditor = _text(), _text(), _text()
    due_on = models.DateField(null=True)
    planned_at = models.DateTimeField()
    completed_at = models.DateTimeField(null=True)
    changed_at = models.DateTimeField(db_default=Now())
    overall_judgement, overall_rationale = _text(), _text()
    restricted = models.BooleanField(db_default=False)
    version = models.IntegerField(default=1)
    tool_id = models.UUIDField(null=True)
    scale_code, scale_number = _text(), models.IntegerField(null=True)
    overall_asked = models.TextField()
    revision = models.IntegerField(db_default=1)
    re_audit_of, gate_id = models.UUIDField(null=True), models.UUIDField(null=True)
    plan_id = models.UUIDField(null=True)
    plan_team, theme_code, audited_team, audited_worker = _text(), _text(), _text(), _text()
    audited_team_manager, audited_head_of_service = _text(), _text()
    conflict_override_reason, cancel_reason = _text(), _text()
    started_at = models.DateTimeField(null=True)
    closed_at, cancelled_at = models.DateTimeField(null=True), models.DateTimeField(null=True)
    discussed_in_supervision_on = models.DateField(null=True)
    discussed_in_comment_id = models.UUIDField(null=True)
    policy_version = models.IntegerField()
    positive_feedback, paper_records_read, error_reason = _text(), _text(), _text()
    error_reported_by = models.UUIDField(null=True)

    class Meta(Table.Meta):
        db_table = "audits"


def _of_audit(name: str) -> Any:
    return models.ForeignKey(Audit, models.DO_NOTHING, related_name=name)


def _one_of_audit(name: str) -> Any:
    return models.OneToOneField(Audit, models.DO_NOTHING, primary_key=True, related_name=name)


class Answer(Table):
    pk = models.CompositePrimaryKey("audit_id", "question_key")
    audit = _of_audit("answers")
    question_key, tool_id = models.TextField(), models.UUIDField()
    value = models.JSONField(null=True)
    evidence, rationale, comment = _text(), _text(), _text()
    done_on, expected_by = models.DateField(null=True), models.DateField(null=True)
    answered_at = models.DateTimeField()
    left_out = models.BooleanField(db_default=False)
    version = models.IntegerField(default=1)
    subject_id, team, worker = models.UUIDField(null=True), _text(), _text()

    class Meta(Table.Meta):
        db_table = "audit_answers"
        ordering: ClassVar = ["question_key"]

    @property
    def applies(self) -> bool:
        """As the answer of a completed audit says it."""
        return not self.left_out


class Judgement(Table):
    pk = models.CompositePrimaryKey("audit_id", "domain_key")
    audit = _of_audit("judgements")
    domain_key, judgement = models.TextField(), models.TextField()
    rationale = models.TextField()

    class Meta(Table.Meta):
        db_table = "domain_judgements"
        ordering: ClassVar = ["domain_key"]


class FamilyContact(Table):
    audit = _one_of_audit("family_contact")
    expected, not_expected_reason = models.BooleanField(), _text()
    key_worker_forewarned = models.BooleanField(null=True)
    contact_details_checked = models.BooleanField(null=True)

    class Meta(Table.Meta):
        db_table = "family_contacts"


class Attempt(Table):
    pk = models.CompositePrimaryKey("contact_id", "number")
    contact = models.ForeignKey(
        FamilyContact, models.DO_NOTHING, db_column="audit_id", related_name="contacts"
    )
    number, at = models.IntegerField(), models.DateTimeField()
    who, how, outcome = models.TextField(), models.TextField(), models.TextField()
    feedback = _text()

    class Meta(Table.Meta):
        db_table = "family_contact_attempts"
        ordering: ClassVar = ["number"]


class WorkerView(Table):
    audit = _one_of_audit("worker_view")
    view, recorded_at = models.TextField(), models.DateTimeField()

    class Meta(Table.Meta):
        db_table = "worker_views"


class OwnView(Table):
    audit = _one_of_audit("own_view")
    view, written_at = models.TextField(), models.DateTimeField()

    class Meta(Table.Meta):
        db_table = "own_views"


class Revision(Table):
    pk = models.CompositePrimaryKey("audit_id", "number")
    audit = _of_audit("revisions")
    number, reason = models.IntegerField(), models.TextField()
    replaced_at, replaced_by = models.DateTimeField(), _text()

    class Meta(Table.Meta):
        db_table = "audit_revisions"
        ordering: ClassVar = ["number"]


class UrgentFinding(Table):
    id = models.UUIDField(primary_key=True)
    audit = _of_audit("urgent_findings")
    kind, description = models.TextField(), models.TextField()
    child_safe_now, raised_at = models.TextField(), models.DateTimeField()

    class Meta(Table.Meta):
        db_table = "urgent_findings"
        ordering: ClassVar = ["id"]


class Action(Table):
    id = models.UUIDField(primary_key=True, default=uuid4)
    audit = _of_audit("actions")
    kind, description, state = models.TextField(), models.TextField(), models.TextField()
    needed_before_closure, owner = models.BooleanField(), _text()
    due_on, done_on = models.DateField(null=True), models.DateField(null=True)
    version = models.IntegerField(default=1)
    subject_id, team, worker = models.UUIDField(null=True), _text(), _text()

    class Meta(Table.Meta):
        db_table = "restorative_actions"
        ordering: ClassVar = ["id"]


class DueDate(Table):
    audit = _one_of_audit("owed")
    due_on, settled_on = models.DateField(), models.DateField(null=True)
    stands, policy_version = models.BooleanField(), models.IntegerField()
    explanation = models.JSONField()

    class Meta(Table.Meta):
        db_table = "audit_due_dates"


def _shown(table: type[models.Model], *names: str, **nested: Any) -> Any:
    """A model serializer of some fields, and of nested ones."""
    meta = type(
        "Meta", (), {"model": table, "fields": [*names, *nested], "read_only_fields": names}
    )
    return type(f"{table.__name__}Out", (serializers.ModelSerializer,), {"Meta": meta, **nested})


def _one(serializer: Any) -> Any:
    return serializer(allow_null=True, read_only=True)


ROW = (
    *("id", "type", "state", "team", "worker", "auditor", "opened_by", "due_on", "planned_at"),
    *("completed_at", "changed_at", "overall_judgement", "restricted", "version"),
)
WHOLE = (
    *ROW,
    *("tool_id", "scale_code", "scale_number", "overall_asked", "revision", "re_audit_of"),
    *("gate_id", "plan_id", "plan_team", "theme_code", "audited_team", "audited_worker"),
    *("audited_team_manager", "audited_head_of_service", "conflict_override_reason", "started_at"),
    *("closed_at", "cancelled_at", "cancel_reason", "discussed_in_supervision_on"),
    *("discussed_in_comment_id", "policy_version", "overall_rationale", "positive_feedback"),
    *("paper_records_read", "error_reason", "error_reported_by"),
)
SubjectOut = _shown(Subject, "id", "kind", "system", "ref")
AnswerOut = _shown(
    Answer,
    *("question_key", "value", "evidence", "rationale", "comment", "done_on", "expected_by"),
    *("answered_at", "version"),
    applies=serializers.BooleanField(read_only=True),
)
AttemptOut = _shown(Attempt, "who", "how", "at", "outcome", "feedback")
FamilyContactOut = _shown(
    FamilyContact,
    *("expected", "not_expected_reason", "key_worker_forewarned", "contact_details_checked"),
    contacts=AttemptOut(many=True, read_only=True),
)
OwedOut = _shown(DueDate, "due_on", "settled_on", "stands", "policy_version", "explanation")
FindingOut = _shown(UrgentFinding, "id", "kind", "description", "child_safe_now", "raised_at")
ActionOut = _shown(
    Action,
    *("id", "kind", "description", "needed_before_closure", "state", "owner", "due_on", "done_on"),
    "version",
)
AuditRow = _shown(
    Audit,
    *ROW,
    subject=_one(SubjectOut),
    judgement_sealed=serializers.BooleanField(read_only=True, default=False),
)
AuditOut = _shown(
    Audit,
    *WHOLE,
    subject=_one(SubjectOut),
    judgement_sealed=serializers.BooleanField(read_only=True, default=False),
    content_withheld=serializers.BooleanField(read_only=True, default=False),
    answers=AnswerOut(many=True, read_only=True),
    judgements=_shown(Judgement, "domain_key", "judgement", "rationale")(many=True, read_only=True),
    family_contact=_one(FamilyContactOut),
    worker_view=_one(_shown(WorkerView, "view", "recorded_at")),
    own_view=_one(_shown(OwnView, "view", "written_at")),
    revisions=_shown(Revision, "number", "reason", "replaced_at", "replaced_by")(
        many=True, read_only=True
    ),
    urgent_findings=FindingOut(many=True, read_only=True),
    actions=ActionOut(many=True, read_only=True),
    owed=_one(OwedOut),
)
AUDITS = Audit.objects.select_related(
    "subject", "family_contact", "worker_view", "own_view", "owed"
).prefetch_related(
    *("answers", "judgements", "family_contact__contacts", "revisions", "urgent_findings"),
    "actions",
)


class SubjectIn(serializers.Serializer):
    system, ref = serializers.CharField(), serializers.CharField()


class AnswerIn(serializers.Serializer):
    question_key, value = serializers.CharField(), serializers.JSONField()
    evidence = serializers.CharField(required=False, allow_null=True)
    rationale = serializers.CharField(required=False, allow_null=True)


class ActionIn(serializers.Serializer):
    kind, description = serializers.CharField(), serializers.CharField()
    needed_before_closure = serializers.BooleanField()


class AuditIn(serializers.Serializer):
    type, auditor = serializers.CharField(), serializers.CharField()
    subject = SubjectIn()
    answers, actions = AnswerIn(many=True), ActionIn(many=True)


class OneAudit(APIView):
    def get(self, _: Request, audit_id: str) -> Response:
        return Response(AuditOut(get_object_or_404(AUDITS, pk=audit_id)).data)


class Audits(APIView):
    def get(self, request: Request) -> Response:
        asked = request.query_params
        limit = int(asked.get("limit", "50"))
        found = Audit.objects.filter(
            team=asked["team"], state=asked["state"], id__lt=asked["after"]
        )
        audits = list(found.order_by("-id").select_related("subject")[: limit + 1])
        following = str(audits[limit - 1].id) if len(audits) > limit else None
        return Response(
            {"items": AuditRow(audits[:limit], many=True).data, "next_cursor": following}
        )

    def post(self, request: Request) -> Response:
        body = AuditIn(data=request.data)
        body.is_valid(raise_exception=True)
        with transaction.atomic():
            audit_id = _plan(body.validated_data)
        return Response(AuditOut(AUDITS.get(pk=audit_id)).data, status=201)


def _plan(said: dict[str, Any]) -> Any:
    alias = SubjectAlias.objects.select_related("subject").get(**said["subject"])
    subject = alias.subject
    of_type = AuditType.objects.filter(code=said["type"]).values("tool_code")
    tool = AuditTool.objects.get(code__in=of_type, state="published")
    now = timezone.now()
    held = {"subject_id": subject.id, "team": subject.team, "worker": subject.worker}
    audit = Audit.objects.create(
        **held,
        type=said["type"],
        state="in_progress",
        opened_by="person",
        auditor=said["auditor"],
        tool_id=tool.id,
        scale_code=tool.scale_code,
        scale_number=tool.scale_number,
        overall_asked=tool.overall,
        policy_version=1,
        audited_worker=subject.worker,
        audited_team=subject.team,
        planned_at=now,
        started_at=now,
    )
    Answer.objects.bulk_create(
        Answer(audit=audit, **held, **one, tool_id=tool.id, answered_at=now)
        for one in said["answers"]
    )
    ids = sorted(uuid4() for _ in said["actions"])  # shown in the order in which they were sent
    Action.objects.bulk_create(
        Action(id=action_id, audit=audit, **held, **one, state="open")
        for action_id, one in zip(ids, said["actions"], strict=True)
    )
    return audit.id


urlpatterns = [
    path("v1/audits", Audits.as_view()),
    path("v1/audits/<uuid:audit_id>", OneAudit.as_view()),
]
application = get_wsgi_application()
