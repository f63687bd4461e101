"""The decision endpoint: the OpenID AuthZEN Authorization API 1.0 over the one engine."""
