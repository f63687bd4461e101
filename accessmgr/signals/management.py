"""The endpoints of the Shared Signals Framework 1.0: metadata, streams, their status, verification, and fetching.

Each client has its own streams, and those of others do not exist for it.
"""

from datetime import timedelta
from typing import Any

from flask import Blueprint, Flask, Response, jsonify, request
from flask.typing import ResponseReturnValue
from flask_wtf import CSRFProtect

from accessmgr.calls import identified, problems
from accessmgr.calls.body import read_json
from accessmgr.calls.caller import Caller, caller
from accessmgr.calls.problems import Problem
from accessmgr.signals.configuration import VERIFIED_EVERY, an_object, read, told, wrong
from accessmgr.signals.following import follow_all
from accessmgr.signals.transmitter import EXTENSION, Transmitter, new_id, signal_about_stream, transmitter
from accessmgr.usecases.relying_parties import SIGNALS
from accessmgr.usecases.streams import VERIFICATION, Delivery, Status, Stream

LARGEST = 64 * 1024
MOST_STREAMS = 10
"""How many streams a client may have."""
MOST_AT_ONCE = 100
"""How many tokens are fetched at once."""
LONGEST_STATE = 1_000

OPEN_ENDPOINTS = frozenset(
    {
        "signals.metadata",
        "signals.create",
        "signals.configuration",
        "signals.update",
        "signals.replace_whole",
        "signals.remove",
        "signals.status",
        "signals.set_status",
        "signals.verify",
        "signals.poll",
    }
)
"""The routes that need no sign-in: they take a client's token."""

bp = Blueprint("signals", __name__)
problems.handle(bp)
identified.identify(bp)


def register(app: Flask, csrf: CSRFProtect, made: Transmitter) -> None:
    """Let the application be a transmitter. No call takes a cookie, so none needs a token of ours."""
    app.extensions[EXTENSION] = made
    csrf.exempt(bp)
    app.register_blueprint(bp)


@bp.after_request
def keep_out_of_caches(response: Response) -> Response:
    """Streams and tokens are kept by nobody in between."""
    response.headers["Cache-Control"] = "no-store"
    return response


@bp.get("/.well-known/ssf-configuration")
def metadata() -> ResponseReturnValue:
    """What the transmitter can do, and where."""
    issuer = transmitter().issuer
    return jsonify(
        {
            "spec_version": "1_0",
            "issuer": issuer,
            "jwks_uri": transmitter().jwks_uri,
            "delivery_methods_supported": [str(each) for each in Delivery],
            "configuration_endpoint": f"{issuer}/ssf/v1/stream",
            "status_endpoint": f"{issuer}/ssf/v1/status",
            "verification_endpoint": f"{issuer}/ssf/v1/verify",
            "authorization_schemes": [{"spec_urn": "urn:ietf:rfc:6749"}],
            "default_subjects": "ALL",
        }
    )


@bp.post("/ssf/v1/stream")
def create() -> ResponseReturnValue:
    """Make a stream."""
    client, made = _receiver().client, transmitter()
    stream = Stream(id=new_id(), client=client.id, delivery=Delivery.POLL, day=made.today())
    stream = read(made, stream, read_json(LARGEST), whole=True)
    if len(made.streams.all(client.id)) >= MOST_STREAMS:
        raise Problem(409, f"a client has at most {MOST_STREAMS} streams")
    return jsonify(told(made, made.streams.add(stream, made.now()))), 201


@bp.get("/ssf/v1/stream")
def configuration() -> ResponseReturnValue:
    """A stream, or all those of the client."""
    made = transmitter()
    if "stream_id" in request.args:
        return jsonify(told(made, _own(request.args["stream_id"])))
    return jsonify([told(made, stream) for stream in made.streams.all(_receiver().client.id)])


@bp.patch("/ssf/v1/stream")
def update() -> ResponseReturnValue:
    """Change of a stream what is named."""
    return _configured(whole=False)


@bp.put("/ssf/v1/stream")
def replace_whole() -> ResponseReturnValue:
    """Give a stream another configuration."""
    return _configured(whole=True)


@bp.delete("/ssf/v1/stream")
def remove() -> ResponseReturnValue:
    """Remove a stream."""
    transmitter().streams.remove(_own(request.args.get("stream_id")).id)
    return "", 204


@bp.get("/ssf/v1/status")
def status() -> ResponseReturnValue:
    """Whether a stream goes on, and why not."""
    return jsonify(_status_of(_own(request.args.get("stream_id"))))


