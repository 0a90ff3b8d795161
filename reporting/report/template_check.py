"""Trying the Word templates with sample data, so that a mistake shows before it is needed."""

from pathlib import Path
from typing import Any

from reporting.errors import BadInput
from reporting.follow_up import escalation_letter
from reporting.programme.mistakes import Mistake, shown
from reporting.programme.model import CycleDefinition, Programme
from reporting.report.annexes import slip, transfer
from reporting.report.compile import TEMPLATE as REPORT
from reporting.report.samples import (
    sample_escalation,
    sample_letter,
    sample_outline,
    sample_report,
    sample_slip,
    sample_transfer,
)
from reporting.requests import letter, outline
from reporting.word import filling
from reporting.word.preflight import preflight

_ALWAYS_THERE = frozenset({"loop", "range", "dict", "lipsum", "cycler", "joiner", "namespace"})


def check_report_templates(programme: Programme) -> list[Mistake]:
    """Every mistake in the templates of report, letter and slip: unknown names, broken tags, codes."""
    folder = programme.folder / "templates"
    return [
        Mistake(shown(folder / name), None, text)
        for cycle in programme.cycles[:1]  # any will do: the catalogue decides which codes there are
        for name, filled in (
            (REPORT, sample_report),
            *([(letter.TEMPLATE, sample_letter)] if _has_letter(programme) else []),
            (slip.TEMPLATE, sample_slip),
            (transfer.TEMPLATE, sample_transfer),
            *([(outline.TEMPLATE, sample_outline)] if outline.has_template(programme) else []),
            *(
                (name, sample_escalation)
                for name in escalation_letter.TEMPLATES
                if _has_escalation(programme)
            ),
        )
        for text in _tried(programme, cycle, folder / name, filled)
    ]


def broken_templates(folder: Path) -> list[Mistake]:
    """What is wrong in the tags alone, for a programme whose data cannot be read yet."""
    mistakes = []
    for file in sorted((folder / "templates").glob("*.docx")):
        try:
            faults = preflight(file).faults
        except BadInput as error:
            faults = [str(error)]
        mistakes += [Mistake(shown(file), None, fault) for fault in faults]
    return mistakes


def _has_letter(programme: Programme) -> bool:
    """A programme whose cycles open by themselves may do without the letter's template."""
    return programme.letter == "signed" or (programme.folder / "templates" / letter.TEMPLATE).exists()


def _has_escalation(programme: Programme) -> bool:
    """One of its templates alone is a mistake; a programme may have neither."""
    return any((programme.folder / "templates" / name).exists() for name in escalation_letter.TEMPLATES)


def _tried(programme: Programme, cycle: CycleDefinition, template: Path, filled: Any) -> list[str]:
    if not template.exists():
        return ["thiếu tệp mẫu."]
    try:
        used = preflight(template)
        words = filled(programme, cycle, filling.Notes(), full=True)
        mistakes = [
            *used.faults,
            *(
                f"tên '{name}' không có trong dữ liệu."
                for name in sorted(used.names - words.keys() - _ALWAYS_THERE)
            ),
            *(
                f"Không có chỉ tiêu '{code}' trong danh mục."
                for code in sorted(used.codes)
                if _without_part(code, programme) not in programme.by_code
            ),
        ]
        if mistakes:
            return mistakes
        for full in (True, False):  # the branches of a full and of an empty cycle
            notes = filling.Notes()
            filling.render(
                template,
                filled(programme, cycle, notes, full=full),
                notes,
                title="Kiểm tra mẫu",
                made_on=cycle.close_on,
            )
    except BadInput as error:
        return [str(error).removeprefix(f"Mẫu {template.name}: ")]
    return []


def _without_part(code: str, programme: Programme) -> str:
    """The indicator that a code with a part behind it belongs to: ``MH03.05.truoc``."""
    return code if code in programme.by_code else code.rpartition(".")[0]


def unused_in_report(programme: Programme) -> list[str]:
    """What the report's template says nothing of: figures of the catalogue, names of the data."""
    template = programme.folder / "templates" / REPORT
    used = preflight(template)
    words = sample_report(programme, programme.cycles[0], filling.Notes(), full=True)
    status = programme.register_codes.status if programme.register_codes else None
    codes = [
        indicator.code
        for indicator in programme.indicators
        if (indicator.level != "provincial" or indicator.aggregation in ("sum", "count"))
        and indicator.code not in used.codes
        and indicator.code != status
    ]
    names = sorted(name for name, value in words.items() if name not in used.names and not callable(value))
    lines = [f"không nêu chỉ tiêu: {', '.join(codes)}"] if codes else []
    lines += [f"không dùng tên: {', '.join(names)}"] if names else []
    return [f"{shown(template)}: {line}" for line in lines]
