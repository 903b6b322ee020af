"""The filters of lists of outcomes: of one sample, and over all (R4.5.3)."""

from qa_api.rules.agreement import Compared
from qa_api.values.fields import Choice, Code, IsoDate, Key, QueryCount, QueryFlag, Uuid
from qa_api.values.judged import AskedOfDomain, AskedScale
from qa_api.values.pages import ChangesQuery, PageQuery


class OutcomeQuery(PageQuery):
    """The filters of a sample's outcomes."""

    moderator: Code | None = None
    """Only what this person moderates, by worker code."""
    judged: QueryFlag | None = None
    """`true`: only what has its outcome; `false`: only what has not."""
    sealed: QueryFlag | None = None
    """`true`: only sealed second grades; `false`: only those that are not sealed."""


class OutcomesOf(OutcomeQuery):
    """The outcomes of one sample."""

    sample: Uuid


class AllOutcomesQuery(OutcomeQuery, ChangesQuery):
    """The filters of the list of outcomes over all samples."""

    sample: Uuid | None = None
    """Only of this moderation sample."""
    type: Code | None = None
    """Only of audits of this type, by code."""
    auditor_team: Code | None = None
    """Only by auditors of this team, by code."""
    scale: Code | None = None
    """Only of audits judged as a whole on this judgement scale, by code."""
    scale_number: QueryCount | None = None
    """Only of audits judged as a whole on this version of a judgement scale, by number."""
    compared: Choice[Compared] | None = None
    """Only where the moderated judgement compares like this with the auditor's."""
    profile: AskedScale | None = None
    """Only of audits whose tool requires no overall judgement, on this version of a judgement
    scale: its code and number, like `four-point/1`."""
    domain: Key | None = None
    """Only where this domain of the tool was moderated, by key."""
    domain_compared: AskedOfDomain | None = None
    """Only where the moderated judgement of a domain compares like this with the auditor's: its key
    and how, like `voice_of_the_child/exact`."""
    in_error: QueryFlag | None = None
    """`true`: only of audits recorded in error; `false`: only of those that stand."""
    completed_from: IsoDate | None = None
    """Only of audits completed on this London date or later."""
    completed_to: IsoDate | None = None
    """Only of audits completed before this London date."""
