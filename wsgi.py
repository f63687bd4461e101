"""The application for a WSGI server: `gunicorn wsgi:app`."""

from accessmgr.app import serving

app = serving()
