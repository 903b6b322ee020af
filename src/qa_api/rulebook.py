"""The rules' data in this process: policies and calendars, which never change once they have a
version, so that each is read once."""

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from qa_api.models.policy import BankHoliday, CalendarVersion, PolicyVersion
from qa_api.rules.calendar import Calendar
from qa_api.rules.policy import Policy, policy_from_values


class Rulebook:
    """Policies and calendars by version."""

    def __init__(self) -> None:
        self._policies: dict[int, Policy] = {}
        self._calendars: dict[int, Calendar] = {}

    async def policy(self, session: AsyncSession, version: int) -> Policy:
        """The policy that a record was, or is now, made under."""
        if version not in self._policies:
            row = await session.get_one(PolicyVersion, version)
            self._policies[version] = policy_from_values(version, row.effective_from, row.values)
        return self._policies[version]

    async def calendar(self, session: AsyncSession, version: int) -> Calendar:
        """The working calendar as it stood at a version."""
        if version not in self._calendars:
            row = await session.get_one(CalendarVersion, version)
            holidays = await session.execute(
                select(BankHoliday.holiday_on, BankHoliday.title).where(
                    BankHoliday.added_version <= version,
                    BankHoliday.withdrawn_version.is_(None)
                    | (BankHoliday.withdrawn_version > version),
                )
            )
            self._calendars[version] = Calendar(
                division=row.division,
                version=version,
                known_from=row.known_from,
                known_until=row.known_until,
                holidays={row.holiday_on: row.title for row in holidays},
            )
        return self._calendars[version]
