"""What `docs/authzen.md` tells integrators is so: its example runs, and its table names every action as it is asked."""

import json
import os
import re
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from threading import Thread

from werkzeug.serving import make_server

from accessmgr.core.actions import Action
from accessmgr.core.arguments import ARGUMENTS, THINGS
from accessmgr.usecases.relying_parties import hashed
from tests.oidc.building import APP, a_world
from tests.repository import ROOT

PAGE = (ROOT / "docs" / "authzen.md").read_text(encoding="utf-8")
CURL = f"""#!{sys.executable}
import argparse, base64, urllib.request

parser = argparse.ArgumentParser()
parser.add_argument("url")
parser.add_argument("-s", action="store_true")
parser.add_argument("-u")
parser.add_argument("-H", action="append", default=[])
parser.add_argument("-d", action="append")
given = parser.parse_args()
headers = dict(header.split(": ", 1) for header in given.H)
if given.u:
    headers["Authorization"] = "Basic " + base64.b64encode(given.u.encode()).decode()
request = urllib.request.Request(given.url, "&".join(given.d).encode(), headers)
print(urllib.request.urlopen(request).read().decode())
"""
"""As much of curl as the example needs, for a machine without it."""


def test_the_example_runs(tmp_path: Path) -> None:
    curl = tmp_path / "curl"
    curl.write_text(CURL)
    curl.chmod(0o755)
    demo = replace(APP, id="demo-confidential", secret=hashed("demo-secret"))
    server = make_server("127.0.0.1", 0, a_world(tmp_path / "world", demo).app, threaded=True)
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        example = PAGE.partition("```sh\n")[2].partition("```")[0].replace(":8000", f":{server.server_port}")
        path = f"{tmp_path}:{os.environ['PATH']}"
        ran = subprocess.run(
            ["sh", "-c", example], capture_output=True, text=True, timeout=60, env={**os.environ, "PATH": path}
        )
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
    assert ran.stderr == ""
    answer = json.loads(ran.stdout)
    assert (answer["decision"], answer["context"]["because"]) == (True, ["ENTER-1"])


def test_the_table_names_every_action_as_it_is_asked() -> None:
    table = PAGE.partition("| Action | Types of resources |")[2].partition("\n\n")[0]
    rows = [line.strip("|").split("|") for line in table.splitlines() if line.startswith("| `")]
    told = {row[0].strip(" `"): [re.findall(r"`(\w+)`", cell) for cell in row[1:]] for row in rows}
    assert set(told) == set(Action)
    for action, (types, required, taken) in told.items():
        needs, takes = (names.split() for names in ARGUMENTS[Action(action)])
        assert types == [name for name in THINGS if name in (*needs, *takes)]
        assert required == [name for name in needs if name not in types or len(types) > 1]
        assert taken == [name for name in takes if name not in types]
