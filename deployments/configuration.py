"""check-config: the programme folders and every template of theirs."""

from pathlib import Path

from config.settings import Settings
from reporting.errors import BadInput
from reporting.mail.render import check_mail_templates
from reporting.programme.files import check_programme, load_programme
from reporting.programme.mistakes import Mistake
from reporting.report.templates import check_report_templates


def check_folders(folder: Path | None, settings: Settings) -> tuple[list[Path], list[Mistake]]:
    """The programme folders that were read, and every mistake in them. Raises BadInput for none."""
    folders = (
        [folder]
        if folder
        else sorted(path.parent for path in settings.programmes_dir.glob("*/programme.yaml"))
    )
    if not folders or not all(path.is_dir() for path in folders):
        raise BadInput(f"Không thấy thư mục chương trình: {folder or settings.programmes_dir}.")
    mistakes: list[Mistake] = []
    for path in folders:
        found = check_programme(path)
        if not found:
            programme = load_programme(path)
            found = [*check_mail_templates(programme), *check_report_templates(programme)]
        mistakes += found
    return folders, mistakes
