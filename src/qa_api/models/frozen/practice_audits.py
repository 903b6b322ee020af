"""What stands of practice audits (R4.5.4); nothing of them is ever written again."""

from typing import Final

from qa_api.models.frozen.entries import Begun

PRACTICE_AUDITS: Final = (
    Begun(
        "practice_audits",
        "judging",
        "a case is judged once it is set, and not after its last day",
        not_as="true",
        # A minute is left for the clocks of two machines.
        witness="EXISTS (SELECT FROM practice_cases c WHERE c.id = NEW.case_id"
        " AND c.set_at <= NEW.judged_at + interval '1 minute' AND (c.ends_on IS NULL"
        " OR (NEW.judged_at AT TIME ZONE 'Europe/London')::date <= c.ends_on))",
    ),
)
