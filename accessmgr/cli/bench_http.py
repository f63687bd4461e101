"""What `accessmgr bench` measures of the decision endpoint: answers over HTTP, against a view that returns their bytes.

Both are asked for in turn, on one server of the kind that the product is served by, by clients in processes of their
own that keep their connections.
"""

import json
import socket
import subprocess
import sys
from collections.abc import Iterator
from statistics import median, quantiles
from urllib.parse import urlencode

from accessmgr.cli import bench_load
from accessmgr.cli.bench_load import answer
from accessmgr.cli.bench_sign_in import CLIENT, EMPTY, KEPT, SAME, SECRET, Database, served

EVALUATION = "/access/v1/evaluation"
CLIENTS, CONNECTIONS = 2, 4
ROUNDS = 3
LEAST = 0.5
"""What was aimed at: the throughput, as a share of the empty view's."""

QUESTION = {
    "subject": {"type": "person", "id": "ines"},
    "action": {"name": "enter_secure_area"},
    "resource": {
        "type": "right",
        "id": "service_vouchers",
        "properties": {"enterprise": "1999000150", "context": "V99901"},
    },
    "context": {"acr": "urn:be:vlaanderen:authmech:itsme"},
}


def http_figures(seconds: float, database: Database) -> Iterator[str]:
    """Measure, and tell the figures."""
    with served(database) as (address, _):
        token = json.loads(_asked(address, _form("/op/v1/token", {"grant_type": "client_credentials"})))["access_token"]
        question = _request(EVALUATION, json.dumps(QUESTION), "application/json", f"Bearer {token}")
        told = _asked(address, question)
        if json.loads(told)["decision"] is not True:
            raise RuntimeError("the question of the bench is not allowed")
        _asked(address, _request(f"{EMPTY}{KEPT}", told.decode(), "application/json"))
        same = _request(f"{EMPTY}{SAME}", json.dumps(QUESTION), "application/json", f"Bearer {token}")
        if _asked(address, same) != told:
            raise RuntimeError("the empty view does not return the same bytes")
        turns = [(_load(address, question, seconds), _load(address, same, seconds)) for _ in range(ROUNDS + 1)][1:]
    (rate, slowest), (empty, slowest_empty) = (
        (median(len(took) / seconds for took in each), median(quantiles(took, n=100)[-1] for took in each))
        for each in zip(*turns, strict=True)
    )
    yield (
        f"decision endpoint: {rate:,.0f} evaluations a second, p99 {1000 * slowest:.1f} ms; {empty:,.0f} of an empty "
        f"view with the same {len(told):,} bytes, p99 {1000 * slowest_empty:.1f} ms, over {CLIENTS * CONNECTIONS} kept "
        f"connections; ratio {rate / empty:.2f}, aimed at {LEAST}: {'met' if rate >= LEAST * empty else 'missed'}"
    )


def _load(address: str, request: bytes, seconds: float) -> list[float]:
    """How long each of very many answers took, in seconds."""
    host, _, port = address.partition(":")
    command = [sys.executable, bench_load.__file__, host, port, str(seconds), str(CONNECTIONS)]
    clients = [subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) for _ in range(CLIENTS)]
    for client in clients:
        if client.stdin is not None:
            client.stdin.write(request)
            client.stdin.close()
            client.stdin = None
    told = [client.communicate()[0] for client in clients]
    if any(client.returncode for client in clients):
        raise RuntimeError("a client of the bench did not get its answers")
    return [took for each in told for took in json.loads(each)]


def _request(path: str, body: str, kind: str, authorization: str = "") -> bytes:
    lines = [f"POST {path} HTTP/1.1", "Host: 127.0.0.1", f"Content-Type: {kind}", f"Content-Length: {len(body)}"]
    lines += [f"Authorization: {authorization}"] if authorization else []
    return "\r\n".join([*lines, "", body]).encode()


def _form(path: str, fields: dict[str, str]) -> bytes:
    own = {"client_id": CLIENT, "client_secret": SECRET, "scope": "authzen"}
    return _request(path, urlencode(own | fields), "application/x-www-form-urlencoded")


def _asked(address: str, request: bytes) -> bytes:
    host, _, port = address.partition(":")
    with socket.create_connection((host, int(port)), timeout=60) as connection:
        connection.sendall(request)
        return answer(connection)
