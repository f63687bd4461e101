"""Security events to services that registered for them: OpenID Shared Signals Framework 1.0, with events of CAEP."""
