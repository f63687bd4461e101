"""Running the command line inside a test: what it printed, and its exit status."""

import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from accessmgr.cli import main


@dataclass(frozen=True)
class Ran:
    """What a command came to."""

    status: int
    out: str
    err: str


class Commands:
    """Commands on an instance folder of their own."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
        self._monkeypatch = monkeypatch
        self._capsys = capsys
        self.folder = folder
        monkeypatch.setenv("ACCESSMGR_INSTANCE", str(folder))

    def __call__(self, *words: str) -> Ran:
        """Run `accessmgr` with these words."""
        self._monkeypatch.setattr(sys, "argv", ["accessmgr", *words])
        self._capsys.readouterr()
        status = 0
        try:
            main()
        except SystemExit as end:
            status = end.code if isinstance(end.code, int) else 0 if end.code is None else 1
        printed = self._capsys.readouterr()
        return Ran(status, printed.out, printed.err)
