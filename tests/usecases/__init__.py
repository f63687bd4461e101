"""Tests of the one path of every action, on a real store."""
