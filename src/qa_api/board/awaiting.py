"""Which services owe the Board an update that they have not begun, for the lists of work (X6)."""

from sqlalchemy import select

from qa_api.board.update_dates import due_of, last_quarter
from qa_api.models.board import AwaitedUpdate, QaUpdate
from qa_api.models.directory import Service
from qa_api.rules.local_time import FinancialQuarter
from qa_api.work import Work


async def count_awaited_updates(work: Work) -> None:
    """Bring the list up to today: one entry for each service, from the end of a quarter (R4.7.1).

    An entry stays, however many quarters pass, until the update is begun.
    """
    if not work.policy_version:
        return  # nothing is asked of anybody yet
    begun = await work.session.execute(select(QaUpdate.service, QaUpdate.quarter))
    done = {(row.service, row.quarter) for row in begun}
    listed = {
        (row.service, row.quarter): row for row in await work.session.scalars(select(AwaitedUpdate))
    }
    quarter = last_quarter(work).label
    asked = {(code, quarter) for code in await work.session.scalars(select(Service.code))}
    for service, label in sorted(asked - listed.keys()):
        listed[service, label] = AwaitedUpdate(service=service, quarter=label)
    due_on = {
        label: (await due_of(work, FinancialQuarter.labelled(label))).due_on
        for label in {label for _, label in listed.keys() - done}
    }
    for key, row in listed.items():
        if key in done:
            if row in work.session:
                await work.session.delete(row)
            continue
        work.session.add(row)
        row.due_on = due_on[row.quarter]
