"""Where an extract lies: a folder or a ZIP, whose files are read as a stream and never unpacked to disk."""

from __future__ import annotations

import hashlib
import io
import zipfile
import zlib
from collections.abc import Callable
from functools import partial
from pathlib import Path, PurePosixPath
from typing import IO, Any

MOST_ENTRIES = 200
MOST_BYTES = 8 * 2**30
MOST_RATIO = 200
"""A published ZIP has some twenty entries and 2.5 GB of text, packed about ten to one; more is an attack."""

RATIO_COUNTS_FROM = 2**20

READING_FAILS = (OSError, EOFError, RuntimeError, NotImplementedError, zipfile.BadZipFile, zlib.error)
"""What a damaged disk, ZIP, or an encrypted one raises while it is read."""


class UnreadableExtract(ValueError):
    """An extract is not what is published: `file` and `line` say where, as far as that can be said.

    The message never repeats what the file holds: that may be a national number in a wrong place.
    """

    def __init__(self, reason: str, file: str | None = None, line: int | None = None) -> None:
        super().__init__(reason, file, line)
        self.reason = reason
        self.file = file
        self.line = line

    def __str__(self) -> str:
        where = [f"`{self.file}`"] if self.file else []
        where += [f"line {self.line}"] if self.line else []
        return f"{', '.join(where)}: {self.reason}" if where else self.reason


class Source:
    """The files of a folder, or of a ZIP (those in a folder inside it too), by their bare names.

    :raise UnreadableExtract: there is nothing there, or it is neither, or it unpacks to more than is plausible
    """

    def __init__(self, path: Path) -> None:
        self._zip: zipfile.ZipFile | None = None
        self._files: dict[str, Callable[[], IO[bytes]]] = {}
        try:
            if path.is_dir():
                self._files = {file.name: partial(io.FileIO, file) for file in path.iterdir() if file.is_file()}
            elif path.is_file():
                self._zip = zipfile.ZipFile(path)
                self._files = _entries(self._zip)
            else:
                raise UnreadableExtract(f"there is no folder or file `{path}`")
        except UnreadableExtract:
            self.close()
            raise
        except READING_FAILS:
            self.close()
            raise UnreadableExtract(f"`{path}` is neither a folder nor a ZIP that can be read") from None

    @property
    def names(self) -> tuple[str, ...]:
        """The names of all files, sorted."""
        return tuple(sorted(self._files))

    def open(self, name: str) -> IO[bytes]:
        """The file as a stream of bytes."""
        return self._files[name]()

    def close(self) -> None:
        """Let go of the ZIP."""
        if self._zip is not None:
            self._zip.close()


def _entries(archive: zipfile.ZipFile) -> dict[str, Callable[[], IO[bytes]]]:
    entries = [entry for entry in archive.infolist() if not entry.is_dir()]
    if len(entries) > MOST_ENTRIES:
        raise UnreadableExtract(f"the ZIP has more than {MOST_ENTRIES} entries")
    if sum(entry.file_size for entry in entries) > MOST_BYTES:
        raise UnreadableExtract(f"the ZIP unpacks to more than {MOST_BYTES // 2**30} GiB")
    found: dict[str, Callable[[], IO[bytes]]] = {}
    for entry in entries:
        name = PurePosixPath(entry.filename).name
        if entry.file_size > max(RATIO_COUNTS_FROM, MOST_RATIO * entry.compress_size):
            raise UnreadableExtract(f"unpacks to more than {MOST_RATIO} times its size", name)
        if name in found:
            raise UnreadableExtract("is in the ZIP twice", name)
        found[name] = partial(archive.open, entry)
    return found


class Watched(io.RawIOBase):
    """A stream of bytes on which is kept, while it is read: its digest, its lines, how it ends.

    :raise UnreadableExtract: while reading, at a zero byte: that is no text, or text in another encoding
    """

    def __init__(self, stream: IO[bytes], file: str) -> None:
        self._stream = stream
        self._file = file
        self._sha256 = hashlib.sha256()
        self._lines = 0
        self.ends_a_line = True

    @property
    def digest(self) -> str:
        """The SHA-256 of what was read so far, in hexadecimal."""
        return self._sha256.hexdigest()

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        view = memoryview(buffer)
        chunk = self._stream.read(len(view))
        zero = chunk.find(b"\0")
        if zero >= 0:
            line = self._lines + chunk.count(b"\n", 0, zero) + 1
            raise UnreadableExtract("holds a zero byte: it is not text in UTF-8", self._file, line)
        view[: len(chunk)] = chunk
        self._sha256.update(chunk)
        self._lines += chunk.count(b"\n")
        if chunk:
            self.ends_a_line = chunk.endswith(b"\n")
        return len(chunk)

    def close(self) -> None:
        self._stream.close()
        super().close()
