"""What `docs/integrators.md` tells integrators is so: its example runs, and its tables name what there is."""

import re
import subprocess
import sys
from pathlib import Path
from threading import Thread

from werkzeug.serving import make_server

from accessmgr.api.registration_body import readers
from tests.oidc.building import a_world
from tests.repository import ROOT

PAGE = (ROOT / "docs" / "integrators.md").read_text(encoding="utf-8")


def block(kind: str) -> str:
    """The page's first block of a kind."""
    return PAGE.partition(f"```{kind}\n")[2].partition("```")[0]


def test_the_example_of_a_sign_in_without_a_browser_runs(tmp_path: Path) -> None:
    server = make_server("127.0.0.1", 0, a_world(tmp_path).app, threaded=True)
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        example = block("python").replace("http://127.0.0.1:8000", f"http://127.0.0.1:{server.server_port}")
        ran = subprocess.run([sys.executable, "-c", example], capture_output=True, text=True, timeout=60)
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
    assert (ran.stdout, ran.stderr) == ("['DienstenchequesErkendeOnderneming-V99901:1999000150']\n", "")


def test_every_member_of_a_registration_is_in_the_table() -> None:
    table = PAGE.partition("| Member | Value |")[2].partition("\n\n")[0]
    named = {name for row in table.splitlines() for name in re.findall(r"`(\w+)`", row.split("|")[1] if row else "")}
    assert named == set(readers(frozenset(), frozenset()))
