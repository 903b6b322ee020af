"""Which steps a record may take, and which roles may ask for them: the rules' table, as data."""

from sqlalchemy import ForeignKeyConstraint
from sqlalchemy.dialects.postgresql import ARRAY, TEXT
from sqlalchemy.orm import Mapped, mapped_column

from qa_api.models.base import Base


class AllowedTransition(Base):
    """One step from a state to a state; `new` is the state before the first."""

    __tablename__ = "allowed_transitions"

    aggregate: Mapped[str] = mapped_column(primary_key=True)
    from_state: Mapped[str] = mapped_column(primary_key=True)
    to_state: Mapped[str] = mapped_column(primary_key=True)


class AllowedAction(Base):
    """A named step and the roles that hold its permission; feeds `allowed_actions`."""

    __tablename__ = "allowed_actions"
    __table_args__ = (
        ForeignKeyConstraint(
            ["aggregate", "from_state", "to_state"],
            [
                "allowed_transitions.aggregate",
                "allowed_transitions.from_state",
                "allowed_transitions.to_state",
            ],
        ),
    )

    aggregate: Mapped[str] = mapped_column(primary_key=True)
    action: Mapped[str] = mapped_column(primary_key=True)
    from_state: Mapped[str] = mapped_column(primary_key=True)
    to_state: Mapped[str]
    roles: Mapped[list[str]] = mapped_column(ARRAY(TEXT))
