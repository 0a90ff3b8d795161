"""The threat table names tests; each of them exists."""

import re
from pathlib import Path

ROOT = Path(__file__).parent.parent
THREATS = (
    "Forged sender", "Stolen token", "Token of X with a form of Y", "Old form sent again", "Mail loop",
    "Header injection", "Zip bomb", "Far cell", "XXE", "Formula injection", "Path traversal",
    "Oversized mail",
)  # fmt: skip


def test_each_threat_has_tests_that_exist() -> None:
    lines = (ROOT / "docs/security.md").read_text().splitlines()
    rows = [line for line in lines if line.startswith("| ") and not line.endswith("| Shown by |")]
    for threat in THREATS:
        assert any(row.startswith(f"| {threat}") for row in rows), threat
    for row in rows:
        named = re.findall(r"`([\w/]+\.py)::(\w+)`", row)
        assert named, row
        for file, test in named:
            assert f"def {test}(" in (ROOT / "tests" / file).read_text(), f"{file}::{test}"
