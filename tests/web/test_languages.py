"""No English stands in the pages of another language, its punctuation is its own, and offices are called as by law."""

import re
from dataclasses import dataclass, field
from html.parser import HTMLParser

import pytest

from accessmgr.sentences import in_each_language
from tests.test_translations import tool
from tests.web.all_pages import Shown, shown

ENGLISH = frozenset(
    re.findall(
        r"\w+",
        """
        the and you your yours this that these those which who whom whose are were been being have has had with from
        they them their there here when then than what where why how until while because but not can cannot may must
        should would does did doing done each every another other nobody somebody into onto about above after before
        between only also it its she he his her our ours we us as by for
        """,
    )
)
"""Words of which nearly every English sentence has one."""
SHARED = {
    "fr": {"as", "but", "done", "us"},
    "nl": {"as", "been", "had", "her", "may", "we"},
    "de": {"also", "her", "us"},
}
"""Those of them that are words of another language too."""
VOID = {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"}
TYPED = ("They left", "For my work.")
"""What people of the tour wrote, each in their own language."""
READ_OUT = ("aria-label", "title", "alt", "placeholder")
OFFICIAL = {
    "legal representative": {"nl": "wettelijke vertegenwoordiger", "fr": "représentant légal"},
    "main access manager": {"nl": "hoofdtoegangsbeheerder", "fr": "gestionnaire d’accès principal"},
    "co-main access manager": {"nl": "co-hoofdtoegangsbeheerder", "fr": "co-gestionnaire d’accès principal"},
    "access manager": {"nl": "toegangsbeheerder", "fr": "gestionnaire d’accès"},
    "main local administrator": {"nl": "hoofd lokale beheerder", "fr": "administrateur local principal"},
    "local administrator": {"nl": "lokale beheerder"},
    "domain": {"nl": "domein", "fr": "domaine"},
    "work relation": {"nl": "werkrelatie", "fr": "relation de travail"},
    "user type": {"nl": "gebruikerstype", "fr": "type d’utilisateur"},
    "context": {"nl": "context", "fr": "contexte"},
    "request": {"nl": "aanvraag", "fr": "demande"},
    "Digital key": {"nl": "Digitale sleutel", "fr": "Clé numérique"},
    "National number": {"nl": "Rijksregisternummer", "fr": "Numéro de registre national"},
    "Enterprise number": {"nl": "Ondernemingsnummer", "fr": "Numéro d’entreprise"},
    "Secure area": {"nl": "Beveiligde zone", "fr": "Espace sécurisé"},
    "director": {"nl": "bestuurder", "fr": "administrateur"},
    "managing director": {"nl": "gedelegeerd bestuurder", "fr": "administrateur délégué"},
    "permanent representative": {"nl": "vaste vertegenwoordiger", "fr": "représentant permanent"},
    "liquidator": {"nl": "vereffenaar", "fr": "liquidateur"},
    "trustee in bankruptcy": {"nl": "curator", "fr": "curateur de faillite"},
}
"""What the authorities call offices and things in Dutch and French; they have no English or German terms."""


@dataclass
class Reader(HTMLParser):
    """Reads what a person sees or hears in a page, text by text, but for what is marked as of another language."""

    language: str
    texts: list[str] = field(default_factory=list)
    open: list[tuple[str, bool]] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__()

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        """Note an element, and what is read out of its attributes."""
        named = dict(attributes)
        foreign = tag in {"script", "style", "pre", "code", "textarea"} or named.get("lang") not in (
            None,
            self.language,
        )
        hidden = foreign or any(hides for _tag, hides in self.open)
        if not hidden:
            self.texts += [text for name in READ_OUT if (text := named.get(name))]
        if tag not in VOID:
            self.open.append((tag, hidden))

    def handle_endtag(self, tag: str) -> None:
        """Leave an element, with what was left open within it."""
        while self.open and self.open.pop()[0] != tag:
            pass

    def handle_data(self, data: str) -> None:
        """Take a text, its space made plain."""
        text = re.sub(r"[ \t\r\n]+", " ", data).strip(" ")
        if text and not any(hides for _tag, hides in self.open):
            self.texts.append(text)


def read(page: Shown, language: str) -> list[str]:
    """The texts of a page in a language that are not marked as of another one."""
    reader = Reader(language)
    reader.feed(page.html)
    return reader.texts


def english_in(text: str, language: str) -> set[str]:
    """The words of a text that are English and not of the language."""
    text = re.sub("|".join(map(re.escape, TYPED)), " ", text)
    words = set(re.findall(r"[^\W\d_]+(?:['’][^\W\d_]+)?", re.sub(r"[A-Z]+-\d+|\S*[/@_.]\S+", " ", text).lower()))
    return words & (ENGLISH - SHARED[language])


@pytest.mark.parametrize("language", ["fr", "nl", "de"])
def test_no_english_stands_in_the_pages_of_another_language(language: str) -> None:
    messages = {str(message.id) for message in tool().messages() if message.id and " " in str(message.id)}
    own = {message: in_each_language(message)[language] for message in messages}
    found = {
        (text, page.name)
        for page in shown(language)
        for text in read(page, language)
        if english_in(text, language) or own.get(text, text) != text
    }
    assert dict(sorted(found, reverse=True)) == {}


def test_signs_of_two_parts_keep_their_distance_in_french() -> None:
    glued = re.compile(r"(?<![\u00a0\u202f])[:;!?](?=\s|$)|(?<![\u00a0\u202f])»|«(?![\u00a0\u202f])")
    found = {(text, page.name) for page in shown("fr") for text in read(page, "fr") if glued.search(text)}
    assert dict(sorted(found, reverse=True)) == {}


@pytest.mark.parametrize("language", ["fr", "nl", "de"])
def test_days_are_written_as_people_write_them(language: str) -> None:
    iso = re.compile(r"\b\d{4}-\d{2}-\d{2}\b")
    found = {(text, page.name) for page in shown(language) for text in read(page, language) if iso.search(text)}
    assert dict(sorted(found, reverse=True)) == {}


@pytest.mark.parametrize(("english", "terms"), OFFICIAL.items())
def test_offices_and_things_are_called_by_their_official_terms(english: str, terms: dict[str, str]) -> None:
    assert {language: in_each_language(english)[language] for language in terms} == terms


def test_english_is_known_by_its_small_words() -> None:
    assert english_in("The right is granted.", "fr") == {"the"}
    assert english_in("GRANT-2 name@the.example /users/with V99901", "fr") == set()
    assert english_in("Le droit est accordé.", "fr") == set()
    assert english_in("Het recht is voor wie erbij hoort.", "nl") == set()
    assert english_in("Das Recht ist erteilt.", "de") == set()
