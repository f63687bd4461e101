"""The one place where the parts are wired together."""

import atexit
import os
from datetime import timedelta
from pathlib import Path
from typing import cast
from urllib.parse import urlsplit

from flask import Flask
from flask_migrate import Migrate
from flask_wtf import CSRFProtect
from sqlalchemy import make_url
from werkzeug.routing import BaseConverter, ValidationError

from accessmgr.config import Settings, read, receivers, secret
from accessmgr.core.numbers import EnterpriseNumber, InvalidNumber
from accessmgr.resources import folder
from accessmgr.scenarios.rights import catalogue, presented
from accessmgr.store.clock import RealClock, SimulatedClock
from accessmgr.store.engine import prepare
from accessmgr.store.outside import Outside, default_name
from accessmgr.store.sending import Receiver, Sender
from accessmgr.store.sessions import StoredSessions
from accessmgr.store.store import Store
from accessmgr.store.tables import db
from accessmgr.store.totp import StoredTotp
from accessmgr.usecases.decision_log import DecisionLog
from accessmgr.usecases.lists import Named
from accessmgr.usecases.world import Policy, World
from accessmgr.vault.keyring import KeyFile, KeyRing, refuse_beside_database
from accessmgr.vault.vault import Vault, is_signature
from accessmgr.web import blueprints, errors, headers, naming, sessions
from accessmgr.web.current import Product

SESSION = timedelta(hours=2)
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
    app.static_folder = str(_package_folder("web/static"))
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
    CSRFProtect(app)
    headers.init_app(app, secure=settings.secure)
    sessions.init_app(app)
    errors.init_app(app)
    app.extensions["accessmgr"] = _product(app, settings)
    blueprints.register(app, simulation=settings.simulation)
    Named.stand_in = naming.erased_person
    return app


def serving() -> Flask:
    """The application as a server runs it: the decision log is written all along, and once more at the end."""
    app = create_app()
    log: DecisionLog = app.extensions["accessmgr"].decision_log
    log.start()
    atexit.register(log.close)
    return app


def create_serving_app() -> Flask:
    """The application of a process that serves: it sends checkpoints, and has asked the witnesses what they know."""
    app = create_app()
    store = cast(Store, cast(Product, app.extensions["accessmgr"]).world.store)
    going = [Receiver(url, key) for url, key in receivers(read(os.environ))]
    Sender(store, going, is_signature).start()
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
    policy = Policy(rights=catalogue(), four_eyes=settings.four_eyes, lookups_per_hour=settings.lookups_per_hour)
    outside = Outside(checkpoint_path(settings), vault.public_keys, is_signature)
    store = Store(engine, vault, policy, urlsplit(settings.base_url).hostname or "localhost", outside)
    clock = SimulatedClock(engine) if settings.simulation else RealClock()
    world = World(store, clock, policy)
    return Product(
        world=world,
        decision_log=DecisionLog(world),
        sessions=StoredSessions(engine, vault),
        totp=StoredTotp(engine, vault),
        simulation=settings.simulation,
        right_names={code: right.names for code, right in presented().items()},
        set_clock=clock.set if isinstance(clock, SimulatedClock) else None,
        verifier_key=store.verifier_key,
        checkpoint=store.checkpoint,
        trouble=store.trouble,
    )


def checkpoint_path(settings: Settings) -> Path:
    """Where the last checkpoint is kept: as set, or beside the keys, with a name for each database."""
    if settings.checkpoint_file:
        return Path(settings.checkpoint_file).absolute()
    return settings.keys.with_name(default_name(settings.database) if settings.database_url else "checkpoint")


def _package_folder(name: str) -> str:
    return os.path.join(os.path.dirname(__file__), name)
