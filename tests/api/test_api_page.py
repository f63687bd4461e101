"""What `docs/api.md` tells is so: its example runs."""

import subprocess
import sys
from pathlib import Path
from threading import Thread

from werkzeug.serving import make_server

from tests.api.demo import a_demo
from tests.repository import ROOT

PAGE = (ROOT / "docs" / "api.md").read_text(encoding="utf-8")


def test_the_example_of_a_first_call_and_a_change_runs(tmp_path: Path) -> None:
    server = make_server("127.0.0.1", 0, a_demo(tmp_path / "demo").app, threaded=True)
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        block = PAGE.partition("```python\n")[2].partition("```")[0]
        example = block.replace("http://127.0.0.1:8000", f"http://127.0.0.1:{server.server_port}")
        ran = subprocess.run([sys.executable, "-c", example], capture_output=True, text=True, timeout=60)
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
    assert (ran.stdout, ran.stderr) == ("Nadia\nrevoked True\n", "")
