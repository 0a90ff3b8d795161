"""The pages of each rule: Great Expectations' own, readable with the network off and without a script."""

import json
import re
from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser

import config
from expectations import data_docs
from expectations.check import run_rulebook
from expectations.data_docs import Docs
from expectations.rulebook import Rulebook
from reporting import clock
from reporting.checks.rules import FormFacts, Rule, rules_for
from reporting.finding import Finding
from reporting.forms.model import Cell
from reporting.programme.files import load_programme
from reporting.states import Severity, ValueKind
from tests.browser_fixture import browser, hosts_asked

__all__ = ["browser"]

PROGRAMME = load_programme(Path(config.__file__).parent / "programmes" / "ctph-109")
CYCLE = PROGRAMME.cycle("annual-2023")
DAY = date(2024, 4, 30)
NOW = clock.at(date(2024, 5, 2))
ENGLISH = r"Expectation Suite|Data asset|Status|nexpected|Evaluated|Observed|Success|Run|Overview|Info"
EVIL = "<img src=x onerror=alert(1)>"


def facts() -> dict[str, FormFacts]:
    """Five units; the second has a negative count, typed with something else beside it."""
    units = PROGRAMME.expected_units(CYCLE)[:5]
    cells = {"MH03.05": Cell("MH03.05", ValueKind.NUMBER, Decimal(-3), raw=f"-3 {EVIL}")}
    clean: Mapping[str, Cell] = {"MH03.05": Cell("MH03.05", ValueKind.NUMBER, Decimal(3))}
    return {
        unit.code: FormFacts(unit, cells if place == 1 else clean, frozenset({"MH03.05"}), DAY)
        for place, unit in enumerate(units)
    }


def docs(folder: Path, *, made_at: datetime = NOW) -> Docs:
    names = {unit.code: unit.name for unit in PROGRAMME.expected_units(CYCLE)}
    return Docs(folder, "năm 2023 – Chương trình phối hợp số 109", DAY, made_at, rehearsal=True, units=names)


RULES = rules_for(PROGRAMME, CYCLE)
SOME = [rule for rule in RULES if rule.id.endswith("-MH03.05")]


def run(where: Docs, rules: Sequence[Rule] = SOME) -> None:
    rulebook = Rulebook(rules, facts())
    assert run_rulebook(rulebook, name="ctph-109-annual-2023", docs=where).docs_failure is None


def texts(folder: Path) -> dict[str, str]:
    return {
        file.relative_to(folder).as_posix(): file.read_text(encoding="utf-8")
        for file in folder.rglob("*.html")
    }


def visible(page: str) -> str:
    return re.sub(r"<[^>]+>", " ", re.sub(r"<style>.*?</style>", " ", page, flags=re.S))


def test_the_pages_name_each_rule_and_load_nothing(tmp_path: Path) -> None:
    def broken(_: FormFacts) -> Finding | None:
        raise ZeroDivisionError("chia cho không")

    where = docs(tmp_path / "data-docs")
    run(where, [*RULES, Rule("BROKEN", "balance", Severity.ERROR, f"hỏng {EVIL}", broken)])
    pages = texts(where.folder)
    assert sorted(pages) == [
        "expectations/ctph-109-annual-2023.html",
        "index.html",
        f"validations/{where.name}.html",
    ]
    result, suite = pages[f"validations/{where.name}.html"], pages["expectations/ctph-109-annual-2023.html"]
    for rule in RULES:
        assert f"{rule.id}: " in result
        assert f"{rule.id}: " in suite
    second = PROGRAMME.expected_units(CYCLE)[1]
    assert f'<a href="../../quality/{second.code}.html">{second.name}</a>' in result
    assert result.index("RANGE-MH03.05: ") < result.index("COMP-CT00.01: ")  # what failed stands first
    assert "chia cho không" in result
    for page in pages.values():
        assert "<script" not in page
        assert "<img" not in page
        assert "https://" not in page
        assert not re.search(r"<[^>]*(src|integrity|crossorigin)=", page)
    for name, page in pages.items():
        assert re.findall(ENGLISH, visible(page)) == [], name


def test_only_the_last_runs_are_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(data_docs, "KEPT_RUNS", 2)
    folder = tmp_path / "data-docs"
    made = [docs(folder, made_at=NOW + timedelta(days=day)) for day in range(3)]
    (folder / "validations").mkdir(parents=True)
    (folder / "validations" / "loose.html").write_text("left by a kill", encoding="utf-8")
    for each_run in made:
        run(each_run)
    assert {file.name for file in (folder / "validations").iterdir()} == {
        f"{kept.name}.html" for kept in made[1:]
    }
    listed = [run_entry["run"] for run_entry in json.loads((folder / "runs.json").read_text())]
    assert listed == [made[2].name, made[1].name]
    links = re.findall(r'href="(validations/[^"]+)"', (folder / "index.html").read_text(encoding="utf-8"))
    assert links == [f"validations/{name}.html" for name in listed]
    run(made[2])  # the same run once more
    assert [run_entry["run"] for run_entry in json.loads((folder / "runs.json").read_text())] == listed
    (folder / "runs.json").write_text("[{", encoding="utf-8")
    run(made[2])
    assert len(json.loads((folder / "runs.json").read_text())) == 1


def test_a_verdict_stands_without_its_pages(tmp_path: Path) -> None:
    (tmp_path / "data-docs").write_text("a file where the folder should be")
    verdict = run_rulebook(Rulebook(SOME, facts()), name="x", docs=docs(tmp_path / "data-docs"))
    assert verdict.docs_failure is not None
    assert "không lập được trang quy tắc kiểm tra" in verdict.docs_failure
    assert {rule for rule, _ in verdict.findings} >= {"RANGE-MH03.05"}


def test_a_browser_with_the_network_off_shows_tables_and_rules(browser: Browser, tmp_path: Path) -> None:
    where = docs(tmp_path / "data-docs")
    run(where)
    context = browser.new_context(offline=True, viewport={"width": 360, "height": 800})
    page = context.new_page()
    asked, messages = hosts_asked(page), []
    page.on("console", lambda message: messages.append(message.text))
    page.goto((where.folder / "index.html").as_uri())
    assert page.locator("table.runs tbody tr").count() == 2
    assert _violations(page) == []
    page.get_by_role("link", name="số liệu đến 30/4/2024").click()
    assert page.url == (where.folder / "validations" / f"{where.name}.html").as_uri()
    assert page.get_by_text("RANGE-MH03.05:").is_visible()
    assert _violations(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    page.get_by_role("link", name="ctph-109-annual-2023").click()
    assert page.get_by_text("RANGE-MH03.05:").is_visible()
    assert asked == set()
    assert messages == []
    context.close()


def _violations(page: object) -> list[tuple[str, str]]:
    violations = Axe().run(page).response["violations"]
    return [
        (violation["id"], violation["nodes"][0]["html"])
        for violation in violations
        if violation["impact"] in ("serious", "critical")
    ]
