"""No message overtakes another about the same case, however long a receiver hangs."""

from typing import Final

from qa_api.checking.answers import Answer, Row
from qa_api.models.deliveries import Delivery
from qa_api.work import Workshop

_WAITING: Final = "SELECT count(*) FROM deliveries WHERE state = 'waiting' AND lane <> 'test'"
_OVERTAKEN: Final = """
SELECT earlier.id FROM deliveries earlier
WHERE earlier.state = 'waiting' AND earlier.lane <> 'test' AND EXISTS (
    SELECT FROM deliveries later
    WHERE later.endpoint_id = earlier.endpoint_id AND later.lane = earlier.lane
    AND later.case_key = earlier.case_key AND later.position > earlier.position
    AND later.attempts > 0)
"""


async def no_message_overtakes_another(workshop: Workshop) -> Answer:
    """While one waits, none behind it about the same case is tried."""
    async with workshop.open_as_service("check") as work:
        await work.act_as_service()
        asked = await work.driver.fetchval(_WAITING)
        found = await work.driver.fetch(_OVERTAKEN)
    return Answer.of(asked, (Row(Delivery.__tablename__, row["id"]) for row in found))
