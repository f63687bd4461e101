"""A canary: national numbers that go through the whole story leave no trace outside the sealed columns and the pages
of whoever typed them or had them revealed."""

import base64
import sqlite3
import zlib
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import unquote

import pytest
from playwright.sync_api import Page, Response

from tests.browser import Pages
from tests.live import served
from tests.web import story
from tests.web.story import PROPRE, Walk

CANARIES = ("79073000032", "01032299961")
"""The numbers of Anke, who is appointed by hers, and of Noah, who is linked by his and whose number is revealed."""


def dotted(digits: str) -> str:
    """The number as people write it."""
    return f"{digits[:2]}.{digits[2:4]}.{digits[4:6]}-{digits[6:9]}.{digits[9:]}"


def hexed(text: str) -> bytes:
    """The text in hexadecimal digits."""
    return text.encode().hex().encode()


def inside_base64(text: str) -> list[bytes]:
    """What base64 of anything that holds the text holds, at each of the three places where it can begin."""
    found = []
    for before in range(3):
        whole = base64.b64encode(b"x" * before + text.encode()).rstrip(b"=")
        found.append(whole[(0, 2, 3)[before] : -1])
    return found


def encodings(digits: str) -> dict[str, list[bytes]]:
    """How the number might stand somewhere, by the name of the encoding."""
    written = dotted(digits)
    percent = written.replace(".", "%2E").replace("-", "%2D")
    spaced = f"{digits[:2]} {digits[2:4]} {digits[4:6]} {digits[6:9]} {digits[9:]}"
    plain = [digits, written]
    return {
        "plain digits": [digits.encode()],
        "dotted": [written.encode()],
        "URL-encoded": [percent.encode(), percent.lower().encode()],
        "base64": [part for text in plain for part in inside_base64(text)],
        "hex": [code for text in plain for code in (hexed(text), hexed(text).upper())],
        "with spaces": [spaced.encode(), spaced.replace(" ", "%20").encode(), spaced.replace(" ", "+").encode()],
    }


def traces(content: bytes) -> list[str]:
    """The encodings in which a canary stands in some bytes."""
    return [
        f"{digits[:2]}… in {name}"
        for digits in CANARIES
        for name, forms in encodings(digits).items()
        if any(form in content for form in forms)
    ]


def sweep(folder: Path) -> dict[str, list[str]]:
    """The files of a folder that hold a canary, with the encodings; the key file aside."""
    found = {str(path.relative_to(folder)): traces(path.read_bytes()) for path in files(folder)}
    return {name: traced for name, traced in found.items() if traced}


def files(folder: Path) -> list[Path]:
    """Every file of a folder but the key file."""
    return [path for path in sorted(folder.rglob("*")) if path.is_file() and path.name != "keys.json"]


@dataclass
class Seen:
    """What a browser and everybody between it and the server get to see."""

    places: dict[str, list[str]] = field(default_factory=dict)
    addresses: list[str] = field(default_factory=list)
    cookies: list[bytes] = field(default_factory=list)
    statuses: set[int] = field(default_factory=set)

    def watch(self, page: Page) -> None:
        """Look at every answer to a page, and at where it leads."""
        page.on("response", self.look)

    def look(self, response: Response) -> None:
        """Address, headers and cookies of an answer."""
        self.addresses.append(response.url)
        self.statuses.add(response.status)
        headers = response.all_headers()
        self.note(f"address {response.request.method}", response.url + unquote(response.url))
        self.note("headers", str(headers))
        for cookie in headers.get("set-cookie", "").split("\n"):
            self.cookies.append(opened(cookie))
            self.note("cookie", str(self.cookies[-1]))

    def note(self, place: str, text: str) -> None:
        """Remember a place that holds a canary."""
        traced = traces(text.encode())
        if traced:
            self.places[place] = traced


def opened(cookie: str) -> bytes:
    """The content of a cookie that is signed, not sealed."""
    value = cookie.partition("=")[2].partition(";")[0]
    packed = value.startswith(".")
    payload = value.removeprefix(".").partition(".")[0]
    try:
        content = base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4))
        return zlib.decompress(content) if packed else content
    except (ValueError, zlib.error):
        return b""


