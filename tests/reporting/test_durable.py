"""Writing that is there whole or not at all."""

import os
from pathlib import Path

import pytest

from config.settings import Settings
from reporting import clock
from reporting.durable import make_folder, move_durably, place_tree, workroom, write_durably
from reporting.errors import ServiceUnavailable
from reporting.home.folder import init_home


def test_a_tree_takes_the_place_of_another(tmp_path: Path) -> None:
    part, target = tmp_path / ".v1.part", tmp_path / "v1"
    for folder, content in ((part, b"moi"), (target, b"cu")):
        (folder / "duoi").mkdir(parents=True)
        (folder / "duoi" / "tep").write_bytes(content)
    (target / "chi-co-o-ban-cu").touch()
    place_tree(part, target)
    assert (target / "duoi" / "tep").read_bytes() == b"moi"
    assert sorted(path.name for path in tmp_path.rglob("*")) == ["duoi", "tep", "v1"]


def test_a_move_takes_a_file_or_a_folder(tmp_path: Path) -> None:
    make_folder(tmp_path / "a" / "b" / "c")
    write_durably(tmp_path / "a" / "b" / "c" / "tep", b"x")
    move_durably(tmp_path / "a" / "b", tmp_path / "b")
    move_durably(tmp_path / "b" / "c" / "tep", tmp_path / "tep")
    assert (tmp_path / "tep").read_bytes() == b"x"


def test_a_workroom_is_one_persons_and_what_a_killed_run_left_is_gone(tmp_path: Path) -> None:
    folder = tmp_path / ".phong"
    folder.mkdir()
    (folder / "do-dang").mkdir()
    (folder / "do-dang" / "tep").write_bytes(b"x")
    with workroom(folder, "bận"):
        assert list(folder.iterdir()) == []
        with pytest.raises(ServiceUnavailable, match="bận"), workroom(folder, "bận"):
            pass
        assert folder.is_dir()
    assert not folder.exists()


def test_a_workroom_is_no_link(tmp_path: Path) -> None:
    (tmp_path / "that").mkdir()
    (tmp_path / "that" / "tep").touch()
    (tmp_path / ".phong").symlink_to(tmp_path / "that")
    with pytest.raises(NotADirectoryError), workroom(tmp_path / ".phong", "bận"):
        pass
    assert (tmp_path / "that" / "tep").exists()


def test_every_commit_waits_for_the_disk(tmp_path: Path) -> None:
    home = init_home(Settings(home=tmp_path / "home"), clock.now())
    with home.engine.connect() as connection:
        assert connection.exec_driver_sql("PRAGMA synchronous").scalar() == 2  # FULL
        assert connection.exec_driver_sql("PRAGMA journal_mode").scalar() == "wal"
    home.engine.dispose()


def test_files_that_a_killed_run_wrote_half_are_removed_by_init(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path / "home")
    init_home(settings, clock.now()).engine.dispose()
    folder = settings.home / "originals" / "ab"
    folder.mkdir()
    old, new, kept = folder / ".x.12.part", folder / ".y.34.part", settings.home / "drop" / ".z.part"
    for file in (old, new, kept):
        file.write_bytes(b"nua")
    os.utime(old, (1, 1))
    os.utime(kept, (1, 1))
    init_home(settings, clock.now()).engine.dispose()
    assert (old.exists(), new.exists(), kept.exists()) == (False, True, True)  # others write into drop
