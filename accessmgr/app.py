"""The one place where the parts are wired together."""

import atexit
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import cast
from urllib.parse import urlsplit

from flask import Flask
from flask_migrate import Migrate
from flask_wtf import CSRFProtect
from sqlalchemy import make_url
from werkzeug.routing import BaseConverter, ValidationError

from accessmgr import seeding
from accessmgr.api import parts as management
from accessmgr.api import simulator as test_runs
from accessmgr.api.call import Api
from accessmgr.authzen import endpoints as authzen
from accessmgr.authzen.pages import PageTokens
from accessmgr.authzen.point import DecisionPoint
from accessmgr.calls import caller, limits
from accessmgr.calls.caller import Callers
from accessmgr.calls.limits import Limits
from accessmgr.config import Settings, read, receivers, secret
from accessmgr.core.numbers import EnterpriseNumber, InvalidNumber
from accessmgr.oidc import back_channel, id_tokens, jose
from accessmgr.oidc import blueprints as openid
from accessmgr.oidc.key_sets import KeySets, fetch
from accessmgr.oidc.own_client import CALLBACK, SECURE_AREA, WithOwn, secure_area
from accessmgr.oidc.provider import EXTENSION, Pages, Provider, SignedIn
from accessmgr.post import post_office
from accessmgr.resources import folder
from accessmgr.scenarios.rights import catalogue, presented
from accessmgr.signals import management as signals
from accessmgr.signals import sending
from accessmgr.signals.transmitter import EXTENSION as SIGNALS_EXTENSION
from accessmgr.signals.transmitter import Transmitter
from accessmgr.store import deadlines
from accessmgr.store.clock import RealClock, SimulatedClock
from accessmgr.store.counts import StoredCounts
from accessmgr.store.engine import prepare
from accessmgr.store.kept_answers import StoredAnswers
from accessmgr.store.notices import StoredNotices
from accessmgr.store.outbox import StoredOutbox
from accessmgr.store.outside import Outside, default_name
from accessmgr.store.passkeys import StoredPasskeys
from accessmgr.store.quotas import StoredQuotas
from accessmgr.store.relying_parties import StoredClients
from accessmgr.store.reviews import StoredReviews
from accessmgr.store.sending import Receiver, Sender
from accessmgr.store.sessions import StoredSessions
from accessmgr.store.store import Store
from accessmgr.store.streams import StoredStreams
from accessmgr.store.tables import db
from accessmgr.store.text_messages import StoredTextMessages
from accessmgr.store.tokens import StoredTokens
from accessmgr.store.totp import StoredTotp
from accessmgr.usecases import registration
from accessmgr.usecases.counting import Counting
from accessmgr.usecases.decision_log import DecisionLog
from accessmgr.usecases.lists import Named
from accessmgr.usecases.notifying import Notifier
from accessmgr.usecases.relying_parties import OF_CLIENTS, OFFLINE
from accessmgr.usecases.tokens import Family
from accessmgr.usecases.world import Policy, World
from accessmgr.vault.keyring import KeyFile, KeyRing, refuse_beside_database
from accessmgr.vault.token_keys import Signer, TokenKeyFile
from accessmgr.vault.vault import Vault, is_signature
from accessmgr.web import (
    assets,
    at_the_provider,
    blueprints,
    errors,
    headers,
    metrics,
    naming,
    secure_area_sign_in,
    sessions,
    users_bulk,
)
from accessmgr.web.current import Product
from accessmgr.web.format import language
from accessmgr.web.inside import Inside
from accessmgr.web.letters import letter_of
from accessmgr.web.passkey_ceremony import Ceremony, place_of
from accessmgr.web.relying_party import RelyingParty

NOTIFIER = "accessmgr.notifier"
SESSION = timedelta(hours=2)
DEMO = "demo"
"""The world with which a simulation starts over."""
LARGEST_FORM = 256 * 1024


