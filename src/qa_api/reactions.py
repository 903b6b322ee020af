"""What other domains do about an event, inside the same transaction, in this order."""

from qa_api.work import Reactions

REACTIONS: Reactions = {}
