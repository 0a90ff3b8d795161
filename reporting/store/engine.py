"""Opening the database: SQLite by default, PostgreSQL by changing one setting."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.orm import Session

PATIENCE = 20_000  # milliseconds that a writer waits for another
MIGRATIONS = Path(__file__).parent / "migrations"


def make_engine(url: str) -> Engine:
    """An engine on ``url``; on SQLite with a write-ahead log, foreign keys and a busy timeout."""
    engine = create_engine(url, hide_parameters=True)  # an error says what failed, not whose data
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "begin", _begin_immediate)
    return engine


def _prepare_sqlite(connection: Any, _record: Any) -> None:
    # The driver's own BEGIN is deferred: two writers that both read first would deadlock.
    connection.isolation_level = None
    for pragma in (
        "journal_mode=WAL",
        "synchronous=FULL",
        "foreign_keys=ON",
        "secure_delete=ON",
        f"busy_timeout={PATIENCE}",
    ):
        connection.execute(f"PRAGMA {pragma}")


def _begin_immediate(connection: Connection) -> None:
    read_only = connection.get_execution_options().get("read_only", False)
    connection.exec_driver_sql("BEGIN DEFERRED" if read_only else "BEGIN IMMEDIATE")


@contextmanager
def writing(engine: Engine) -> Iterator[Session]:
    """A session whose work is committed whole at the end, or not at all."""
    with Session(engine, expire_on_commit=False) as session, session.begin():
        yield session


@contextmanager
def reading(engine: Engine) -> Iterator[Session]:
    """A session that changes nothing and holds up no writer."""
    quiet = engine.execution_options(read_only=True)
    with Session(quiet, expire_on_commit=False) as session:
        yield session
        session.rollback()


@contextmanager
def trying(engine: Engine) -> Iterator[Session]:
    """A session in which anything may be tried: nothing of it stays."""
    with Session(engine, expire_on_commit=False) as session:
        yield session
        session.rollback()


def alembic_config(connection: Connection | None = None) -> Config:
    """Alembic's configuration for our migrations, without an ini file."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes["connection"] = connection
    return config


def revision(engine: Engine) -> str | None:
    """The revision the database is at; None for an empty one. Holds up no writer, nor waits for one."""
    with engine.execution_options(read_only=True).connect() as connection:
        return MigrationContext.configure(connection).get_current_revision()


@cache  # alembic reads a dozen files for it, and each opening of a home asks
def known_revisions() -> tuple[str, ...]:
    """Our revisions, oldest first."""
    script = ScriptDirectory.from_config(alembic_config())
    return tuple(step.revision for step in script.walk_revisions())[::-1]


def migrate(engine: Engine) -> None:
    """Bring the database to the newest revision."""
    with engine.begin() as connection:
        command.upgrade(alembic_config(connection), "head")


# A wide programme has 600.000 values: they are read in pieces, never all as rows beside the objects.
ROWS_AT_ONCE = 5000