class EnterpriseConverter(BaseConverter):
    """An enterprise number in an address: ten digits that check, or the address does not exist."""

    regex = "[01][0-9]{9}"

    def to_python(self, value: str) -> str:
        """The ten digits."""
        try:
            return EnterpriseNumber.parse(value).digits
        except InvalidNumber as wrong:
            raise ValidationError from wrong


def create_app(settings: Settings | None = None) -> Flask:
    """The application, with everything it needs, on the settings given or those of the environment.

    :raise WrongSetting: a setting is unknown, wrong or unsafe
    :raise VaultError: the key file cannot be used
    """
    settings = settings or read(os.environ)
    app = Flask("accessmgr", template_folder=str(folder("templates")), static_folder=None)
    app.static_folder = str(assets.STATIC_FOLDER)
    app.add_url_rule("/static/<path:filename>", endpoint="static", view_func=app.send_static_file)
    app.config.update(
        SECRET_KEY=secret(settings),
        SQLALCHEMY_DATABASE_URI=settings.database,
        SQLALCHEMY_ENGINE_OPTIONS={"pool_pre_ping": settings.database.startswith("postgresql")},
        SESSION_COOKIE_NAME="__Host-accessmgr" if settings.secure else "accessmgr",
        SESSION_COOKIE_SECURE=settings.secure,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        PERMANENT_SESSION_LIFETIME=SESSION,
        WTF_CSRF_TIME_LIMIT=int(SESSION.total_seconds()),
        MAX_CONTENT_LENGTH=LARGEST_FORM,
    )
    app.url_map.converters["enterprise"] = EnterpriseConverter
    db.init_app(app)
    Migrate(app, db, directory=str(_package_folder("store/migrations")))
    users_bulk.init_app(app)
    csrf = CSRFProtect(app)
    assets.init_app(app)
    headers.init_app(app, secure=settings.secure)
    sessions.init_app(
        app,
        also_open=openid.OPEN_ENDPOINTS
        | test_runs.OPEN_ENDPOINTS
        | management.OPEN_ENDPOINTS
        | authzen.OPEN_ENDPOINTS
        | signals.OPEN_ENDPOINTS,
    )
    errors.init_app(app)
    product = app.extensions["accessmgr"] = _product(app, settings)
    blueprints.register(app, simulation=settings.simulation)
    provider = _provider(app, settings, product)
    openid.register(app, csrf, provider)
    limits.init_app(app, Limits(_quotas(app), settings.calls_per_minute, settings.answer_seconds, provider.now))
    caller.init_app(app, _callers(product, provider))
    authzen.register(app, csrf, _decision_point(app, settings, product))
    management.register(app, csrf, _api(app, settings, product, provider), simulation=settings.simulation)
    signals.register(app, csrf, _transmitter(app, settings, product, provider))
    if settings.simulation:
        test_runs.register(app, csrf, _registrar(product, provider))
    csrf.exempt(secure_area_sign_in.backchannel_logout)
    app.extensions[secure_area_sign_in.EXTENSION] = _relying_party(app, settings, provider)
    app.extensions[NOTIFIER] = _notifier(app, settings, product)
    app.extensions[metrics.EXTENSION] = metrics.Metrics(_counts(app), settings.metrics_token)
    Named.stand_in = naming.erased_person
    return app


def serving() -> Flask:
    """The application as a server runs it: checkpoints and logout tokens are sent, and the decision log is written.

    The witnesses are asked what they know before anything is written; the log is written once more at the end.
    """
    app = create_app()
    product: Product = app.extensions["accessmgr"]
    going = [Receiver(url, key) for url, key in receivers(read(os.environ))]
    Sender(cast(Store, product.world.store), going, is_signature).start()
    with app.app_context():
        deadlines.limit_statements(db.engine, read(os.environ).answer_seconds)
    log = product.decision_log
    log.start()
    back_channel.start(app.extensions[EXTENSION])
    sending.start(app.extensions[SIGNALS_EXTENSION])
    app.extensions[NOTIFIER].start()
    Counting(product.world, app.extensions[metrics.EXTENSION].counts).start()
    atexit.register(log.close)
    return app


