"""check-config: the programme folders and every template of theirs."""

from pathlib import Path

from config.settings import Settings
from reporting.errors import BadInput
from reporting.mail.render import check_mail_templates
from reporting.mail.servers import mailbox_mistakes
from reporting.programme.files import check_programme, check_together, load_programme, programme_folders
from reporting.programme.mistakes import Mistake
from reporting.programme.model import Programme
from reporting.report.templates import broken_templates, check_report_templates, unused_in_report


def check_folders(folder: Path | None, settings: Settings) -> tuple[list[Path], list[Mistake]]:
    """The programme folders that were read, and every mistake in them. Raises BadInput for none."""
    every = settings.programmes_dir
    folders = [folder] if folder else programme_folders(every) if every.is_dir() else []
    if not folders or not all(path.is_dir() for path in folders):
        raise BadInput(f"Không thấy thư mục chương trình: {folder or every}.")
    mistakes: list[Mistake] = []
    programmes: list[Programme] = []
    for path in folders:
        found = check_programme(path)
        if not found:
            programme = load_programme(path)
            programmes.append(programme)
            found = [*check_mail_templates(programme), *check_report_templates(programme)]
        else:
            found = [*found, *broken_templates(path)]
        mistakes += found
    if folder is None:  # what they may not share
        mistakes += check_together(programmes)
        ids = {path.name for path in folders} | {programme.id for programme in programmes}
        mistakes += [Mistake("thiết lập", None, text) for text in mailbox_mistakes(settings, sorted(ids))]
    return folders, mistakes


def unused(folders: list[Path]) -> list[str]:
    """What the report templates of right programmes leave unsaid: no mistake, but worth a look."""
    return [line for path in folders for line in unused_in_report(load_programme(path))]
