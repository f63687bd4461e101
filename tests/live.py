"""The product as people run it: `accessmgr serve` in a process of its own, on a demo world of its own."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

ACCESSMGR = (sys.executable, "-c", "from accessmgr.cli import main; main()")
START_WITHIN = 60
"""Seconds that a start with loading the demo world may take on a busy machine before it counts as failed."""


@contextmanager
def served(instance: Path) -> Iterator[str]:
    """Serve the instance folder, which is made with the demo world if it is empty, and give the address.

    :raise RuntimeError: it does not come up; what it printed stands in the message
    """
    port = _free_port()
    environment, command = _environment(instance), [*ACCESSMGR, "serve", "--port", str(port)]
    log = instance.with_suffix(".log")
    with log.open("wb") as output:
        server = subprocess.Popen(command, env=environment, stdout=output, stderr=output, start_new_session=True)
    base = f"http://127.0.0.1:{port}"
    try:
        _wait_until_ready(server, base, log)
        yield base
    finally:
        with suppress(ProcessLookupError):
            os.killpg(server.pid, signal.SIGTERM)
        server.wait(10)


def told_by(instance: Path, *words: str) -> str:
    """What a command prints that works on the instance folder, served or not.

    :raise CalledProcessError: it is refused
    """
    command = [*ACCESSMGR, *words]
    return subprocess.run(command, env=_environment(instance), stdout=subprocess.PIPE, text=True, check=True).stdout


def copied(template: Path, to: Path) -> Path:
    """A copy of an instance folder that nobody serves."""
    shutil.copytree(template, to)
    return to


def _environment(instance: Path) -> dict[str, str]:
    """The environment of this process, but for the address that a server tried within it may have noted there."""
    inherited = {name: value for name, value in os.environ.items() if name != "ACCESSMGR_BASE_URL"}
    return {**inherited, "ACCESSMGR_INSTANCE": str(instance), "PYTHONWARNINGS": "default"}


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait_until_ready(server: "subprocess.Popen[bytes]", base: str, log: Path) -> None:
    for _ in range(START_WITHIN * 5):
        if server.poll() is not None:
            break
        try:
            with urllib.request.urlopen(f"{base}/readyz", timeout=2) as answer:  # noqa: S310  # an address of ours
                if answer.status == 200:
                    return
        except (urllib.error.URLError, OSError):
            time.sleep(0.2)
    raise RuntimeError(f"the server did not come up: {log.read_text(errors='replace')}")
