"""The client with which each test of conformance runs."""

from pathlib import Path

import pytest

from accessmgr.usecases.relying_parties import Mode
from tests.oidc.conformance.plans import Rp, rp


@pytest.fixture
def op(tmp_path: Path, mode: Mode) -> Rp:
    """The provider, with the client of the plans in the test's mode."""
    return rp(tmp_path, mode)
