"""An answer goes to an address that is registered, character by character: a corpus of others, none of them taken."""

from dataclasses import replace
from pathlib import Path
from urllib.parse import quote

import pytest

from accessmgr.usecases.relying_parties import Client, WrongRegistration
from tests.oidc.building import APP, Application, a_world

URI = "https://app.example/callback"
WILD = "http://127.0.0.1:*/*"
EVIL = "evil.example"

HOSTS = [
    EVIL, f"app.example.{EVIL}", f"{EVIL}/app.example", f"app.example@{EVIL}", f"{EVIL}@app.example",
    "app.example:443", "app.example:80", "app.example:8443", "app.example.", ".app.example", "APP.EXAMPLE",
    "App.example", "app.example%00", f"app.example%2f@{EVIL}", f"app.example%40{EVIL}", "app.examplе",
    "xn--app-example", "www.app.example", "app.example,x", f"app.example\\@{EVIL}", f"app.example\\.{EVIL}",
    f"app.example;{EVIL}", f"app.example#{EVIL}", f"app.example?{EVIL}", "user:pass@app.example", "@app.example",
    "@@app.example", f"a@@{EVIL}@app.example", "[::1]", "127.0.0.1", "localhost", "0x7f.0.0.1", "2130706433",
    "app.example ", " app.example", "app%2eexample", "app。example", "app．example", "*", "*.example",
]  # fmt: skip
SCHEMES = [
    "http", "HTTPS", "Https", "ftp", "javascript", "data", "file", "blob", "vbscript", "app", "https+x", "httpss",
    "//", "", " https", "https ", "ws", "view-source:https", "https:https",
]  # fmt: skip
PATHS = [
    "", "/", "/callback/", "/Callback", "/CALLBACK", "//callback", "/callback//", "/./callback", "/x/../callback",
    "/callback/..", "/callback/../callback", "/callback/.", "/callback;", "/callback;x=1", "/callback;/../x",
    "/callback..;/", "/%63allback", "/callbac%6b", "/callback%00", "/callback%20", "/callback%2f", "/callback%2F..",
    "/callback%2e%2e", "/callback%0d%0aX:1", "/callback\r\nX: 1", "/callback\t", "/callback\x00", "/callback ",
    " /callback", "\\callback", "/callback\\", "/\\callback", "/callback/x", "/callbackx", "/callback.html",
    "/callback.", "/callbac", "/allback", "/callback*", "/*", "/callback/*", "/сallback", "/callback\u200b",
    "/callback\ufeff", "/cállback", "/callback\u202e",
]  # fmt: skip
ENDS = [
    "?", "?x=1", "?x", "?code=1", "?state=x", "?&", "?=", "#", "#x", "#/callback", "?#", "&x=1", "?x=1#y", "%3fx=1",
    "%23x", "?redirect_uri=" + quote(URI), "?next=//" + EVIL, "?x=\r\n", "??", "?\x00", ";", ",", "'", '"', "<", ">",
    "`", "{", "}", "|", "^", "~", "$", "!", "(", ")", "+", "=", "@" + EVIL, ":443", ":80", "\n", "\r", "\x7f",
    "\u2028", "%", "%%", "%zz", "%u002f",
]  # fmt: skip
OTHERS = [
    "", " ", "/", "/callback", "//app.example/callback", "callback", "?", "#", "null", "undefined", "None", "*",
    "https:*", "https://*", "https://*/callback", "https://app.example*", URI.upper(), URI + URI, f"{URI} {URI}",
    f"{URI},{URI}", quote(URI), quote(URI, safe=""), quote(quote(URI, safe=""), safe=""), f" {URI}", f"{URI} ",
    f"\t{URI}", f"\n{URI}", f"\ufeff{URI}", f"<{URI}>", f'"{URI}"', f"url:{URI}", f"https://{EVIL}/?{URI}",
    f"https://{EVIL}/#{URI}", f"https://{EVIL}/{URI}", URI[:-1], URI[1:], URI.replace("://", ":/"),
    URI.replace("://", ":///"), URI.replace("//", "\\\\"), "data:text/html,x",
    "javascript:alert(1)//https://app.example/callback", "about:blank", "urn:ietf:wg:oauth:2.0:oob",
]  # fmt: skip
MUTATED = [
    *(f"https://{host}/callback" for host in HOSTS),
    *(f"{scheme}://app.example/callback" for scheme in SCHEMES),
    *(f"https://app.example{path}" for path in PATHS),
    *(f"{URI}{end}" for end in ENDS),
    *OTHERS,
    *(URI[:place] + URI[place + 1 :] for place in range(len(URI))),
    *(f"{URI[:place]}%{ord(URI[place]):02x}{URI[place + 1 :]}" for place in range(len(URI))),
]
LOOPBACK = [
    "http://127.0.0.1/callback", "http://127.0.0.1:0/callback", "http://127.0.0.1:65536/callback",
    "http://127.0.0.1:x/callback", "http://127.0.0.1:05000/callback", "http://127.0.0.1:*/callback",
    "http://127.0.0.1:*/*", "http://127.0.0.1:5000/*", "https://127.0.0.1:5000/callback",
    "http://localhost:5000/callback", "http://127.0.0.2:5000/callback", "http://[::1]:5000/cb",
    f"http://127.0.0.1:5000@{EVIL}/callback", f"http://127.0.0.1:5000.{EVIL}/callback",
    f"http://{EVIL}:5000/callback", "http://127.0.0.1:5000/callback?x=1", "http://127.0.0.1:5000/callback#x",
    "http://127.0.0.1:5000/../callback", "http://127.0.0.1:5000//callback", "http://127.0.0.1:5000/a/..",
    "http://127.0.0.1:5000/\\callback", "http://127.0.0.1:5000", "http://127.0.0.1:5000/call%62ack",
    "http://127.0.0.1:5000/callback\n", " http://127.0.0.1:5000/callback", "http://x@127.0.0.1:5000/callback",
    "http://127.1:5000/callback", "http://0x7f000001:5000/callback", "HTTP://127.0.0.1:5000/cb",
    f"http://127.0.0.1:5000%2f@{EVIL}/callback", "http://127.0.0.1:5000;/callback", "http://127.0.0.1:٥٠٠٠/callback",
]  # fmt: skip


