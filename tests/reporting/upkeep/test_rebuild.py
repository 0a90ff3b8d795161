"""A home on PostgreSQL whose database is empty is no new home either."""

import shutil
from pathlib import Path

import pytest
from pydantic import SecretStr

from config.settings import Settings
from reporting import clock
from reporting.errors import BadInput
from reporting.home.folder import init_home, open_home
from reporting.store.engine import reading
from reporting.upkeep.rebuild import is_mail_held, rebuild
from tests.postgres_fixture import cluster, postgres_url
from tests.workplace import OWN

__all__ = ["cluster", "postgres_url"]


def test_a_lost_database_of_a_server_is_rebuilt_by_a_persons_word(
    postgres_url: str, opened_home: Path, tmp_path: Path
) -> None:
    shutil.copytree(opened_home, tmp_path / "home")
    (tmp_path / "home" / "kybaocao.db").unlink()
    settings = Settings(home=tmp_path / "home", mail_from=OWN, database_url=SecretStr(postgres_url))
    for enter in (open_home, lambda chosen: init_home(chosen, clock.now())):
        with pytest.raises(BadInput, match="không lập mới"):
            enter(settings)
    rebuilt = rebuild(settings, clock.now(), by="Trưởng phòng", why="mất máy chủ")
    assert rebuilt.originals > 0
    home = open_home(settings)
    with reading(home.engine) as session:
        assert is_mail_held(session)
    home.engine.dispose()
    with pytest.raises(BadInput, match="vẫn dùng được"):
        rebuild(settings, clock.now(), by="Trưởng phòng", why="lần nữa")
