"""The home: made once, of one version, and never working backwards."""

import sqlite3
from datetime import date
from pathlib import Path

import pytest
from pydantic import SecretStr
from sqlalchemy import text

from config.settings import Settings
from reporting import clock
from reporting.durable import write_durably
from reporting.errors import BadInput
from reporting.home.folder import Home, init_home, is_made, open_home, rehearsed_cycle
from reporting.store import engine as db
from reporting.store.engine import reading, writing

NOW = clock.at(date(2023, 11, 1))


def made(tmp_path: Path, **settings: object) -> tuple[Home, Settings]:
    chosen = Settings(home=tmp_path / "home", **settings)  # type: ignore[arg-type]
    return init_home(chosen, NOW), chosen


def contents(folder: Path) -> dict[str, bytes]:
    return {
        str(file.relative_to(folder)): file.read_bytes()
        for file in folder.rglob("*")
        if file.is_file() and not file.name.endswith(("-wal", "-shm"))
    }


def set_revision(home: Home, revision: str) -> None:
    with home.engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = :revision"), {"revision": revision})
    home.engine.dispose()


def test_a_home_is_private_and_making_it_again_changes_nothing(tmp_path: Path) -> None:
    home, settings = made(tmp_path)
    assert not home.path.stat().st_mode & 0o077
    for name in ("secret.key", "kybaocao.db"):
        assert (home.path / name).stat().st_mode & 0o777 == 0o600
    home.engine.dispose()
    before = contents(home.path)
    again = init_home(settings, clock.at(date(2024, 1, 1)))
    again.engine.dispose()
    assert again.secret_key == home.secret_key
    assert contents(home.path) == before
    assert is_made(settings)


def test_a_home_knows_whether_it_is_a_rehearsal(tmp_path: Path) -> None:
    home, _ = made(tmp_path)
    other = init_home(Settings(home=tmp_path / "other"), NOW, rehearsal_of="annual-2023")
    with reading(home.engine) as real, reading(other.engine) as rehearsed:
        assert (rehearsed_cycle(real), rehearsed_cycle(rehearsed)) == (None, "annual-2023")
    # A home with real data does not become a rehearsal.
    again = init_home(Settings(home=home.path), NOW, rehearsal_of="annual-2023")
    with reading(again.engine) as session:
        assert rehearsed_cycle(session) is None


@pytest.mark.parametrize("make", ["nothing", "folder", "key only"])
def test_a_home_that_was_not_made_is_refused_and_not_touched(tmp_path: Path, make: str) -> None:
    settings = Settings(home=tmp_path / "home")
    if make != "nothing":
        settings.home.mkdir()
    if make == "key only":
        (settings.home / "secret.key").write_text("k" * 40)
    with pytest.raises(BadInput, match="kybaocao init"):
        open_home(settings)
    assert not is_made(settings)
    if make == "nothing":
        assert not settings.home.exists()
    else:
        assert len(list(settings.home.iterdir())) == (make == "key only")


def test_a_home_of_a_newer_version_is_refused_and_unchanged(tmp_path: Path) -> None:
    home, settings = made(tmp_path)
    set_revision(home, "ffff")
    before = contents(home.path)
    for enter in (open_home, lambda chosen: init_home(chosen, NOW)):
        with pytest.raises(BadInput, match="phiên bản kybaocao mới hơn") as caught:
            enter(settings)
        assert "\n" not in str(caught.value)
    assert contents(home.path) == before


def test_an_older_database_is_copied_whole_before_it_is_brought_up_to_date(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home, settings = made(tmp_path)
    # What was last written may still lie in the write-ahead log: the copy has it all the same.
    holder = sqlite3.connect(home.path / "kybaocao.db")
    with writing(home.engine) as session:
        session.execute(text("INSERT INTO home_info (name, value) VALUES ('last', 'written')"))
    newer = [*db.known_revisions(), "9999"]
    monkeypatch.setattr(db, "known_revisions", lambda: newer)
    monkeypatch.setattr(db, "migrate", lambda engine: None)
    with pytest.raises(BadInput, match="phiên bản cũ hơn"):
        open_home(settings)
    init_home(settings, NOW)
    holder.close()
    (file,) = (home.path / "backups").iterdir()
    assert file.name.startswith(f"kybaocao-2023-11-01-080000-{db.known_revisions()[-2]}")
    assert not file.stat().st_mode & 0o077
    copy = sqlite3.connect(file)
    assert copy.execute("SELECT value FROM home_info WHERE name = 'last'").fetchone() == ("written",)
    copy.close()


def test_a_lost_key_is_named(tmp_path: Path) -> None:
    home, settings = made(tmp_path)
    (home.path / "secret.key").unlink()
    with pytest.raises(BadInput, match="Không thấy khóa"):
        open_home(settings)
    kept = Settings(home=home.path, secret_key=SecretStr("k" * 40))
    assert open_home(kept).secret_key == "k" * 40


def test_an_original_is_kept_once_under_its_hash(tmp_path: Path) -> None:
    home, _ = made(tmp_path)
    with writing(home.engine) as session:
        first, second = home.keep(session, b"mot", NOW), home.keep(session, b"mot", NOW)
        other = home.keep(session, b"hai", NOW)
    assert first == second != other
    assert (home.read(first), home.read(other)) == (b"mot", b"hai")
    files = [file for file in home.originals.rglob("*") if file.is_file()]
    assert len(files) == 2
    assert not any(file.stat().st_mode & 0o077 for file in files)


def test_an_original_that_lost_its_bytes_is_whole_again_when_it_comes_again(tmp_path: Path) -> None:
    """A version that did not flush left files of no bytes after a power cut."""
    home, _ = made(tmp_path)
    with writing(home.engine) as session:
        sha256 = home.keep(session, b"mot", NOW)
        home.original(sha256).write_bytes(b"")
        assert home.keep(session, b"mot", NOW) == sha256
    assert home.read(sha256) == b"mot"


def test_a_file_is_written_whole_or_not_at_all(tmp_path: Path) -> None:
    target = tmp_path / "tep"
    write_durably(target, b"cu")
    with pytest.raises(TypeError):
        write_durably(target, "not bytes")  # type: ignore[arg-type]
    assert target.read_bytes() == b"cu"
    assert list(tmp_path.iterdir()) == [target]
