"""Tests of the events that go out."""