def test_the_corpus_is_large() -> None:
    assert len(set(MUTATED)) >= 200
    assert URI not in MUTATED


@pytest.mark.parametrize("uri", [URI, "app.example:/callback"])
def test_what_is_registered_is_taken(uri: str) -> None:
    assert replace(APP, redirect_uris=(uri,)).redirects_to(uri, simulation=False) is True


def test_no_mutated_address_is_taken() -> None:
    taken = [uri for uri in MUTATED for simulation in (True, False) if APP.redirects_to(uri, simulation=simulation)]
    assert taken == []


def test_no_mutated_address_is_taken_by_the_wildcard_of_the_simulation() -> None:
    wild = replace(APP, redirect_uris=(WILD, "http://127.0.0.1:*/callback"))
    assert [uri for uri in (*MUTATED, *LOOPBACK) if wild.redirects_to(uri, simulation=True)] == []


def test_the_wildcard_is_any_port_and_path_of_this_machine_in_simulation_alone() -> None:
    any_path, one_path = (
        replace(APP, redirect_uris=(WILD,)),
        replace(APP, redirect_uris=("http://127.0.0.1:*/callback",)),
    )
    for uri, by_any, by_one in (
        ("http://127.0.0.1:1/callback", True, True),
        ("http://127.0.0.1:65535/callback", True, True),
        ("http://127.0.0.1:5000/", True, False),
        ("http://127.0.0.1:5000/auth/oidc-cb_1.php", True, False),
    ):
        assert any_path.redirects_to(uri, simulation=True) is by_any
        assert one_path.redirects_to(uri, simulation=True) is by_one
        assert any_path.redirects_to(uri, simulation=False) is False


