"""Folders that come with the product and are no Python: inside the package once installed, beside it in a checkout."""

from pathlib import Path

PACKAGE = Path(__file__).parent


def folder(name: str) -> Path:
    """The folder of that name, such as `seeds`.

    :raise FileNotFoundError: it is neither inside the package nor beside it
    """
    for place in (PACKAGE / name, PACKAGE.parent / name):
        if place.is_dir():
            return place
    raise FileNotFoundError(f"the folder `{name}` is not there: the installation is incomplete")
