"""The routes of the rules: working days, deadlines, bank holidays, policy (§4.2)."""

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from qa_api.auth.roles import Permission
from qa_api.calendars import extending as extension
from qa_api.calendars import policies, queries, service
from qa_api.calendars.extending_schemas import (
    BankHolidayComparisonOut,
    CalendarComparison,
    CalendarImport,
    NewCalendarYear,
)
from qa_api.calendars.policy_schemas import NewPolicy, PolicyOut, PolicyRow
from qa_api.calendars.schemas import (
    AdditionOut,
    AdditionQuery,
    BankHolidayOut,
    BankHolidayQuery,
    DeadlineOut,
    DeadlineQuery,
    NewBankHoliday,
    Withdrawal,
    WorkingCalendarOut,
)
from qa_api.http.access import secured
from qa_api.http.computed_reads import answered, computed_read
from qa_api.http.reads import Reader
from qa_api.http.route import StrictRoute
from qa_api.http.writes import JSON, Change
from qa_api.values.fields import IsoDate, QueryCount
from qa_api.values.pages import PageQuery, page_of
from qa_api.work import Work

router = APIRouter(prefix="/v1", tags=["rules"], route_class=StrictRoute)


Consulting = Annotated[Work, secured(computed_read, Permission.RULES_READ)]
Reading = Annotated[Reader, secured(Reader.of, Permission.RULES_READ)]
Adding = Annotated[Change, secured(Change.creating, Permission.CALENDAR_WRITE)]
Comparing = Annotated[Change, secured(Change.looking, Permission.CALENDAR_WRITE)]
Withdrawing = Annotated[Change, secured(Change.of, Permission.CALENDAR_WRITE)]
Deciding = Annotated[Change, secured(Change.creating, Permission.POLICY_WRITE)]


@router.get("/working-days/add", response_model=AdditionOut)
async def add_working_days(
    query: Annotated[AdditionQuery, Query()], request: Request, work: Consulting
) -> Response:
    """The date so many working days after a day, explained day by day (R4.2.1)."""
    found = await service.count_working_days(work, query)
    return answered(request, found.calendar.version, found)


@router.get("/deadlines/explain", response_model=DeadlineOut)
async def explain_deadline(
    query: Annotated[DeadlineQuery, Query()], request: Request, work: Consulting
) -> Response:
    """The due date that a clock of the procedure gives when it starts at an instant, and why (X2).

    It is counted by the policy in force on the London date of the instant and by the newest
    calendar, unless you name other versions.
    """
    found = await service.explain_deadline(work, query)
    return answered(request, found.explanation.policy_version, found)


@router.get("/working-calendar", response_model=WorkingCalendarOut)
async def get_working_calendar(reading: Reading) -> Response:
    """The working calendar as it stands: which days it knows, and whether it ends soon."""
    return await reading.document(queries.WORKING_CALENDAR)


@router.post("/working-calendar/years", response_model=WorkingCalendarOut, status_code=201)
async def confirm_calendar_year(body: NewCalendarYear, extending: Adding) -> Response:
    """Extend the working calendar by a year whose bank holidays you confirm, all of them.

    The dates that it did not reach are counted now, each from its own start. The year follows the
    last one that is known; a list that is not whole, or contradicts what is known, is refused.
    """
    holidays = extension.holidays_of(body)
    await extending.do(extension.confirm_year, body.year, holidays, reason=body.reason)
    return await _extended(extending)


@router.post("/working-calendar/imports", response_model=WorkingCalendarOut, status_code=201)
async def import_bank_holidays(body: CalendarImport, extending: Adding) -> Response:
    """Import the official file of bank holidays: what it adds, and how far it reaches.

    Compare it first. Nothing that is known is dropped: a file that contradicts it is refused,
    naming each day. A file that says nothing new changes nothing.
    """
    years = extension.years_of(body.file)
    await extending.do(extension.import_published, years, reason=body.reason)
    return await _extended(extending)


async def _extended(extending: Change) -> Response:
    response = await extending.document(queries.WORKING_CALENDAR, status=201)
    response.headers["Location"] = "/v1/working-calendar"
    return response


@router.post("/working-calendar/comparisons", response_model=BankHolidayComparisonOut)
async def compare_bank_holidays(body: CalendarComparison, comparing: Comparing) -> Response:
    """What the official file would change about the bank holidays, and what it contradicts."""
    found = await extension.compare_published(comparing.work, extension.years_of(body.file))
    return Response(extension.comparison_out(found).model_dump_json(), media_type=JSON)


@router.get("/bank-holidays", response_model=page_of(BankHolidayOut))
async def list_bank_holidays(
    query: Annotated[BankHolidayQuery, Query()], reading: Reading
) -> Response:
    """Every bank holiday, official or the authority's, also the withdrawn, by date."""
    return await reading.page(queries.BANK_HOLIDAYS, query)


@router.get("/bank-holidays/{date}", response_model=BankHolidayOut)
async def get_bank_holiday(date: IsoDate, reading: Reading) -> Response:
    """The bank holiday of a day."""
    return await reading.document(queries.BANK_HOLIDAY, holiday_on=date)


@router.post("/bank-holidays", response_model=BankHolidayOut, status_code=201)
async def add_bank_holiday(body: NewBankHoliday, adding: Adding) -> Response:
    """Add a bank holiday: a new version of the calendar. Open due dates after it get later.

    What is closed keeps its date, and every earlier version of the calendar stays (R4.2.4).
    """
    await adding.do(service.add_bank_holiday, body.date, title=body.title, reason=body.reason)
    location = f"/v1/bank-holidays/{body.date}"
    return await adding.created(queries.BANK_HOLIDAY, location, holiday_on=body.date)


@router.post("/bank-holidays/{date}/withdraw", response_model=BankHolidayOut)
async def withdraw_bank_holiday(
    date: IsoDate, body: Withdrawal, withdrawing: Withdrawing
) -> Response:
    """Make a bank holiday a working day again. No due date gets earlier by it."""
    await withdrawing.do(
        service.withdraw_bank_holiday, date, reason=body.reason, expected=withdrawing.if_match
    )
    return await withdrawing.document(queries.BANK_HOLIDAY, holiday_on=date)


@router.get("/policies", response_model=page_of(PolicyRow))
async def list_policies(query: Annotated[PageQuery, Query()], reading: Reading) -> Response:
    """Every version of the policy, the newest first."""
    return await reading.page(queries.POLICIES, query)


@router.get("/policies/in-force", response_model=PolicyOut)
async def get_policy_in_force(reading: Reading) -> Response:
    """The policy in force today: every value with its default, clause and meaning."""
    return await reading.document(queries.POLICY_IN_FORCE)


@router.get("/policies/{version}", response_model=PolicyOut)
async def get_policy(version: QueryCount, reading: Reading) -> Response:
    """One version of the policy."""
    return await reading.document(queries.POLICY, version=version)


@router.post("/policies", response_model=PolicyOut, status_code=201)
async def change_policy(body: NewPolicy, deciding: Deciding) -> Response:
    """Make a new version of the policy, from today or a later day on; Q&S are told.

    Records keep the version they were made under. Two people decide on what makes a safeguard
    weaker (`second_person_when` of its key): propose it at `/v1/rights-changes`, as `policy`. Here
    it is 422 `second-person`.
    """
    await deciding.do(policies.change_policy, deciding.id, body)
    version = await policies.policy_made_as(deciding.work, deciding.id)
    return await deciding.created(queries.POLICY, f"/v1/policies/{version}", version=version)
