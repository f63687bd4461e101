"""Handing letters over: to a mail server by SMTP (RFC 5321, submission), or into a folder where none is set."""

import hashlib
import smtplib
import ssl
from collections.abc import Callable
from email.errors import MessageError
from email.headerregistry import Address
from email.message import EmailMessage
from pathlib import Path
from urllib.parse import unquote, urlsplit

from accessmgr.durable import replace
from accessmgr.usecases.notifying import Letter, NotTaken

PATIENCE = 10.0
"""Seconds that a mail server has to answer."""
PORTS = {"smtp": 587, "smtps": 465}


class WrongAddress(ValueError):
    """The address of a mail server is not one."""


def check_server(url: str) -> None:
    """:raise WrongAddress: the text is no address of a mail server"""
    parts = urlsplit(url)
    if parts.scheme not in PORTS or not parts.hostname or parts.path not in ("", "/"):
        raise WrongAddress("an address such as `smtp://user:password@host:587` or `smtps://host` is needed")


def post_office(server: str, sender: str, folder: Path) -> Callable[[Letter], None]:
    """What takes letters: the mail server, or the folder if there is none.

    :param server: `smtp://…` (with STARTTLS, unless it is on this machine) or `smtps://…`; empty for the folder
    """
    if server:
        return lambda letter: _send(server, _message(letter, sender))
    return lambda letter: _put(folder, letter, _message(letter, sender))


def _message(letter: Letter, sender: str) -> EmailMessage:
    """The letter as an e-mail. Its id follows from the notice, so what arrives twice is known as the same.

    :raise NotTaken: the address is none
    """
    domain = sender.rpartition("@")[2]
    message = EmailMessage()
    try:
        message["From"] = Address(addr_spec=sender)
        message["To"] = Address(addr_spec=letter.to)
        message["Subject"] = letter.subject
    except (MessageError, ValueError, IndexError) as wrong:
        raise NotTaken("the address is none") from wrong
    message["Message-ID"] = f"<{_name(letter)}@{domain}>"
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(letter.text)
    return message


def _name(letter: Letter) -> str:
    return hashlib.sha256(letter.id.encode()).hexdigest()[:32]


def _put(folder: Path, letter: Letter, message: EmailMessage) -> None:
    try:
        replace(folder / f"{_name(letter)}.eml", message.as_bytes())
    except OSError as fault:
        raise NotTaken(type(fault).__name__) from fault


def _send(server: str, message: EmailMessage) -> None:
    parts = urlsplit(server)
    host, port = parts.hostname or "", parts.port or PORTS[parts.scheme]
    context = ssl.create_default_context()
    try:
        if parts.scheme == "smtps":
            connection: smtplib.SMTP = smtplib.SMTP_SSL(host, port, timeout=PATIENCE, context=context)
        else:
            connection = smtplib.SMTP(host, port, timeout=PATIENCE)
        with connection:
            if parts.scheme == "smtp" and host not in ("127.0.0.1", "localhost", "::1"):
                connection.starttls(context=context)
            if parts.username:
                connection.login(unquote(parts.username), unquote(parts.password or ""))
            connection.send_message(message)
    except (OSError, smtplib.SMTPException) as fault:
        raise NotTaken(type(fault).__name__) from fault
