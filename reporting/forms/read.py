"""Reading a filled form: by the header ``Mã`` and the indicator codes, never by cell address.

Inserted rows and columns, another order or another sheet name do no harm. What was typed is kept
as ``raw``; what is not certain is UNREADABLE and asked back.

A file is opened once (``read_workbook``, in a process of its own) and interpreted for each programme that
may be meant; interpreting needs nothing but what opening gave.
"""

from collections.abc import Sequence

from reporting.finding import Finding
from reporting.forms import layout
from reporting.forms.model import FilledForm
from reporting.forms.reading import cover, problems
from reporting.forms.reading.codes import Codes
from reporting.forms.reading.marks import read_mark
from reporting.forms.reading.sheet import head_of
from reporting.forms.reading.table import merge, read_table
from reporting.programme.model import Programme
from reporting.spreadsheets.guard import UnreadableForm as UnreadableForm
from reporting.spreadsheets.read import Workbook
from reporting.spreadsheets.sandbox import read_form_workbook


def read_form(content: bytes, programmes: Sequence[Programme], secret: str) -> FilledForm:
    """Read the bytes of a workbook or of a text file saved from one.

    Its mark says which of ``programmes`` it is a form of; without one it is taken for one of the first.
    Raises UnreadableForm, with one sentence for the sender, when it is not a workbook that can be
    opened or has no table of ours; everything else that is wrong with it becomes a finding.
    """
    workbook = read_form_workbook(content)
    own, *others = programmes
    form = interpret(workbook, own, secret)
    if form.token is None:  # the printed code, where that is all that is left, is known to its programme only
        forms = (interpret(workbook, other, secret) for other in others)
        return next((marked for marked in forms if marked.token is not None), form)
    by_mark = [other for other in others if other.id == form.token.programme]
    return interpret(workbook, by_mark[0], secret) if by_mark else form


def interpret(workbook: Workbook, programme: Programme, secret: str) -> FilledForm:
    """What an open workbook says as a form of one programme. Raises UnreadableForm."""
    codes = Codes(programme)
    tables = [
        read_table(name, rows, head, codes)
        for name, rows in workbook.sheets.items()
        if (head := head_of(rows))
    ]
    if not tables:
        raise UnreadableForm(
            f"Không tìm thấy bảng có cột «{layout.CODE}» và «{layout.VALUE}» trong tệp: "
            "đề nghị gửi lại đúng biểu mẫu đã nhận."
        )
    token = read_mark(workbook, programme, secret)
    table = tables[0]
    merge(table, tables[1:])
    if token is not None and token.programme == programme.id:
        if token.version not in (None, programme.form_version):
            table.problems.append(problems.older_version())
    number, day = cover.document_of(table)
    officer, cells = cover.officer_of(table), cover.cover_of(table)
    return FilledForm(
        token=token,
        cells=table.cells,
        document_number=number,
        document_date=day,
        signer=cells.get(layout.SIGNER),
        officer=officer,
        cover=cells,
        explanations=table.explanations,
        problems=_first_of_each(table.problems),
        has_macros=workbook.has_macros,
    )


def _first_of_each(problems: Sequence[Finding]) -> tuple[Finding, ...]:
    """One finding a rule: a file may repeat one mistake a hundred thousand times."""
    firsts: dict[str, Finding] = {}
    for problem in problems:
        firsts.setdefault(problem.rule, problem)
    return tuple(firsts.values())
