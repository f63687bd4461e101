"""A client of `accessmgr bench`, run as a program: it sends one request over and over on kept connections.

Usage: python bench_load.py HOST PORT SECONDS CONNECTIONS < REQUEST
"""

import json
import socket
import sys
from concurrent.futures import ThreadPoolExecutor
from time import perf_counter


def answer(connection: socket.socket) -> bytes:
    """One whole answer, by its length.

    :raise RuntimeError: it is no 200, or the connection ended
    """
    got = bytearray()
    while b"\r\n\r\n" not in got:
        got += _more(connection)
    head, _, body = bytes(got).partition(b"\r\n\r\n")
    if not head.startswith(b"HTTP/1.1 200"):
        raise RuntimeError(f"the server answers {head.splitlines()[0].decode()}")
    length = next(int(line.split(b":")[1]) for line in head.splitlines() if line.lower().startswith(b"content-length"))
    while len(body) < length:
        body += _more(connection)
    return body


def _more(connection: socket.socket) -> bytes:
    more = connection.recv(65536)
    if not more:
        raise RuntimeError("the server ended the connection")
    return more


def send(host: str, port: int, request: bytes, seconds: float) -> list[float]:
    """How long each answer took, in seconds."""
    took = []
    with socket.create_connection((host, port), timeout=60) as connection:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        until = perf_counter() + seconds
        while (began := perf_counter()) < until:
            connection.sendall(request)
            answer(connection)
            took.append(perf_counter() - began)
    return took


if __name__ == "__main__":
    host, port, seconds, connections = sys.argv[1], int(sys.argv[2]), float(sys.argv[3]), int(sys.argv[4])
    request = sys.stdin.buffer.read()
    with ThreadPoolExecutor(connections) as threads:
        every = [threads.submit(send, host, port, request, seconds) for _ in range(connections)]
        print(json.dumps([time for one in every for time in one.result()]))
