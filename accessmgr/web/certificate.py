"""The certificate of one grant: who holds it, by which chain, who made each link, and how to verify that."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256

from flask import Blueprint, abort, render_template, url_for
from flask.typing import ResponseReturnValue

from accessmgr.core.actions import Action
from accessmgr.core.days import rfc3339
from accessmgr.core.ledger.note import Checkpoint
from accessmgr.core.model import Grant
from accessmgr.usecases import proofs
from accessmgr.usecases.entering import Step
from accessmgr.usecases.world import Look
from accessmgr.web import entered
from accessmgr.web.chain import PLACES, STANDINGS
from accessmgr.web.current import consider, look, product, signed_in, world
from accessmgr.web.format import language
from accessmgr.web.history_access import PURPOSES, may_read, purpose_asked
from accessmgr.web.history_entries import Row, rows
from accessmgr.web.history_tables import behind, chains_of
from accessmgr.web.moment_asked import TimeFrame, time_frame

bp = Blueprint("certificate", __name__, url_prefix="/history")


@dataclass(frozen=True)
class CertifiedLink:
    """A link of the chain as the certificate shows it: the people in it, and the entries that made it."""

    title: str
    standing: str
    names: str
    rows: tuple[Row, ...]


@bp.get("/<enterprise:number>/grants/<grant>/certificate")
def certificate(number: str, grant: str) -> ResponseReturnValue:
    """The certificate of a grant, to be printed; what it rests on can be downloaded with proofs."""
    frame = time_frame(world().clock.now())
    with look() as seen:
        found = frame.lists(seen).grants(enterprise=number, id_=grant)
        if not (found and _is_own(found[0])) and not may_read(number):
            return purpose_asked(number, url_for("history.state_purpose"))
        if not found:
            abort(404)
        sequences = behind(seen, grant, chains_of(seen, number, grant, frame.at, frame.size(seen)))
    note = proofs.checkpoint(world(), above=max(sequences, default=0))
    key_name = product().verifier_key().partition("+")[0]
    with look() as seen:
        return render_template(
            "history/certificate.html", grant=found[0], number=number, frame=frame, note=note, on=rfc3339(frame.at),
            size=Checkpoint.parse(note).size,
            key_name=key_name,
            digest=_digest(seen, sequences, note),
            **_told(seen, found[0], frame),
        )  # fmt: skip


def _is_own(grant: Grant) -> bool:
    """Whether it is a right of the person who asks, who may read what is about them."""
    person = signed_in().person
    own = {"person": person, "purpose": entered.marked(PURPOSES, "me")}
    return grant.holder == person and consider(Action.READ_HISTORY, **own).decision.allowed


def _told(seen: Look, grant: Grant, frame: TimeFrame) -> dict[str, object]:
    chains = chains_of(seen, grant.enterprise, grant.id, frame.at, frame.size(seen))
    people = {id_ for chain in chains for id_ in chain.chain.people} | {grant.holder, grant.by}
    names = {id_: named.name for id_, named in seen.lists.names(people).items()}
    sequences = behind(seen, grant.id, chains)
    told = {row.sequence: row for row in rows(seen, list(seen.lists.leaves(sequences).values()))}
    return {
        "holder": names.get(grant.holder, grant.holder),
        "maker": names.get(grant.by, grant.by),
        "name": seen.lists.enterprise_names([grant.enterprise], language())[grant.enterprise],
        "right": world().policy.rights.get(grant.right),
        "holds": bool(chains) and all(chain.allowed for chain in chains),
        "links": [_link(step, names, told) for chain in chains[:1] for step in chain.steps],
        "rows": [told[sequence] for sequence in sequences if sequence in told],
    }


def _link(step: Step, names: Mapping[str, str], told: Mapping[int, Row]) -> CertifiedLink:
    people = (names.get(holder.person or "", "") for holder in step.link.holders)
    entries: Sequence[int] = step.entries
    return CertifiedLink(
        str(PLACES[step.place]),
        str(STANDINGS[step.link.standing]),
        ", ".join(dict.fromkeys(filter(None, people))),
        tuple(told[entry] for entry in entries if entry in told),
    )


def _digest(seen: Look, sequences: Sequence[int], note: str) -> str:
    """The SHA-256 of the file that goes with the certificate, in hexadecimal."""
    digest = sha256()
    for line in proofs.bundle(seen, sequences, note):
        digest.update(line)
    return digest.hexdigest()
