"""Every sentence of the product is there in French, Dutch and German, with the same gaps to fill."""

import re
from importlib.machinery import SourceFileLoader
from importlib.util import module_from_spec, spec_from_loader
from pathlib import Path
from types import ModuleType

import pytest

TOOL = Path(__file__).parent.parent / "tools" / "translations"
ACCESSMGR = Path(__file__).parent.parent / "accessmgr"
IMPORTED = re.compile(r"^from flask_babel import (.+)$", re.MULTILINE)
GAP = re.compile(r"%\((\w+)\)[sd]|%%|%")


def tool() -> ModuleType:
    """The tool that keeps the translations, as a module."""
    loader = SourceFileLoader("translations_tool", str(TOOL))
    spec = spec_from_loader(loader.name, loader)
    assert spec is not None
    module = module_from_spec(spec)
    loader.exec_module(module)
    return module


def test_every_name_under_which_code_asks_for_a_translation_is_known_to_the_tool() -> None:
    imports = [line for path in ACCESSMGR.rglob("*.py") for line in IMPORTED.findall(path.read_text(encoding="utf-8"))]
    names = {each.split(" as ")[-1].strip() for line in imports for each in line.split(",") if "gettext" in each}
    assert {"_", "later", "ngettext"} <= names
    assert names - set(tool().KEYWORDS) == set()


@pytest.mark.parametrize("language", ["fr", "nl", "de"])
def test_no_sentence_is_missing_in_a_language(language: str) -> None:
    translations = tool()
    assert translations.missing(translations.catalog(language)) == {}


@pytest.mark.parametrize("language", ["fr", "nl", "de"])
def test_a_translation_has_the_gaps_of_its_sentence(language: str) -> None:
    differing = []
    for message in tool().catalog(language):
        if not message.id or not message.string:
            continue
        plural = isinstance(message.id, tuple | list)
        wanted = {*GAP.findall(message.id[-1] if plural else message.id)}
        strings = message.string if isinstance(message.string, tuple | list) else (message.string,)
        differing += [string for string in strings[-1:] if {*GAP.findall(string)} != wanted]
    assert differing == []


@pytest.mark.parametrize("language", ["fr", "nl", "de"])
def test_the_file_of_a_language_holds_what_the_code_says_and_nothing_else(language: str) -> None:
    translations = tool()
    path = translations.FOLDER / f"{language}.po"
    with path.open("rb") as source:
        present = {str(message.id) for message in translations.read_po(source, locale=language) if message.id}
    assert present == {str(message.id) for message in translations.messages() if message.id}
