"""What is installed is what is in the tree: every package, page, world and translation."""

import subprocess
import sys
import zipfile
from configparser import ConfigParser
from pathlib import Path

import pytest

from tests.repository import ROOT, files_of_the_repository

BESIDE_THE_PACKAGE = {"seeds": "accessmgr.seeds", "templates": "accessmgr.templates"}
OFFLINE = ["--quiet", "--no-deps", "--no-build-isolation", "--no-index"]
BUILD_SDIST = "import sys; from setuptools import build_meta; build_meta.build_sdist(sys.argv[1])"


@pytest.fixture(scope="module")
def copy_of_the_tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy to build from, since a build leaves a folder behind that would feed the next one."""
    folder = tmp_path_factory.mktemp("tree")
    for path in files_of_the_repository():
        (folder / path.parent).mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes((ROOT / path).read_bytes())
    return folder


@pytest.fixture(scope="module", params=["checkout", "source distribution"])
def wheel_names(
    request: pytest.FixtureRequest, copy_of_the_tree: Path, tmp_path_factory: pytest.TempPathFactory
) -> set[str]:
    """The names in a wheel, built from a checkout or from what was published of it."""
    folder = tmp_path_factory.mktemp("wheel")
    source = copy_of_the_tree
    if request.param == "source distribution":
        subprocess.run([sys.executable, "-c", BUILD_SDIST, folder], cwd=source, check=True, stdout=subprocess.DEVNULL)
        (source,) = folder.glob("*.tar.gz")
    subprocess.run([sys.executable, "-m", "pip", "wheel", *OFFLINE, "--wheel-dir", folder, source], check=True)
    (wheel,) = folder.glob("*.whl")
    return set(zipfile.ZipFile(wheel).namelist())


def _declared_packages() -> set[str]:
    config = ConfigParser()
    config.read(ROOT / "setup.cfg")
    return set(config["options"]["packages"].split())


def test_setup_cfg_lists_each_package_of_the_tree() -> None:
    in_the_tree = {
        ".".join(path.parent.parts)
        for path in files_of_the_repository()
        if path.parts[0] == "accessmgr" and path.suffix == ".py"
    }

    assert _declared_packages() == in_the_tree | set(BESIDE_THE_PACKAGE.values())


@pytest.mark.parametrize("folder", ["seeds", "templates", "accessmgr"])
def test_a_wheel_holds_each_file_of(folder: str, wheel_names: set[str]) -> None:
    inside = f"accessmgr/{folder}" if folder in BESIDE_THE_PACKAGE else folder
    wanted = {str(Path(inside, *path.parts[1:])) for path in files_of_the_repository() if path.parts[0] == folder}

    assert wanted - wheel_names == set()
    assert wanted != set()


def test_a_wheel_holds_nothing_that_is_not_the_product(wheel_names: set[str]) -> None:
    assert {name.split("/")[0] for name in wheel_names} == {"accessmgr", "accessmgr-0.1.0.dist-info"}
