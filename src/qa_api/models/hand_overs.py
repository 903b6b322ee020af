"""The open work of somebody who leaves or is away, handed to others: proposed, then carried out."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, Text, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column, relationship

from qa_api.models.base import Base, Identified, Stateful, Versioned, life_cycle


class HandOver(Base, Identified, Stateful, Versioned):
    """One hand-over: from whom, to whom, which kinds; what goes where stands in its items."""

    __tablename__ = "hand_overs"
    __aggregate__ = "hand_over"
    __table_args__ = (
        life_cycle(),
        CheckConstraint("because IN ('leaves', 'away', 'other')", name="because"),
        CheckConstraint("from_worker <> ALL (to_workers)", name="to_others"),
        CheckConstraint("(state = 'accepted') = (accepted_at IS NOT NULL)", name="accepted_when"),
        CheckConstraint(
            "(state = 'withdrawn') = (withdrawn_at IS NOT NULL)", name="withdrawn_when"
        ),
        CheckConstraint(
            "(withdrawn_at IS NULL) = (withdrawn_by IS NULL)", name="withdrawn_by_whom"
        ),
        Index(
            "hand_overs_proposed_idx", "proposed_by", postgresql_where=text("state = 'proposed'")
        ),
    )

    from_worker: Mapped[str] = mapped_column(ForeignKey("workers.code"))
    to_workers: Mapped[list[str]] = mapped_column(ARRAY(Text))
    kinds: Mapped[list[str]] = mapped_column(ARRAY(Text))
    because: Mapped[str]
    proposed_by: Mapped[str] = mapped_column(ForeignKey("workers.code"))
    proposed_at: Mapped[datetime]
    accepted_at: Mapped[datetime | None]
    withdrawn_at: Mapped[datetime | None]
    withdrawn_by: Mapped[str | None] = mapped_column(ForeignKey("workers.code"))
    shared: Mapped[list[Any]] = mapped_column(server_default=text("'[]'::jsonb"))
    """`{kind, things}` of what waits for them as one of several."""

    items: Mapped[list["HandOverItem"]] = relationship(
        lazy="raise", order_by="HandOverItem.position"
    )


class HandOverItem(Base, Identified):
    """One thing of a hand-over, by its id: to whom it goes, or why it stays.

    It holds nothing of a subject. Whose record the thing is about is asked of the thing itself,
    with the sight of whoever reads.
    """

    __tablename__ = "hand_over_items"
    __table_args__ = (
        UniqueConstraint("hand_over_id", "position"),
        CheckConstraint("(goes_to IS NULL) = (stays_because IS NOT NULL)", name="goes_or_stays"),
        CheckConstraint(
            "stays_because IN ('follows_post', 'follows_case', 'others_do_it', 'only_theirs',"
            " 'not_yours_to_give', 'nobody_can')",
            name="stays_because",
        ),
        CheckConstraint(
            "sealing IS NULL OR (goes_to IS NOT NULL AND sealing IN"
            " ('stays_sealed', 'becomes_sealed', 'becomes_unsealed', 'stays_unsealed'))",
            name="sealing",
        ),
        CheckConstraint(
            "coalesce(sealing IN ('becomes_unsealed', 'stays_unsealed'), false)"
            " = (unsealed_because IS NOT NULL)",
            name="unsealed_why",
        ),
    )

    hand_over_id: Mapped[UUID] = mapped_column(ForeignKey("hand_overs.id"))
    position: Mapped[int]
    kind: Mapped[str]
    thing_id: Mapped[UUID]
    path: Mapped[str]
    due_on: Mapped[date | None]
    goes_to: Mapped[str | None] = mapped_column(ForeignKey("workers.code"))
    stays_because: Mapped[str | None]
    detail: Mapped[str | None]
    """Why it stays, in words of the rule that says so; or what comes of its seal."""
    sealing: Mapped[str | None]
    """Of a second grade that goes: whether the pair is sealed with its new moderator (R4.5.3)."""
    unsealed_because: Mapped[str | None]
    passed_over: Mapped[list[Any]]
    """`{taker, detail}` of each who may not take it, and why."""
