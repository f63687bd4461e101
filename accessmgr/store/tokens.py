"""The tables of codes and tokens (`usecases.tokens.Tokens`): each is used up by one UPDATE, so by one user only."""

import json
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Engine, Select, bindparam, delete, select, update
from sqlalchemy.exc import IntegrityError

from accessmgr.core.model import Key, TargetGroup
from accessmgr.store import token_tables
from accessmgr.store.engine import begin
from accessmgr.store.outbox import keep_grounds
from accessmgr.store.prepared import prepared
from accessmgr.usecases.tokens import (
    CODE_LIVES,
    REQUEST_LIVES,
    Code,
    Family,
    Ground,
    NewToken,
    Token,
    Use,
    Waiting,
    digest,
)

waiting_t = token_tables.WaitingRequest.__table__
family_t = token_tables.TokenFamily.__table__
code_t = token_tables.AuthorizationCode.__table__
token_t = token_tables.IssuedToken.__table__
assertion_t = token_tables.ClientAssertion.__table__

FAMILY = [column.label(f"family_{column.name}") for column in family_t.columns]


class StoredTokens:
    """The tables of codes and tokens."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine

    def keep_request(self, ticket: str, fields: Mapping[str, str], at: datetime) -> None:
        """Keep an authorization request under a ticket; those that waited too long go."""
        values = {"id": digest(ticket, Use.REQUEST), "fields": json.dumps(dict(fields)), "since": at}
        with begin(self.engine, writing=True) as connection, connection.begin():
            connection.execute(delete(waiting_t).where(waiting_t.c.since < at - REQUEST_LIVES))
            connection.execute(waiting_t.insert().values(values))

    def request(self, ticket: str, at: datetime) -> Waiting | None:
        """The request that waits under the ticket, None if none does."""
        found = select(waiting_t).where(
            waiting_t.c.id == digest(ticket, Use.REQUEST), waiting_t.c.since >= at - REQUEST_LIVES
        )
        row = self._first(found)
        return None if row is None else Waiting(json.loads(row.fields), row.since)

    def drop_request(self, ticket: str) -> None:
        """Forget a request: it was answered."""
        with begin(self.engine, writing=True) as connection, connection.begin():
            connection.execute(delete(waiting_t).where(waiting_t.c.id == digest(ticket, Use.REQUEST)))

    def begin(self, family: Family, code: str, *, redirect_uri: str, challenge: str | None, nonce: str | None) -> None:
        """Keep a new family with its code, which lives `CODE_LIVES` from the family's beginning."""
        values = {
            "id": digest(code, Use.CODE),
            "family": family.id,
            "redirect_uri": redirect_uri,
            "challenge": challenge,
            "nonce": nonce,
            "expires_at": family.begun_at + CODE_LIVES,
        }
        with begin(self.engine, writing=True) as connection, connection.begin():
            connection.execute(family_t.insert().values(_columns(family)))
            connection.execute(code_t.insert().values(values))

    def code(self, text: str) -> Code | None:
        """The code, whatever became of it."""
        found = select(code_t, *FAMILY).join(family_t, family_t.c.id == code_t.c.family)
        row = self._first(found.where(code_t.c.id == digest(text, Use.CODE)))
        if row is None:
            return None
        return Code(
            family=_family(row),
            redirect_uri=row.redirect_uri,
            challenge=row.challenge,
            nonce=row.nonce,
            expires_at=row.expires_at,
            used=row.used_at is not None,
        )

    def token(self, text: str, use: Use) -> Token | None:
        """The token of that use, whatever became of it."""
        with begin(self.engine, writing=False) as connection:
            row = _token().first(connection, {"id": digest(text, use), "use": str(use)})
        if row is None:
            return None
        return Token(
            family=_family(row),
            use=use,
            scope=tuple(row.scope.split()),
            issued_at=row.issued_at,
            expires_at=row.expires_at,
            used=row.used_at is not None,
            revoked=row.revoked_at is not None,
        )

    def issue(self, family: Family, new: list[NewToken]) -> None:
        """Keep a family that begins without a code, with its tokens."""
        with begin(self.engine, writing=True) as connection, connection.begin():
            connection.execute(family_t.insert().values(_columns(family)))
            _add(connection, family.id, new)

    def redeem(
        self,
        spent: str,
        use: Use,
        family: str,
        new: list[NewToken],
        at: datetime,
        grounds: Iterable[Ground] | None = None,
    ) -> bool:
        """Use up a code or refresh token and keep what is got for it; of several who try at once, one succeeds.

        `grounds` are what the claims given with it rest on; None leaves those that are kept.

        False, and nothing kept, if it was used, has expired, or its family was revoked.
        """
        table: Any = code_t if use is Use.CODE else token_t
        stands = select(family_t.c.id).where(family_t.c.id == family, family_t.c.revoked_at.is_(None))
        using = update(table).where(
            table.c.id == digest(spent, use),
            table.c.family.in_(stands),
            table.c.used_at.is_(None),
            table.c.expires_at > at,
        )
        if use is Use.REFRESH:
            using = using.where(table.c.revoked_at.is_(None))
        with begin(self.engine, writing=True) as connection, connection.begin():
            if connection.execute(using.values(used_at=at)).rowcount != 1:
                return False
            _add(connection, family, new)
            if grounds is not None:
                keep_grounds(connection, family, grounds)
        return True

    def revoke(self, family: str, at: datetime) -> None:
        """Let everything of a family be good no more."""
        revoking = update(family_t).where(family_t.c.id == family, family_t.c.revoked_at.is_(None))
        with begin(self.engine, writing=True) as connection, connection.begin():
            connection.execute(revoking.values(revoked_at=at))

    def revoke_token(self, text: str, use: Use, at: datetime) -> None:
        """Let one token be good no more."""
        revoking = update(token_t).where(token_t.c.id == digest(text, use), token_t.c.revoked_at.is_(None))
        with begin(self.engine, writing=True) as connection, connection.begin():
            connection.execute(revoking.values(revoked_at=at))

    def families(self, session: str, client: str | None = None) -> list[Family]:
        """The families of a sign-in session that are not revoked, the newest first; of one client or of all."""
        found = select(*FAMILY).where(family_t.c.session == session, family_t.c.revoked_at.is_(None))
        if client is not None:
            found = found.where(family_t.c.client == client)
        with begin(self.engine, writing=False) as connection:
            rows = connection.execute(found.order_by(family_t.c.begun_at.desc(), family_t.c.id)).all()
        return [_family(row) for row in rows]

    def first_use(self, client: str, jti: str, until: datetime, at: datetime) -> bool:
        """Remember the id of a client's assertion until it expires; False if it was remembered already."""
        values = {"id": digest(f"{client}:{jti}", Use.ASSERTION), "until": until}
        try:
            with begin(self.engine, writing=True) as connection, connection.begin():
                connection.execute(delete(assertion_t).where(assertion_t.c.until < at))
                connection.execute(assertion_t.insert().values(values))
        except IntegrityError:
            return False
        return True

    def _first(self, found: Select[Any]) -> Any:
        with begin(self.engine, writing=False) as connection:
            return connection.execute(found).first()


@prepared
def _token() -> Select[Any]:
    joined = select(token_t, *FAMILY).join(family_t, family_t.c.id == token_t.c.family)
    return joined.where(token_t.c.id == bindparam("id"), token_t.c.use == bindparam("use"))


def _add(connection: Connection, family: str, new: list[NewToken]) -> None:
    for token in new:
        values = {
            "id": digest(token.text, token.use),
            "family": family,
            "use": str(token.use),
            "scope": " ".join(token.scope),
            "issued_at": token.issued_at,
            "expires_at": token.expires_at,
        }
        connection.execute(token_t.insert().values(values))


def _columns(family: Family) -> dict[str, Any]:
    values = {column.name: getattr(family, column.name) for column in family_t.columns}
    return {**values, "scope": " ".join(family.scope)}


def _family(row: Any) -> Family:
    values = {column.name: getattr(row, f"family_{column.name}") for column in family_t.columns}
    values["scope"] = tuple(values["scope"].split())
    values["key"] = None if values["key"] is None else Key(values["key"])
    values["target_group"] = None if values["target_group"] is None else TargetGroup(values["target_group"])
    return Family(**values)
