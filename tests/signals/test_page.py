"""What `docs/events.md` tells is so: its example runs, and its tables name what there is."""

import re
import subprocess
import sys
from pathlib import Path
from threading import Thread

from werkzeug.serving import make_server

from accessmgr.usecases.changes import OF_THE_REGISTER
from accessmgr.usecases.streams import CLAIMS_CHANGE, SESSION_REVOKED, STREAM_UPDATED, SUPPORTED, VERIFICATION
from tests.oidc.building import SECRET, a_world
from tests.repository import ROOT
from tests.signals.building import SERVICE

PAGE = (ROOT / "docs" / "events.md").read_text(encoding="utf-8")


def test_the_example_of_a_service_runs(tmp_path: Path) -> None:
    server = make_server("127.0.0.1", 0, a_world(tmp_path, SERVICE).app, threaded=True)
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        example = PAGE.partition("```python\n")[2].partition("```")[0]
        example = example.replace("http://127.0.0.1:8000", f"http://127.0.0.1:{server.server_port}")
        command = [sys.executable, "-c", example, f"{SERVICE.id}:{SECRET}"]
        ran = subprocess.run(command, capture_output=True, text=True, timeout=60)
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
    assert (ran.stdout, ran.stderr) == (f"{{'{VERIFICATION}': {{'state': 'hello'}}}}\n", "")


def test_every_event_and_every_change_of_the_register_is_in_the_tables() -> None:
    events = PAGE.partition("| Event | When |")[2].partition("\n\n")[0]
    named = {f"https://schemas.openid.net/secevent{path}" for path in re.findall(r"`…(/\S+)`", events)}
    assert named == {SESSION_REVOKED, CLAIMS_CHANGE, VERIFICATION, STREAM_UPDATED}
    assert set(SUPPORTED) == {SESSION_REVOKED, CLAIMS_CHANGE}
    row = next(line for line in PAGE.splitlines() if line.startswith("| `register.changed`"))
    assert set(re.findall(r"`(\w+)`", row)) - {"change", "since"} == set(OF_THE_REGISTER)
