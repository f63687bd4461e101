"""The verbs of the rulebook's actions: read facts, decide, record."""
