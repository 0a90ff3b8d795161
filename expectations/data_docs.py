"""Data Docs of a cycle: Great Expectations' own pages, rule by rule, without a script or a network.

The library renders documents and takes them apart into blocks; its page templates load ten
libraries from as many servers and draw their tables by script. Ours (``expectations/docs``) stand in
for those, so a page is one file with its style inside. Fixed words are put into Vietnamese.
"""

import html
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from functools import cache
from pathlib import Path
from typing import Any

from great_expectations.expectations.metadata_types import FailureSeverity
from great_expectations.render.renderer.page_renderer import (
    ExpectationSuitePageRenderer,
    ValidationResultsPageRenderer,
)
from great_expectations.render.renderer.site_index_page_renderer import SiteIndexPageRenderer
from great_expectations.render.view.view import DefaultJinjaPageView
from jinja2 import ChoiceLoader, FileSystemLoader

from expectations.docs_words import in_vietnamese
from expectations.engine import gx
from expectations.rulebook import UNIT_COLUMN
from reporting.durable import write_durably
from reporting.pages.layout import sheet_hash
from reporting.vietnamese.formats import short_date

_TEMPLATES = Path(__file__).parent / "docs"
INDEX, RUNS = "index.html", "runs.json"
KEPT_RUNS = 20
_GRAVITY = (FailureSeverity.CRITICAL, FailureSeverity.WARNING, FailureSeverity.INFO)
SHOWN_UNITS = 200  # of a rule; the unit pages tell all
# What the library's own folders would make necessary, from the page of a run to that of its suite.
_TO_SUITES = "../../../../expectations/"


@dataclass(frozen=True)
class Docs:
    """A run over all units of a cycle, as it is told on the pages in ``folder``. ``title``: "năm 2023"."""

    folder: Path
    title: str
    as_of: date
    made_at: datetime
    rehearsal: bool
    units: Mapping[str, str]  # code -> name, of those with a page of their own

    @property
    def name(self) -> str:
        return f"{self.as_of:%Y%m%d}-{self.made_at:%Y%m%dT%H%M%S}"


@dataclass(frozen=True)
class _Entry:
    """A run in the list of them; ``rules`` were run, of which ``failing`` found something."""

    run: str
    as_of: str
    made_at: str
    suite: str
    rules: int
    failing: int
    units: int


class _View(DefaultJinjaPageView):
    """The library's view with our templates before its own."""

    _template = "page.j2"

    def __init__(self) -> None:
        super().__init__()
        own: Any = self.env.loader
        self.env.loader = ChoiceLoader([FileSystemLoader(_TEMPLATES), own])
        self.env.filters["escaped"] = html.escape


@cache  # its templates are compiled anew for each one made, and a run writes three pages
def _view() -> Any:
    return _View()


def write_docs(docs: Docs, suite: gx.ExpectationSuite, result: Any) -> Path:
    """Add a run to the pages in its folder and drop the oldest; returns the page that lists them.

    The list is written last: killed in between, the pages are those of before and a loose file.
    """
    folder = docs.folder
    for name in ("validations", "expectations"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    entries = [entry for entry in _entries(folder) if entry.run != docs.name][: KEPT_RUNS - 1]
    entries.insert(0, _entry(result, docs))
    _put(folder / "validations" / f"{docs.name}.html", _page(_result_page(result, docs), docs, up="../"))
    _put(folder / "expectations" / f"{suite.name}.html", _page(_suite_page(suite), docs, up="../"))
    _put(folder / RUNS, json.dumps([asdict(entry) for entry in entries], ensure_ascii=False, indent=1))
    _put(folder / INDEX, _page(_index_page(entries, docs), docs, up=""))
    kept = {f"{entry.run}.html" for entry in entries}
    for page in (folder / "validations").iterdir():
        if page.name not in kept:
            page.unlink()
    return folder / INDEX


def _entry(result: Any, docs: Docs) -> _Entry:
    statistics = result.statistics
    units = max((outcome.result.get("element_count", 0) for outcome in result.results), default=0)
    return _Entry(
        run=docs.name,
        as_of=docs.as_of.isoformat(),
        made_at=docs.made_at.isoformat(),
        suite=result.suite_name,
        rules=statistics["evaluated_expectations"],
        failing=statistics["unsuccessful_expectations"],
        units=units,
    )


def _entries(folder: Path) -> list[_Entry]:
    try:
        return [_Entry(**entry) for entry in json.loads((folder / RUNS).read_text(encoding="utf-8"))]
    except (FileNotFoundError, ValueError, TypeError):  # of another version: the pages start anew
        return []


def _put(file: Path, text: str) -> None:
    write_durably(file, text.encode())


def _result_page(result: Any, docs: Docs) -> Any:
    result.results.sort(key=_order)
    for outcome in result.results:
        failing = [row[UNIT_COLUMN] for row in outcome.result.get("unexpected_index_list", ())]
        outcome.result["partial_unexpected_list"] = [_link(unit, docs) for unit in failing[:SHOWN_UNITS]]
    document = ValidationResultsPageRenderer(run_info_at_end=True).render(result)
    document.sections.pop()  # how the frame came into memory: nothing for a reader
    return document


def _order(result: Any) -> tuple[bool, int]:
    """Rules with findings first, the gravest of them at the top; Python's sort keeps the rest."""
    return bool(result.success), _GRAVITY.index(FailureSeverity(result.expectation_config.severity))


def _link(unit: str, docs: Docs) -> str:
    name = docs.units.get(unit)
    if name is None:
        return html.escape(unit)
    return f'<a href="../../quality/{html.escape(unit)}.html">{html.escape(name)}</a>'


def _suite_page(suite: gx.ExpectationSuite) -> Any:
    renderer: Any = ExpectationSuitePageRenderer()
    return renderer.render(suite)


def _index_page(entries: Sequence[_Entry], docs: Docs) -> Any:
    runs = [
        {
            "validation_success": not entry.failing,
            "run_time": entry.made_at,
            "run_name": f"số liệu đến {short_date(date.fromisoformat(entry.as_of))}, "
            f"chạy {_moment(datetime.fromisoformat(entry.made_at))}",
            "asset_name": f"{entry.units} đơn vị",
            "batch_identifier": f"{entry.failing}/{entry.rules} quy tắc có điểm cần xem",
            "expectation_suite_name": entry.suite,
            "expectation_suite_filepath": f"expectations/{entry.suite}.html",
            "filepath": f"validations/{entry.run}.html",
        }
        for entry in entries
    ]
    suites = [
        {"expectation_suite_name": name, "filepath": f"expectations/{name}.html"}
        for name in dict.fromkeys(entry.suite for entry in entries)
    ]
    site = {"site_name": docs.title, "validations_links": runs, "expectations_links": suites}
    renderer: Any = SiteIndexPageRenderer
    return renderer.render(site)


def _moment(at: datetime) -> str:
    return f"{at:%H}h{at:%M} ngày {short_date(at.date())}"


def _page(document: Any, docs: Docs, *, up: str) -> str:
    style = (_TEMPLATES / "docs.css").read_text(encoding="utf-8")
    text: str = _view().render(
        document,
        up=up,
        docs=docs,
        made_at=_moment(docs.made_at),
        as_of=short_date(docs.as_of),
        version=gx.__version__,
        style=style,
        style_hash=sheet_hash(style),
    )
    # Its style attributes are of no use beside our sheet, and the page's policy refuses them.
    text = re.sub(r'\sstyle="[^"]*"', "", text.replace(_TO_SUITES, "../expectations/"))
    return in_vietnamese(text)
