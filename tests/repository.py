"""The files that belong to the repository, for tests that read the repository itself."""

import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


def files_of_the_repository() -> list[Path]:
    """The paths, relative to the root, of what git has or would take up."""
    listing = subprocess.run(
        ["git", "-c", "safe.directory=*", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    paths = {Path(name) for name in listing.split("\0") if name}
    return sorted(path for path in paths if (ROOT / path).is_file())


def texts_of_the_repository() -> dict[Path, str]:
    """The text files among them, by path."""
    texts = {}
    for path in files_of_the_repository():
        content = (ROOT / path).read_bytes()
        if b"\0" not in content:
            texts[path] = content.decode("utf-8")
    return texts
