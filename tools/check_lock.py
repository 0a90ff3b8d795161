"""Whether the lock files still fit pyproject.toml, hold hashes and name no host."""

import sys
import tomllib
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import NormalizedName, canonicalize_name
from packaging.version import Version

ROOT = Path(__file__).parent.parent


def pinned(lock: Path) -> dict[NormalizedName, Version]:
    """name -> version of every line ``name==version \\`` of a lock file."""
    versions: dict[NormalizedName, Version] = {}
    for line in lock.read_text().splitlines():
        if "==" in line and not line.startswith((" ", "#")):
            requirement = Requirement(line.removesuffix("\\").strip())
            version = next(iter(requirement.specifier)).version
            versions[canonicalize_name(requirement.name)] = Version(version)
    return versions


def mistakes() -> list[str]:
    """Everything that does not fit, a line each."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    wanted = {
        "requirements.lock": project["project"]["dependencies"],
        "requirements-dev.lock": [*project["project"]["dependencies"], *project["dependency-groups"]["dev"]],
    }
    faults = []
    for name, requirements in wanted.items():
        lock = ROOT / name
        text = lock.read_text()
        versions = pinned(lock)
        if "://" in text:
            faults.append(f"{name}: names a host")
        if text.count("--hash=sha256:") < len(versions):
            faults.append(f"{name}: a package without a hash")
        for line in requirements:
            requirement = Requirement(line)
            version = versions.get(canonicalize_name(requirement.name))
            if version is None or version not in requirement.specifier:
                faults.append(f"{name}: {line} is not met (locked: {version}); run 'make lock'")
    return faults


if __name__ == "__main__":
    lines = mistakes()
    sys.stderr.writelines(f"{line}\n" for line in lines)
    sys.exit(bool(lines))
