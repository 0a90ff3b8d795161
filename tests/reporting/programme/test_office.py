"""What an office sets over a shipped programme: seen, checked, kept, and never in the shipped folder."""

from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from config.settings import Settings
from reporting.check_config import check_folders, notices, overridden, stand_ins
from reporting.home.context import open_context
from reporting.home.folder import init_home
from reporting.programme.files import load_programme
from reporting.programme.fingerprint import hashes
from reporting.upkeep.backup import back_up, restore

DAY = date(2026, 6, 1)
NOW = datetime(2026, 6, 1, 2, tzinfo=UTC)
AGENCIES = """\
agencies:
  - role: issuer
    valid_from: 2025-03-01
    contact_name: Bà Lê Thị Thử
    contact_telephone: 024 0000 0000
"""


def _settings(home: Path, **files: str) -> Settings:
    settings = Settings(home=home)
    own = settings.office / settings.programme
    own.mkdir(parents=True)
    for name, text in files.items():
        (own / f"{name}.yaml").write_text(text, encoding="utf-8")
    return settings


def test_fields_of_the_office_count_and_the_rest_stays(tmp_path: Path) -> None:
    settings = _settings(
        tmp_path, agencies=AGENCIES, programme="reminders: {offsets: [-5, 5]}\nwords: {you: Quý cơ quan}\n"
    )
    shipped = settings.programmes_dir / settings.programme
    before = hashes(shipped)
    plain, own = load_programme(shipped), load_programme(shipped, settings.office / shipped.name)
    issuer = own.agency("issuer", DAY)
    assert (issuer.contact_name, issuer.contact_telephone) == ("Bà Lê Thị Thử", "024 0000 0000")
    assert issuer.recipients == plain.agency("issuer", DAY).recipients
    assert own.agency("issuer", date(2024, 1, 1)) == plain.agency("issuer", date(2024, 1, 1))
    assert (own.words.you, own.words.reporter, own.reminders.offsets) == ("Quý cơ quan", "Sở", (-5, 5))
    assert own.sha256 != plain.sha256
    assert own.indicators_sha256 == plain.indicators_sha256  # an open cycle goes on
    assert hashes(shipped) == before
    assert stand_ins(plain, DAY)
    assert not stand_ins(own, DAY)


def test_check_config_names_field_values_file_and_line(tmp_path: Path) -> None:
    settings = _settings(tmp_path, agencies=AGENCIES)
    folders, mistakes = check_folders(None, settings)
    assert mistakes == []
    lines = overridden(folders, settings)
    assert len(lines) == 2
    assert "'Bà Lê Thị Thử' thay cho 'Chuyên viên theo dõi Chương trình phối hợp'" in lines[0]
    assert lines[0].endswith("agencies.yaml:4)")
    assert "chưa có" in lines[1]
    assert not any("đầu mối" in line for line in notices(folders, settings, DAY))


@pytest.mark.parametrize(
    ("name", "text", "words", "line"),
    [
        ("agencies", "agencies:\n  - role: issuer\n    valid_from: 1999-01-01\n", "không có đúng một mục", 2),
        ("agencies", "agencies:\n  - hello\n", "phải có role", 2),
        ("programme", "id: other\n", "không thay được mục 'id'", 1),
        ("programme", "short_name: X\nvalid_to: soon\n", "không phải là ngày", 2),
        ("programme", "no_such: 1\n", "không có trong mẫu", 1),
        ("indicators", "a: 1\n", "không có tác dụng", None),
    ],
)
def test_what_cannot_be_set_is_named(
    tmp_path: Path, name: str, text: str, words: str, line: int | None
) -> None:
    settings = _settings(tmp_path, **{name: text})
    _, mistakes = check_folders(None, settings)
    assert [(words in str(mistake), mistake.line) for mistake in mistakes] == [(True, line)]
    assert f"office/programmes/ctph-109/{name}.yaml" in str(mistakes[0])


def test_backup_and_restore_carry_it(tmp_path: Path) -> None:
    settings = _settings(tmp_path / "old", agencies=AGENCIES)
    init_home(settings, NOW).engine.dispose()
    back_up(settings, tmp_path / "copy.tar.gz")
    new = Settings(home=tmp_path / "new")
    restore(new, tmp_path / "copy.tar.gz")
    context = open_context(new, today=DAY, writes=False)
    assert context.programme.agency("issuer", DAY).contact_name == "Bà Lê Thị Thử"
