"""Who works here: persons, what they may do, how they come in. No secret stands here in the open."""

from datetime import datetime

from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from reporting.store.tables.base import Base


class Person(Base):
    """Somebody of the office with a login. Never removed: the audit trail names them."""

    __tablename__ = "person"

    id: Mapped[int] = mapped_column(primary_key=True)
    login: Mapped[str] = mapped_column(unique=True)  # small letters
    name: Mapped[str]
    password: Mapped[str | None]  # argon2id, encoded; None: the invitation was not taken up yet
    made_at: Mapped[datetime]
    disabled_at: Mapped[datetime | None]
    roles: Mapped[list["PersonRole"]] = relationship(order_by="PersonRole.id")


class PersonRole(Base):
    """A role of a person in one programme, or in all."""

    __tablename__ = "person_role"
    __table_args__ = (UniqueConstraint("person_id", "programme", "role"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    programme: Mapped[str]  # its id; "*" for all
    role: Mapped[str]


class Invitation(Base):
    """A one-time link with which a person sets a password. The link's secret is kept as its hash."""

    __tablename__ = "invitation"

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    token_hash: Mapped[str] = mapped_column(unique=True)
    made_at: Mapped[datetime]
    used_at: Mapped[datetime | None]  # taken up, or replaced by a newer one


class PersonSession(Base):
    """A login that lasts for a while. The cookie's secret is kept as its hash."""

    __tablename__ = "person_session"

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    token_hash: Mapped[str] = mapped_column(unique=True)
    began_at: Mapped[datetime]
    seen_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]


class LoginFailure(Base):
    """Failed logins in a row of one kind: of an account, from an address, or of both together."""

    __tablename__ = "login_failure"

    id: Mapped[int] = mapped_column(primary_key=True)
    subject: Mapped[str] = mapped_column(unique=True)  # a hash: what was typed may be a password
    failures: Mapped[int]
    unheard: Mapped[int]  # tries that came while one had to wait; not looked at
    last_at: Mapped[datetime]
