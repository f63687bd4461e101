"""Files that are made while somebody waits for them: what does not fit in a little memory goes to the disk."""

from collections.abc import Callable, Iterator
from tempfile import SpooledTemporaryFile
from typing import IO, cast

from flask import Response

IN_MEMORY = 1024 * 1024
"""Bytes of a file that are kept in memory; the rest goes to the disk while it is made."""

PART = 64 * 1024
"""Bytes that are sent at once."""

TYPES = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
"""The forms of a table, each with its media type."""


def made(name: str, media_type: str, write: Callable[[IO[bytes]], None]) -> Response:
    """The answer with a file that is written now, whole: what fails while it is made fails before anything is sent."""
    file = cast(IO[bytes], SpooledTemporaryFile(IN_MEMORY))  # noqa: SIM115  # closed with the answer
    try:
        write(file)
    except BaseException:
        file.close()
        raise
    length = file.tell()
    file.seek(0)
    headers = {"Content-Disposition": f"attachment; filename={name}", "Content-Length": str(length)}
    response = Response(_sent(file), content_type=media_type, headers=headers)
    response.call_on_close(file.close)  # nobody may want its content, as after HEAD
    return response


def _sent(file: IO[bytes]) -> Iterator[bytes]:
    with file:
        while part := file.read(PART):
            yield part