def _product(app: Flask, settings: Settings) -> Product:
    place = make_url(settings.database)
    if not settings.simulation and place.get_backend_name() == "sqlite" and place.database:
        refuse_beside_database(settings.keys, Path(place.database))
    settings.keys.parent.mkdir(parents=True, exist_ok=True)
    KeyRing.load_or_create(settings.keys)
    vault = Vault(KeyFile(settings.keys))
    with app.app_context():
        engine = prepare(db.engine)
    deadlines.keep(engine)
    policy = Policy(rights=catalogue(), four_eyes=settings.four_eyes, lookups_per_hour=settings.lookups_per_hour)
    outside = Outside(checkpoint_path(settings), vault.public_keys, is_signature)
    store = Store(engine, vault, policy, urlsplit(settings.base_url).hostname or "localhost", outside)
    clock = SimulatedClock(engine) if settings.simulation else RealClock()
    world = World(store, clock, policy)
    log = DecisionLog(world)

    def start_over() -> int:
        log.flush()
        return seeding.reset(store, DEMO)

    return Product(
        world=world,
        decision_log=log,
        sessions=StoredSessions(engine, vault),
        totp=StoredTotp(engine, vault),
        passkeys=StoredPasskeys(engine, vault),
        ceremony=_ceremony(settings, StoredPasskeys(engine, vault), StoredTokens(engine)),
        messages=StoredTextMessages(engine, vault),
        retention_years=settings.retention_years,
        notices=StoredNotices(engine),
        reviews=StoredReviews(engine),
        simulation=settings.simulation,
        right_names={code: right.names for code, right in presented().items()},
        set_clock=clock.set if isinstance(clock, SimulatedClock) else None,
        verifier_key=store.verifier_key,
        checkpoint=store.checkpoint,
        trouble=store.trouble,
        start_over=start_over if settings.simulation else None,
    )


def _ceremony(settings: Settings, passkeys: StoredPasskeys, tokens: StoredTokens) -> Ceremony | None:
    """How passkeys are made and used at the address of the product; None if devices make none for such an address."""
    place = place_of(settings.base_url)
    if place is None:
        return None

    def first_use(challenge: str, until: datetime) -> bool:
        return tokens.first_use("passkey challenge", challenge, until, datetime.now(UTC))

    return Ceremony(place, passkeys, first_use)


def _provider(app: Flask, settings: Settings, product: Product) -> Provider:
    """The OpenID provider on the product; its clock is the real one, for programs elsewhere check its moments."""
    base_url = settings.base_url.rstrip("/")
    inside = Inside(app, base_url)
    own_keys = TokenKeyFile(settings.keys, Signer.SECURE_AREA)
    application = product.world.policy.rights["service_vouchers"].application
    with app.app_context():
        engine = db.engine
    return Provider(
        world=product.world,
        clients=WithOwn(StoredClients(engine), lambda: secure_area(base_url, own_keys, application)),
        tokens=StoredTokens(engine),
        outbox=StoredOutbox(engine),
        keys=TokenKeyFile(settings.keys, Signer.PROVIDER),
        pages=Pages(
            signed_in=_signed_in_at_provider,
            sign_in_address=at_the_provider.sign_in_address,
            enter=at_the_provider.enter,
            leave=at_the_provider.leave,
            persona=at_the_provider.persona,
            language=language,
        ),
        issuer=f"{base_url}/op",
        simulation=settings.simulation,
        claim_names={code: right.claim for code, right in presented().items()},
        key_sets=KeySets(fetch),
        now=lambda: datetime.now(UTC),
        post=lambda address, form: (
            inside.call(address, form).status if inside.reaches(address) else back_channel.post_form(address, form)
        ),
    )


def _callers(product: Product, provider: Provider) -> Callers:
    """Who calls programs' endpoints: who signs out ends what acts for them, but for a client with `offline_access`."""

    def still_signed_in(family: Family) -> bool:
        stays = family.session is None or OFFLINE in family.scope
        return (stays or not product.sessions.has_ended(family.session or "")) and provider.still_signed_in(family)

    return Callers(provider.clients, provider.tokens, still_signed_in, provider.now)


