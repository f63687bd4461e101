"""A page holds one connection at a time: in SQLite a second one would wait for a writer that waits for the first."""

import threading
import traceback
from pathlib import Path
from typing import Any

from flask import has_request_context, request
from sqlalchemy import event

from tests.web.all_pages import all_pages
from tests.web.building import product_of
from tests.web.users_cast import cast


def test_no_page_opens_a_second_connection_while_it_looks(tmp_path: Path) -> None:
    the = cast(tmp_path)
    engine = product_of(the.app).sessions.engine  # type: ignore[attr-defined]
    held, second = threading.local(), set()

    def out(*_: Any) -> None:
        held.count = getattr(held, "count", 0) + 1
        if held.count > 1 and has_request_context():
            ours = [each for each in traceback.extract_stack() if "/accessmgr/web/" in each.filename]
            second.add((request.method, str(request.url_rule), ours[-1].name if ours else ""))

    def back(*_: Any) -> None:
        held.count -= 1

    event.listen(engine, "checkout", out)
    event.listen(engine, "checkin", back)
    all_pages(the, "en")
    assert second == set()
