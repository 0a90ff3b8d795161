"""A reader of code or pages is never sent to what is not there: points, cases, decisions, files, links."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PAGES = sorted([*ROOT.glob("docs/*.md"), *ROOT.glob("*.md"), *ROOT.glob("config/**/README.md")])
_LAYERS = ("deployments", "flows", "tasks", "expectations", "reporting", "config")
FOLDERS = (*_LAYERS, "tests", "tools", "benchmarks")
CODE = sorted(
    [
        ROOT / "pyproject.toml",
        ROOT / "Makefile",
        *(
            file
            for folder in FOLDERS
            for ending in ("py", "yaml", "j2", "typ")
            for file in (ROOT / folder).rglob(f"*.{ending}")
        ),
    ]
)
DOCS = ROOT / "docs"
PRACTICE, DECISIONS, ANALYSIS = DOCS / "practice.md", DOCS / "decisions.md", DOCS / "kiem-tra.md"
# A file or folder named with the folder it lies in; what stands behind a link.
_FILE = re.compile(rf"`((?:{'|'.join((*FOLDERS, 'docs'))})/(?:[\w./-]*\.\w+|[\w./-]*/)?)`")
_LINK = re.compile(r"\]\((?!https?:)([^)\s]+)\)")


def text(file: Path) -> str:
    return file.read_text(encoding="utf-8")


def cited(pattern: str, files: list[Path]) -> dict[str, Path]:
    """What the pattern's group catches -> a file in which it stands."""
    return {match: file for file in files for match in re.findall(pattern, text(file))}


def test_points_of_practice_are_p1_to_p24() -> None:
    headings = re.findall(r"^### P(\d+) ", text(PRACTICE), re.MULTILINE)
    assert [int(number) for number in headings] == list(range(1, 25))
    assert re.findall(r'^<a id="p(\d+)"></a>$', text(PRACTICE), re.MULTILINE) == headings


def test_every_point_of_practice_that_is_cited_is_there() -> None:
    there = set(re.findall(r"^### (P\d+) ", text(PRACTICE), re.MULTILINE))
    lists = cited(r"PRACTICE ((?:P\d+(?:, )?)+)", [*CODE, *PAGES])
    points = {point: file for listed, file in lists.items() for point in re.findall(r"P\d+", listed)}
    assert points
    assert {point: file for point, file in points.items() if point not in there} == {}


def test_every_case_of_the_analysis_that_is_cited_is_there() -> None:
    rows = re.findall(r"^\| ((?:[IX]-\d+(?:, )?)+) \|", text(ANALYSIS), re.MULTILINE)
    there = {case for row in rows for case in row.split(", ")}
    cases = cited(r"\b([IX]-\d{2})\b", [file for file in [*CODE, *PAGES] if file != Path(__file__)])
    assert cases
    assert {case: file for case, file in cases.items() if case not in there} == {}


def test_no_comment_leads_out_of_the_repository() -> None:
    words = cited(r"\b(CONTRACT|DESIGN|PRACTICE)\b(?! P\d| says|`)", [f for f in CODE if f != Path(__file__)])
    assert words == {}


def test_every_module_that_a_docstring_names_is_there() -> None:
    names = cited(
        rf"``((?:{'|'.join(_LAYERS)})\.[a-z_.]*[a-z_])", [file for file in CODE if file.suffix == ".py"]
    )
    assert names
    assert {name: file for name, file in names.items() if not is_of_code(name)} == {}


def is_of_code(name: str) -> bool:
    """Whether a dotted name is a module or a folder of ours, or a word of one."""
    place = ROOT.joinpath(*name.split("."))
    if place.is_dir() or place.with_suffix(".py").exists():
        return True
    module = place.parent.with_suffix(".py")
    return module.exists() and re.search(rf"\b{place.name}\b", text(module)) is not None


def test_decisions_are_numbered_from_one_without_a_gap() -> None:
    numbers = re.findall(r"^\*\*(\w+)\. ", text(DECISIONS), re.MULTILINE)
    assert numbers == [str(number) for number in range(1, len(numbers) + 1)]


def test_every_decision_that_is_cited_is_there() -> None:
    last = len(re.findall(r"^\*\*\d+\. ", text(DECISIONS), re.MULTILINE))
    numbers = cited(r"\bdecisions? (\d+\w?)\b", [*CODE, *PAGES])
    assert numbers
    assert {n: file for n, file in numbers.items() if not (n.isdigit() and 1 <= int(n) <= last)} == {}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_file_and_link_of_a_page_is_there(page: Path) -> None:
    if page.name == "CHANGELOG.md":
        return  # it tells of what was
    words = text(page)
    missing = [name for name in _FILE.findall(words) if not list(ROOT.glob(name))]
    for link in _LINK.findall(words):
        path, _, anchor = link.partition("#")
        target = (page.parent / path).resolve() if path else page
        if not target.exists() or (anchor and target.suffix == ".md" and anchor not in anchors(text(target))):
            missing.append(link)
    assert missing == []


def anchors(page: str) -> set[str]:
    """What a link may point to in a page: its headings as an address has them, and its own marks."""
    headings = re.findall(r"^#+ (.+)$", page, re.MULTILINE)
    slugs = {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}
    return slugs | set(re.findall(r'<a id="([^"]+)">', page))
