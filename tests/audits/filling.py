"""An audit filled in by its auditor in one piece of work: for tests of what follows it.

It goes by the verbs and rules of the audits domain, as the requests do that `test_life_cycle.py`
and its neighbours make one by one; here two dozen of them would only lead up to what is tested.
"""

from collections.abc import Mapping
from uuid import UUID

from qa_api.audits import content
from qa_api.audits.answers import record_answer
from qa_api.audits.content_schemas import ActionIn, AnswerIn, FamilyContactIn, JudgementIn
from qa_api.audits.schemas import AuditEdit
from qa_api.audits.service import edit_audit
from qa_api.auth.roles import Permission
from qa_api.models.base import new_id
from qa_api.values.preconditions import Precondition
from qa_api.work import Work
from tests.api import Api, Json

NEW = Precondition(must_not_exist=True)
ANY = Precondition(any_version=True)


def fill(
    auditor: Api,
    path: str,
    *,
    judgements: Mapping[str, Json],
    contact: Json,
    praise: str,
    answers: Mapping[str, Json] | None = None,
    actions: tuple[Json, ...] = (),
) -> None:
    """Answer, judge and say all that is given, of the audit at `path`, which is begun."""
    audit_id = UUID(path.rpartition("/")[2])

    async def in_order(work: Work) -> None:
        await fill_in(
            work,
            audit_id,
            judgements=judgements,
            contact=contact,
            edit=AuditEdit(positive_feedback=praise),
            answers=answers or {},
            actions=actions,
        )

    auditor.do(Permission.AUDIT_CARRY_OUT, in_order)


async def fill_in(
    work: Work,
    audit_id: UUID,
    *,
    judgements: Mapping[str, Json],
    contact: Json,
    edit: AuditEdit,
    answers: Mapping[str, Json],
    actions: tuple[Json, ...],
) -> None:
    """The same in a piece of work of the auditor."""
    for key, answer in answers.items():
        given = AnswerIn.model_validate(answer)
        await record_answer(work, audit_id, key, NEW, given)
    for key, judgement in judgements.items():
        judged = JudgementIn.model_validate(judgement)
        await content.judge_domain(work, audit_id, key, ANY, judged)
    told = FamilyContactIn.model_validate(contact)
    await content.record_family_contact(work, audit_id, ANY, told)
    await edit_audit(work, audit_id, ANY, edit)
    for action in actions:
        wanted = ActionIn.model_validate(action)
        await content.add_action(work, audit_id, new_id(), wanted)
