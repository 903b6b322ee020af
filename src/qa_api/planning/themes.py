"""What happens to themes (R4.4.2)."""

from sqlalchemy import select

from qa_api import problems
from qa_api.events import ConfigurationChanged
from qa_api.models.base import new_id
from qa_api.models.directory import Service
from qa_api.models.planning import Theme
from qa_api.planning.schemas import ThemeIn
from qa_api.problems import InputError
from qa_api.rules.decision import AlreadySo
from qa_api.values.preconditions import Precondition
from qa_api.work import Work


async def put_theme(work: Work, code: str, given: ThemeIn, expected: Precondition) -> None:
    """Create the theme of a code, or replace what it says. A retired one stays as it is."""
    theme: Theme | None = await work.session.scalar(
        select(Theme).where(Theme.code == code).with_for_update()
    )
    if theme is not None and theme.retired_at is not None:
        raise AlreadySo("theme")
    expected.check(None if theme is None else theme.version)
    await _require_services(work, given)
    values = given.model_dump()
    if theme is None:
        work.session.add(Theme(code=code, **values))
    else:
        for name, value in values.items():
            setattr(theme, name, value)
    await work.record(ConfigurationChanged(about=new_id(), what="theme", code=code))


async def _require_services(work: Work, given: ThemeIn) -> None:
    named = {source.service for source in given.sources} - {None}
    known = set(await work.session.scalars(select(Service.code).where(Service.code.in_(named))))
    detail = "There is no such service."
    errors = [
        InputError.at(["sources", at, "service"], "unknown", detail)
        for at, source in enumerate(given.sources)
        if source.service is not None and source.service not in known
    ]
    if errors:
        raise problems.validation(errors)


async def retire_theme(work: Work, code: str, expected: Precondition) -> None:
    """Retire a theme: no new plan can have it. Published plans and their audits keep it."""
    theme = await work.find(select(Theme).where(Theme.code == code).with_for_update())
    if theme.retired_at is not None:
        raise AlreadySo("theme")
    expected.check(theme.version)
    theme.retired_at = work.now
    await work.record(ConfigurationChanged(about=new_id(), what="theme", code=code))
