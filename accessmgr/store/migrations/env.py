"""Alembic's entry: migrate the database of the running application."""

from alembic import context
from flask import current_app

from accessmgr.store.engine import prepare

engine = prepare(current_app.extensions["migrate"].db.engine)
metadata = current_app.extensions["migrate"].db.metadata

with engine.connect() as connection:
    context.configure(connection=connection, target_metadata=metadata, render_as_batch=True, compare_type=True)
    with context.begin_transaction():
        context.run_migrations()