@pytest.fixture
def instance(tmp_path: Path) -> Path:
    """A place for an instance folder."""
    return tmp_path / "instance"


@pytest.fixture
def base(instance: Path) -> Iterator[str]:
    """The address of a product that is served from it."""
    with served(instance) as address:
        yield address


def wrong_lookups(walk: Walk, seen: Seen) -> None:
    """Anke looks people up by a number that is right and names that are not, and the other way round."""
    walk.be("anke")
    for number, given in ((dotted(CANARIES[1]), "Nobody"), (CANARIES[0], "Nobody"), (CANARIES[1], "Somebody")):
        walk.go(f"/users/{PROPRE}/people/add")
        walk.fill(number=number, given=given, family="Elsewhere")
        walk.send()
        seen.note("second step", walk.page.content())
        walk.fill(first="2026-03-02", last="2026-12-31")
        walk.choose("user_type", "employee")
        walk.send()
        seen.note("check your answers", walk.page.content())
        walk.send()
        seen.note("page of a wrong look-up", walk.page.content())
        seen.note("title", walk.page.title())


def auditor_reveals(walk: Walk, seen: Seen) -> None:
    """Mila has the number of Noah revealed, with a reason."""
    walk.be("noah")
    walk.go("/users/")
    links = [link.get_attribute("href") or "" for link in walk.page.locator("main a").all()]
    person = next(href for href in links if "/people/" in href).rpartition("/")[2]
    walk.be("mila")
    walk.go(f"/users/people/{person}/number")
    walk.fill(reason="Yearly sample")
    walk.send()
    assert dotted(CANARIES[1]) in walk.page.content()
    seen.note("title of the page that reveals", walk.page.title())


def test_numbers_leave_no_trace(base: str, instance: Path, new_page: Pages) -> None:
    seen, page = Seen(), new_page(locale="en-GB")
    seen.watch(page)
    walk = Walk(page, base)
    for part in story.STORY:
        part(walk)
        seen.note(f"title after {part.__name__}", page.title())
        seen.note(f"page after {part.__name__}", page.content())
        if part is story.employee_enters:
            wrong_lookups(walk, seen)
            auditor_reveals(walk, seen)
    assert len(seen.addresses) > 80
    assert {200, 303, 403} <= seen.statuses
    assert any(b"_user_id" in cookie for cookie in seen.cookies)
    assert seen.places == {}
    log = instance.with_suffix(".log")
    assert traces(log.read_bytes()) == []
    assert [path.name for path in files(instance) if path.suffix == ".sqlite"] == ["accessmgr.sqlite"]
    assert sweep(instance) == {}
    with closing(sqlite3.connect(instance / "accessmgr.sqlite")) as planted:
        planted.execute("create table planted as select ? as number", (dotted(CANARIES[0]),))
        planted.commit()
    with page.expect_event("requestfinished"):  # what the answer told has been looked at by then
        walk.go(f"/about?number={CANARIES[1]}")
    page.wait_for_load_state("networkidle")
    assert seen.places == {"address GET": ["01… in plain digits"]}
    assert [found for traced in sweep(instance).values() for found in traced] == ["79… in dotted"]


@pytest.mark.parametrize("digits", CANARIES)
@pytest.mark.parametrize("name", encodings(CANARIES[0]))
def test_the_sweep_finds_what_is_planted(name: str, digits: str, tmp_path: Path) -> None:
    for place, form in enumerate(encodings(digits)[name]):
        (tmp_path / f"{place}.bin").write_bytes(b"\x00before" + form + b"after\xff")
    found = sweep(tmp_path)
    assert len(found) == len(encodings(digits)[name])
    assert {traced for each in found.values() for traced in each} == {f"{digits[:2]}… in {name}"}


@pytest.mark.parametrize("before", ["", "a", "ab", "abc"])
def test_base64_of_a_text_around_a_number_is_found(before: str) -> None:
    assert traces(base64.b64encode(f"{before}{CANARIES[0]} and more".encode())) == ["79… in base64"]
