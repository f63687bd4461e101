"""The database: all tables, the queries for facts and lists, and the one write method."""