def _decision_point(app: Flask, settings: Settings, product: Product) -> DecisionPoint:
    return DecisionPoint(
        world=product.world,
        log=product.decision_log,
        base_url=settings.base_url.rstrip("/"),
        simulation=settings.simulation,
        pages=PageTokens(app.config["SECRET_KEY"]),
    )


def _api(app: Flask, settings: Settings, product: Product, provider: Provider) -> Api:
    return Api(
        world=product.world,
        log=product.decision_log,
        kept=StoredAnswers(provider.now),
        set_clock=product.set_clock,
        start_over=product.start_over,
        verifier_key=product.verifier_key,
        checkpoint=product.checkpoint,
        base_url=settings.base_url.rstrip("/"),
        secret=str(app.config["SECRET_KEY"]),
    )


def _transmitter(app: Flask, settings: Settings, product: Product, provider: Provider) -> Transmitter:
    """The transmitter of security events, which signs with the keys of the provider."""
    store = cast(Store, product.world.store)
    return Transmitter(
        world=product.world,
        streams=StoredStreams(store.engine, store.vault),
        clients=provider.clients,
        issuer=settings.base_url.rstrip("/"),
        people=provider.issuer,
        jwks_uri=provider.address("v1/keys"),
        simulation=settings.simulation,
        sign=lambda claims, type_: jose.sign(provider.keys, claims, type_=type_),
        claims=lambda person, client: id_tokens.rights_now(provider, person, client),
        post=sending.post,
        written=store.written,
        now=provider.now,
    )


def _notifier(app: Flask, settings: Settings, product: Product) -> Notifier:
    base_url = settings.base_url.rstrip("/")
    return Notifier(
        world=product.world,
        notices=product.notices,
        write=lambda notice, address: letter_of(app, base_url, notice, address),
        hand_over=post_office(settings.mail_server, settings.mail_sender, settings.letters),
        now=lambda: datetime.now(UTC),
        reviews=product.reviews,
    )


def _counts(app: Flask) -> StoredCounts:
    with app.app_context():
        return StoredCounts(db.engine)


def _quotas(app: Flask) -> StoredQuotas:
    with app.app_context():
        return StoredQuotas(db.engine)


def _registrar(product: Product, provider: Provider) -> test_runs.Registrar:
    return test_runs.Registrar(
        scopes=frozenset(provider.scopes) | OF_CLIENTS,
        applications=frozenset(provider.applications.values()),
        issuer=provider.issuer,
        register=lambda client: registration.register(product.world, provider.clients, client, provider.now()),
        page=lambda client_id: provider.address(f"clients/{client_id}"),
    )


def _relying_party(app: Flask, settings: Settings, provider: Provider) -> RelyingParty:
    """The secure area as an application of the provider, to whom it speaks as any other would."""
    base_url = settings.base_url.rstrip("/")
    application = provider.applications["service_vouchers"]
    return RelyingParty(
        client_id=SECURE_AREA,
        issuer=provider.issuer,
        redirect_uri=f"{base_url}{CALLBACK}",
        scope=f"openid profile vo {application}",
        key=TokenKeyFile(settings.keys, Signer.SECURE_AREA).current,
        call=Inside(app, base_url).call,
        first_use=lambda jti, until: provider.tokens.first_use(f"{SECURE_AREA} logout", jti, until, datetime.now(UTC)),
        now=lambda: datetime.now(UTC),
    )


def _signed_in_at_provider() -> SignedIn | None:
    found = at_the_provider.open_session()
    return None if found is None else SignedIn(found[1].person, found[1].key, found[0], found[1].since)


def checkpoint_path(settings: Settings) -> Path:
    """Where the last checkpoint is kept: as set, or beside the keys, with a name for each database."""
    if settings.checkpoint_file:
        return Path(settings.checkpoint_file).absolute()
    return settings.keys.with_name(default_name(settings.database) if settings.database_url else "checkpoint")


def _package_folder(name: str) -> str:
    return os.path.join(os.path.dirname(__file__), name)