WITH_QUERY = f"{URI}?a=1&b=2"
QUERIES = [
    "", "?", "?a=1", "?b=2&a=1", "?a=1&b=2&", "?&a=1&b=2", "?a=1&&b=2", "?a=1;b=2", "?a=1&b=2&a=1", "?a=1&b=2&c=3",
    "?A=1&b=2", "?a=%31&b=2", "?%61=1&b=2", "?a=1&b=2#", "?a=1&b=+2", "?a=1&b=2%00", "?a=1%26b=2", "?a=1&amp;b=2",
    "?a=1&b=2/", "?a=1&b=02", "?a=1&b[]=2",
]  # fmt: skip
OWN_MACHINE = "http://127.0.0.1:5000/callback"
OTHER_MACHINES = [
    *(
        f"http://{host}:5000/callback"
        for host in (
            "localhost",
            "[::1]",
            "[::ffff:127.0.0.1]",
            "127.0.0.2",
            "127.1",
            "0",
            "127.0.0.1.",
            "017700000001",
        )
    ),
    *(f"http://127.0.0.1{port}/callback" for port in ("", ":", ":5001", ":05000", ":50000", ":5000 ", ":5000:5000")),
]
MORE: list[dict[str, str]] = [{}, {"response_mode": "form_post"}, {"scope": "rrn", "prompt": "none"}]
"""What makes answers take other ways, errors among them."""


def test_neither_a_query_nor_a_machine_is_another_for_meaning_the_same() -> None:
    exact = replace(APP, redirect_uris=(WITH_QUERY, OWN_MACHINE))
    others = [*(URI + query for query in QUERIES), *OTHER_MACHINES]
    assert [
        uri for uri in others for simulation in (True, False) if exact.redirects_to(uri, simulation=simulation)
    ] == []
    assert [exact.redirects_to(uri, simulation=False) for uri in (WITH_QUERY, OWN_MACHINE)] == [True, True]


def test_an_answer_joins_the_query_of_the_address(tmp_path: Path) -> None:
    world = a_world(tmp_path, replace(APP, redirect_uris=(WITH_QUERY,)))
    answer = Application(world).ask(world.browser("ines"), redirect_uri=WITH_QUERY)
    assert answer.location.startswith(f"{WITH_QUERY}&code=")


def test_no_mutated_address_gets_an_answer_from_the_endpoint(tmp_path: Path) -> None:
    world = a_world(tmp_path)
    browser, app = world.browser("ines"), Application(world)
    before = world.size()
    answers = {uri: app.ask(browser, redirect_uri=uri, **MORE[turn % 3]) for turn, uri in enumerate(MUTATED)}
    assert {(answer.status_code, answer.headers.get("Location")) for answer in answers.values()} == {(400, None)}
    assert {f'"https://{EVIL}' in answer.get_data(as_text=True) for answer in answers.values()} == {False}
    assert (world.size(), world.kept("token_family"), world.kept("waiting_request")) == (before, 0, 0)


def test_no_mutated_address_is_returned_to_after_signing_out(tmp_path: Path) -> None:
    world = a_world(tmp_path)
    browser = world.browser("ines")
    for uri in MUTATED[::3]:
        asked = {"client_id": "app", "post_logout_redirect_uri": uri}
        answer = browser.get("/op/v1/logout", query_string=asked)
        assert (answer.status_code, answer.headers.get("Location")) == (400, None)
    assert browser.get("/managers/").status_code == 200


@pytest.mark.parametrize(
    "uri",
    [
        f"{URI}#x",
        f"https://user@{EVIL}/",
        "https://*.example/cb",
        "javascript:x",
        "data:x",
        "/callback",
        "https:///x",
        "a b:/x",
    ],
)
def test_an_address_that_leads_nowhere_safe_is_not_registered(uri: str) -> None:
    with pytest.raises(WrongRegistration):
        Client(id="x", name="X", redirect_uris=(uri,))
