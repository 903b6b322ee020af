"""Bank holidays, and how far the working calendar reaches."""

from argparse import Namespace
from typing import TYPE_CHECKING

from qa_api.commands.common import OnlyTried, as_service, refuse, refuse_file, say

if TYPE_CHECKING:
    from qa_api.work import Work


def add_bank_holiday(asked: Namespace) -> int:
    """Add a bank holiday; open clocks get longer."""

    async def add(work: "Work") -> None:
        from qa_api.calendars.service import add_bank_holiday

        calendar = await add_bank_holiday(work, asked.day, title=asked.title, reason=asked.reason)
        if asked.day > calendar.known_until:
            say(
                f"the calendar ends on {calendar.known_until}: it counts once {asked.day.year} "
                "is known (qa-api bank-holiday confirm-year, or import)"
            )

    return as_service(add, f"{asked.day} is a bank holiday", "bank-holiday add")


def withdraw_bank_holiday(asked: Namespace) -> int:
    """Make a bank holiday a working day again."""

    async def withdraw(work: "Work") -> None:
        from qa_api.calendars.service import withdraw_bank_holiday

        await withdraw_bank_holiday(work, asked.day, reason=asked.reason)

    return as_service(withdraw, f"{asked.day} is an ordinary day", "bank-holiday withdraw")


def confirm_year(asked: Namespace) -> int:
    """Extend the working calendar by a year whose bank holidays you confirm, all of them."""

    async def extend(work: "Work") -> None:
        from qa_api.calendars.extending import confirm_year

        await confirm_year(work, asked.year, dict(asked.holiday), reason=asked.reason)

    days = [day for day, _ in asked.holiday]
    if len(set(days)) < len(days):
        return refuse("a day is given twice")
    return as_service(
        extend, f"the calendar reaches to the end of {asked.year}", "bank-holiday confirm-year"
    )


def import_bank_holidays(asked: Namespace) -> int:
    """Bring in the official file of bank holidays; nothing that is known is dropped."""
    from qa_api.rules.bank_holidays import published_years
    from qa_api.rules.decision import RuleRefused
    from qa_api.values.json_file import read

    async def bring_in(work: "Work") -> None:
        from qa_api.calendars.extending import compare_published, import_published

        found = await compare_published(work, years)
        for word, holidays in found.named():
            for day in sorted(holidays):
                say(f"{word} {day} {holidays[day]}")
        say(f"{found.agrees} are known already; the calendar reaches to {found.known_until}")
        found.check()
        if asked.dry_run:
            raise OnlyTried("the file is sound; nothing was kept")
        if not found.changes:
            raise OnlyTried("nothing was changed: all of it is known already")
        await import_published(work, years, reason=asked.reason)

    try:
        written = read(asked.file.read_bytes())
    except OSError as unreadable:
        return refuse(f"{asked.file} cannot be read: {unreadable.strerror}")
    if written.faults:
        return refuse_file([f"line {at.line}: {at.detail}" for at in written.faults])
    try:
        years = published_years(written.value)
        return as_service(bring_in, "the bank holidays are brought in", "bank-holiday import")
    except OnlyTried as ended:
        print(ended)
        return 0
    except RuleRefused as refused:
        return refuse(str(refused))
