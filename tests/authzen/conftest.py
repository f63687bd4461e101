"""What the tests of the decision point share: one world in each module, which no question changes, and a service."""

from pathlib import Path

import pytest

from tests.authzen.building import Service
from tests.oidc.building import World, a_world


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    """The demo chain."""
    folder: Path = tmp_path_factory.mktemp("authzen")
    return a_world(folder / "world")


@pytest.fixture(scope="module")
def service(world: World) -> Service:
    """A relying service that may ask everything but about national numbers."""
    return Service(world)
