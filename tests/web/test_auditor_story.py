"""In a real browser: who could enter for Netjes Thuis on 3 May, who gave them that, and a certificate of it."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.browser import Pages
from tests.live import served
from tests.web.building import NETJES
from tests.web.story import Walk

TOOL = Path(__file__).parents[2] / "tools" / "verify_history.py"


@pytest.fixture
def base(tmp_path: Path) -> Iterator[str]:
    """The address of a product on a demo world of its own."""
    with served(tmp_path / "instance") as address:
        yield address


def verdict(file: Path, key: str) -> str:
    """What the verifier that stands alone says of a file."""
    command = [sys.executable, str(TOOL), str(file), "--vkey", key]
    return subprocess.run(command, capture_output=True, text=True, check=False).stdout


@pytest.mark.parametrize("javascript", [True, False], ids=["javascript", "no javascript"])
def test_an_auditor_finds_who_could_enter_and_takes_a_certificate_that_outsiders_can_verify(
    base: str, new_page: Pages, tmp_path: Path, javascript: bool
) -> None:
    walk = Walk(new_page(javascript=javascript, locale="en-GB"), base)
    page = walk.page
    walk.be("mila")
    page.context.add_cookies([{"name": "language", "value": "en", "url": base}])
    walk.go("/history/")
    walk.fill(enterprise="1999.000.150", case="2026/17", purpose="Who entered on 3 May?")
    walk.press(page.locator("main form:has([name=enterprise]) button[type=submit]"))
    walk.follow(f"/history/{NETJES}/who$")
    walk.fill(on="2026-05-03")
    walk.press(page.locator("main form:has([name=on]) button[type=submit]"))
    told = page.inner_text("main")
    assert "Inès Dubois" in told
    assert "The right was granted by Nadia El Amrani" in told

    way = page.locator("main section.card", has_text="Inès Dubois: ")
    walk.press(way.locator(f"a[href^='/history/{NETJES}/grants/']").first)
    walk.follow("/certificate[?]on=2026-05-03$")
    certificate = page.inner_text("main")
    assert "Inès Dubois holds this right" in certificate
    assert "3 May 2026" in certificate

    walk.fill(purpose="Who entered on 3 May?")
    with page.expect_download() as started:
        page.locator("main button[value=jsonl]").click()
    file = tmp_path / started.value.suggested_filename
    started.value.save_as(file)
    answer = page.request.get(f"{base}/history/key")
    key = answer.text().strip()

    entries = file.read_bytes().count(b"\n") - 1
    assert verdict(file, key) == f"VALID {entries}\n"
    assert entries > 3
    file.write_bytes(file.read_bytes().replace(b'"V99901"', b'"V99902"', 1))
    assert verdict(file, key).startswith("TAMPERED at ")
