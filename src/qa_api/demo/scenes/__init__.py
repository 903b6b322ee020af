"""The chapters of the demo, in the order in which they happen."""

from typing import Final

from qa_api.demo.scenes.amendments import AMENDMENTS
from qa_api.demo.scenes.board import BOARD
from qa_api.demo.scenes.carers import CARERS
from qa_api.demo.scenes.closure import CLOSURE
from qa_api.demo.scenes.datasets import DATASETS
from qa_api.demo.scenes.moderation import MODERATION
from qa_api.demo.scenes.observations import OBSERVATIONS
from qa_api.demo.scenes.planning import PLAN
from qa_api.demo.scenes.practice import PRACTICE
from qa_api.demo.scenes.record import RECORD
from qa_api.demo.scenes.retention import RETENTION
from qa_api.demo.story import Chapter

CHAPTERS: Final[tuple[Chapter, ...]] = (
    CLOSURE,
    PLAN,
    MODERATION,
    AMENDMENTS,
    OBSERVATIONS,
    CARERS,
    PRACTICE,
    BOARD,
    DATASETS,
    RECORD,
    RETENTION,
)
