"""`Idempotency-Key`: the answer to a POST is kept, so that the same call with the same key is done once.

What a call writes and its answer are kept in one transaction, so no crash comes between them; whoever calls again
meanwhile waits for the first. A call that commits by itself claims its key before instead.
"""

import hashlib
import json
import re

from flask import Response, request

from accessmgr.calls.caller import Caller
from accessmgr.calls.problems import Problem
from accessmgr.usecases.kept_answers import Answered, CallKey

HEADER = "Idempotency-Key"
REPLAYED = "Idempotency-Replayed"
KEPT_HEADERS = ("ETag", "Location", "Content-Type", "WWW-Authenticate")
_KEY = re.compile(r"[\x21-\x7e]{1,255}")


def key_of(caller: Caller | None) -> CallKey | None:
    """The key of the request, None if it has none.

    :raise Problem: 400 it is no word of visible characters
    """
    text = request.headers.get(HEADER)
    if text is None:
        return None
    if not _KEY.fullmatch(text):
        raise Problem(400, f"`{HEADER}` is not a word of 1 to 255 visible ASCII characters")
    client, person = (caller.client.id, caller.person) if caller else ("", None)
    asked = [request.method, request.full_path.rstrip("?"), hashlib.sha256(request.get_data()).hexdigest()]
    return CallKey(_hash([client, person or "", text]), _hash(asked), person or "system")


def replayed(found: Answered, key: CallKey) -> Response:
    """The first answer again.

    :raise Problem: 422 the key was for another call, 409 the call goes on or its answer is not kept
    """
    if found.digest != key.digest:
        raise Problem(422, f"this `{HEADER}` was used for another call")
    if found.status is None:
        raise Problem(409, f"a call with this `{HEADER}` goes on, or broke off: look what came of it")
    if found.text is None:
        raise Problem(409, "this was done, and its answer is not kept: for another answer use another key")
    told = json.loads(found.text)
    return Response(told["body"], found.status, {**told["headers"], REPLAYED: "true"})


def text_of(response: Response) -> str:
    """An answer as it is kept."""
    headers = {name: response.headers[name] for name in KEPT_HEADERS if name in response.headers}
    return json.dumps({"body": response.get_data(as_text=True), "headers": headers})


def _hash(parts: list[str]) -> str:
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()
