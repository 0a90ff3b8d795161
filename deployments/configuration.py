"""check-config: the programme folders and every template of theirs."""

from pathlib import Path

from config.settings import Settings
from reporting.errors import BadInput
from reporting.mail.render import check_mail_templates
from reporting.mail.servers import mailbox_mistakes
from reporting.programme.files import check_programme, load_programme, load_programmes
from reporting.programme.mistakes import Mistake, shown
from reporting.report.templates import broken_templates, check_report_templates, unused_in_report


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
        else:
            found = [*found, *broken_templates(path)]
        mistakes += found
    if folder is None and not mistakes:  # what they may not share
        try:
            ids = load_programmes(settings.programmes_dir)
            mistakes += [Mistake("thiết lập", None, text) for text in mailbox_mistakes(settings, ids)]
        except BadInput as error:
            mistakes.append(Mistake(shown(settings.programmes_dir), None, str(error)))
    return folders, mistakes


def unused(folders: list[Path]) -> list[str]:
    """What the report templates of right programmes leave unsaid: no mistake, but worth a look."""
    return [line for path in folders for line in unused_in_report(load_programme(path))]
