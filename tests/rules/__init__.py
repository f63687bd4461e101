"""Tests of the catalogue and of the engine that decides by it."""
