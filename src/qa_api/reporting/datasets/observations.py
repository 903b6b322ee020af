"""Practice observations and what teams learned in a quarter (§4.6)."""

from typing import Final

from qa_api.models.observations import LearningHighlight, PracticeObservation
from qa_api.reporting.columns import (
    QUARTER,
    Dataset,
    coded,
    day,
    flag,
    london_date,
    named,
    worker,
)
from qa_api.reporting.datasets.audits import A_TEAM, TEAM

PRACTICE_OBSERVATIONS: Final = Dataset(
    name="practice-observations",
    entity=PracticeObservation,
    meaning="Each observation of a worker's practice; also what was withdrawn.",
    clause="R4.6.2",
    dated="observed_on",
    listed_at="/v1/practice-observations",
    columns=(
        worker("worker", "Whose practice was observed."),
        worker("observer", "Who observed it."),
        *named("team", "The team it was recorded for.", A_TEAM, TEAM),
        day("observed_on", "When it took place.", "R4.6.2"),
        flag("planned", "Whether it was planned.", "R4.6.2"),
        *coded("family_consent", "Whether the family consented.", "given", "R4.6.2"),
        day("recorded_on", "When it was recorded.", read=lambda row: london_date(row.recorded_at)),
        flag(
            "withdrawn",
            "Whether it was withdrawn: then it counts for nothing.",
            read=lambda row: row.withdrawn_at.is_not(None),
        ),
    ),
)

LEARNING_HIGHLIGHTS: Final = Dataset(
    name="learning-highlights",
    entity=LearningHighlight,
    meaning="What each team learned in a quarter: that it was recorded and answered, not the text.",
    clause="R4.6.3",
    dated="recorded_on",
    listed_at="/v1/learning-highlights",
    columns=(
        *named("team", "The team.", A_TEAM, TEAM),
        QUARTER,
        *coded("routed_to", "Who is to do something about it.", "learning_development", "R4.6.3"),
        day("due_on", "By when it was to be recorded.", "R4.6.3"),
        day("recorded_on", "When it was recorded.", "R4.6.3"),
        flag(
            "late",
            "Whether that was after it was due.",
            "R4.6.3",
            lambda row: row.recorded_on > row.due_on,
        ),
        day(
            "answered_on",
            "When it came back with what was done.",
            "R4.6.3",
            lambda row: london_date(row.answered_at),
        ),
    ),
)