@bp.post("/ssf/v1/status")
def set_status() -> ResponseReturnValue:
    """Let a stream go on, hold it, or turn it off."""
    stream, body = _named_in_body()
    wanted, reason = body.get("status"), body.get("reason")
    if wanted not in [str(each) for each in Status]:
        raise wrong("`status` must be `enabled`, `paused` or `disabled`", "/status")
    if reason is not None and (not isinstance(reason, str) or len(reason) > LONGEST_STATE or "\x00" in reason):
        raise wrong(f"`reason` must be a text of at most {LONGEST_STATE} characters", "/reason")
    transmitter().streams.set_status(stream.id, Status(wanted), reason)
    return jsonify(_status_of(_own(stream.id)))


@bp.post("/ssf/v1/verify")
def verify() -> ResponseReturnValue:
    """Put a verification event in a stream."""
    made = transmitter()
    stream, body = _named_in_body()
    state = body.get("state")
    if state is not None and (not isinstance(state, str) or len(state) > LONGEST_STATE):
        raise wrong(f"`state` must be a text of at most {LONGEST_STATE} characters", "/state")
    now = made.now()
    if not made.streams.asked_to_verify(stream.id, now, now - timedelta(seconds=VERIFIED_EVERY)):
        raise Problem(429, "it was asked for just now", headers={"Retry-After": str(VERIFIED_EVERY)})
    content = {} if state is None else {"state": state}
    if stream.status is not Status.DISABLED:
        made.streams.put(stream.id, signal_about_stream(stream, VERIFICATION, content, now))
        made.written.set()
    return "", 204


@bp.post("/ssf/v1/poll/<stream_id>")
def poll(stream_id: str) -> ResponseReturnValue:
    """Take back what the receiver has, and give it what waits (RFC 8936); nobody waits for more to come."""
    made, stream = transmitter(), _own(stream_id)
    if stream.delivery is not Delivery.POLL:
        raise Problem(400, "the tokens of this stream are sent")
    body = an_object(read_json(LARGEST))
    acknowledged, errors, most = body.get("ack", []), body.get("setErrs", {}), body.get("maxEvents", MOST_AT_ONCE)
    if not isinstance(acknowledged, list) or not all(isinstance(each, str) for each in acknowledged):
        raise wrong("`ack` must be a list of texts", "/ack")
    if not isinstance(errors, dict):
        raise wrong("`setErrs` must be an object", "/setErrs")
    if not isinstance(most, int) or isinstance(most, bool) or most < 0:
        raise wrong("`maxEvents` must be a number, at least 0", "/maxEvents")
    done = [each for each in (*acknowledged, *errors) if "\x00" not in each]
    if done:
        made.streams.took(stream.id, done)
    if stream.status is not Status.ENABLED:
        return jsonify({"sets": {}, "moreAvailable": False})
    follow_all(made, only=stream.id)
    waiting = made.streams.waiting(stream.id, min(most, MOST_AT_ONCE) + 1)
    given = waiting[: min(most, MOST_AT_ONCE)]
    sets = {signal.id: made.token(stream, signal) for signal in given}
    return jsonify({"sets": sets, "moreAvailable": len(waiting) > len(given)})


def _receiver() -> Caller:
    """The client that calls, for itself.

    :raise Problem: 401 there is no good token, 403 it is not good for that
    """
    found = caller(SIGNALS)
    if found.person is not None:
        raise Problem(403, "a client has streams for itself, not for a person")
    return found


def _own(stream_id: Any) -> Stream:
    """:raise Problem: 404 the client has no such stream"""
    client = _receiver().client
    known = isinstance(stream_id, str) and stream_id.isascii() and stream_id.isalnum()
    stream = transmitter().streams.find(stream_id) if known else None
    if stream is None or stream.client != client.id:
        raise Problem(404, "there is no such stream")
    return stream


def _named_in_body() -> tuple[Stream, dict[str, Any]]:
    _receiver()
    body = dict(an_object(read_json(LARGEST)))
    if "stream_id" not in body:
        raise wrong("`stream_id` is missing", "")
    return _own(body["stream_id"]), body


def _configured(*, whole: bool) -> ResponseReturnValue:
    stream, body = _named_in_body()
    made = transmitter()
    made.streams.configure(read(made, stream, body, whole=whole))
    return jsonify(told(made, _own(stream.id)))


def _status_of(stream: Stream) -> dict[str, str]:
    content = {"stream_id": stream.id, "status": str(stream.status), "reason": stream.reason}
    return {name: value for name, value in content.items() if value is not None}
