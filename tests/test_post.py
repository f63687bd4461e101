"""Letters handed over: into a folder, and to a real server that speaks SMTP."""

import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

import pytest

from accessmgr.post import WrongAddress, check_server, post_office
from accessmgr.usecases.notifying import Letter, NotTaken

LETTER = Letter("12:granted:grant:worker", "ines@example.be", "Vous avez un droit « ici »", "Chère Inès,\n\nbonjour\n")
SENDER = "accessmgr@example.be"


class Server(socketserver.ThreadingTCPServer):
    """A mail server on this machine that keeps what it takes, or refuses every recipient."""

    def __init__(self, *, refuses: bool) -> None:
        super().__init__(("127.0.0.1", 0), Conversation)
        self.refuses = refuses
        self.taken: list[bytes] = []


class Conversation(socketserver.StreamRequestHandler):
    """What a server says to a client, line by line (RFC 5321)."""

    server: Server

    def handle(self) -> None:
        self._say("220 ready")
        for line in self.rfile:
            word = line.split()[0].upper()
            if word == b"QUIT":
                return self._say("221 bye")
            if word == b"DATA":
                self._say("354 go on")
                self.server.taken.append(self._letter())
                self._say("250 taken")
            elif word == b"RCPT" and self.server.refuses:
                self._say("550 nobody is called so")
            else:
                self._say("250 well")

    def _letter(self) -> bytes:
        lines = []
        for line in self.rfile:
            if line == b".\r\n":
                break
            lines.append(line)
        return b"".join(lines)

    def _say(self, text: str) -> None:
        self.wfile.write(f"{text}\r\n".encode())


@contextmanager
def a_server(*, refuses: bool = False) -> Iterator[tuple[Server, str]]:
    with Server(refuses=refuses) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        try:
            yield server, f"smtp://127.0.0.1:{server.server_address[1]}"
        finally:
            server.shutdown()
            thread.join()


def read(content: bytes) -> EmailMessage:
    return message_from_bytes(content, policy=policy.default)


def test_a_server_takes_the_whole_letter_in_its_own_characters(tmp_path: Path) -> None:
    with a_server() as (server, url):
        post_office(url, SENDER, tmp_path)(LETTER)
    [message] = map(read, server.taken)
    assert message["To"] == "ines@example.be"
    assert message["From"] == SENDER
    assert message["Subject"] == "Vous avez un droit « ici »"
    assert message.get_content().replace("\r\n", "\n") == "Chère Inès,\n\nbonjour\n"


def test_a_letter_that_is_handed_over_twice_is_known_as_the_same_and_another_is_not(tmp_path: Path) -> None:
    with a_server() as (server, url):
        post = post_office(url, SENDER, tmp_path)
        post(LETTER)
        post(LETTER)
        post(Letter("13:granted:grant:worker", LETTER.to, LETTER.subject, LETTER.text))
    first, again, other = (read(content)["Message-ID"] for content in server.taken)
    assert first == again
    assert other != first


def test_a_server_that_refuses_the_address_does_not_take_the_letter(tmp_path: Path) -> None:
    with a_server(refuses=True) as (server, url), pytest.raises(NotTaken, match="SMTPRecipientsRefused"):
        post_office(url, SENDER, tmp_path)(LETTER)
    assert server.taken == []


def test_a_server_that_is_not_there_does_not_take_the_letter(tmp_path: Path) -> None:
    with a_server() as (_, url):
        pass
    with pytest.raises(NotTaken):
        post_office(url, SENDER, tmp_path)(LETTER)


@pytest.mark.parametrize("address", ["", "nobody", "a@b@c", "ines@example.be\nBcc: mila@example.be"])
def test_an_address_that_is_none_is_refused_before_anything_is_sent(tmp_path: Path, address: str) -> None:
    wrong = Letter(LETTER.id, address, LETTER.subject, LETTER.text)
    with a_server() as (server, url), pytest.raises(NotTaken, match="the address is none"):
        post_office(url, SENDER, tmp_path)(wrong)
    assert server.taken == []


def test_without_a_server_each_letter_is_one_file_however_often_it_is_handed_over(tmp_path: Path) -> None:
    post = post_office("", SENDER, tmp_path / "letters")
    post(LETTER)
    post(LETTER)
    [path] = (tmp_path / "letters").iterdir()
    assert path.suffix == ".eml"
    assert path.stat().st_mode & 0o777 == 0o600
    assert read(path.read_bytes())["Subject"] == "Vous avez un droit « ici »"


def test_a_folder_that_cannot_be_written_does_not_take_the_letter(tmp_path: Path) -> None:
    (tmp_path / "letters").write_text("in the way")
    with pytest.raises(NotTaken):
        post_office("", SENDER, tmp_path / "letters")(LETTER)


@pytest.mark.parametrize(
    "url", ["smtp://mail.example.be", "smtp://me:word@mail.example.be:587", "smtps://mail.example.be"]
)
def test_an_address_of_a_mail_server_is_known(url: str) -> None:
    check_server(url)


@pytest.mark.parametrize("url", ["mail.example.be", "http://mail.example.be", "smtp://", "smtp://host/path"])
def test_another_address_is_none_of_a_mail_server(url: str) -> None:
    with pytest.raises(WrongAddress):
        check_server(url)
