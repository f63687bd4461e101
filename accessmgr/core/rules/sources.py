"""The public sources that the rules name: who published what confirms them, and where."""

from collections.abc import Mapping
from dataclasses import dataclass

COMMISSION = "card"
"""The source of what the commission of this project asks for."""

_WIKI = "https://vlaamseoverheid.atlassian.net/wiki"
_OIDC = "https://authenticatie.vlaanderen.be/docs/beveiligen-van-toepassingen/integratie-methoden/oidc/technische-info"
_SOCIAL = "https://www.socialsecurity.be"


@dataclass(frozen=True, slots=True)
class Source:
    """A page that somebody published: whose it is, and its address."""

    publisher: str
    url: str


SOURCES: Mapping[str, Source] = {
    "S0": Source(
        "Titres-services Flandre",
        "https://titres-services.flandre.be/entreprise/espace-securise/information/acces-espace-securise",
    ),
    "S1": Source("CSAM", "https://www.csam.be/nl/beheer-toegangsbeheerders.html"),
    "S2": Source("CSAM", "https://csam.be/app032/camregistrationpublic/?processType=Public&language=nl"),
    "S4": Source("socialsecurity.be", f"{_SOCIAL}/site_fr/employer/infos/secured_access/enterprise_access.htm"),
    "S7": Source("socialsecurity.be", f"{_SOCIAL}/site_fr/general/helpcentre/lexique/all_administrator.htm"),
    "S8": Source("socialsecurity.be", f"{_SOCIAL}/site_nl/general/helpcentre/registration/accesman/administrator.htm"),
    "S9": Source("socialsecurity.be", f"{_SOCIAL}/site_nl/prof_lib/Infos/registration/accountman/first.htm"),
    "S13": Source("loginhulp.be", "https://www.loginhulp.be/44-Gestion_des_roles_eGov__RMA.html"),
    "S14": Source(
        "Vlaamse Sportfederatie",
        "https://www.vlaamsesportfederatie.be/faq/hoe-geef-ik-iemand-toegang-tot-online-applicaties-van-de-overheid",
    ),
    "S16": Source(
        "SPF Finances",
        "https://financienpr.belgium.be/fr/douanes_accises/entreprises/applications-da/"
        "enregistrement-et-configuration/enregistrement-web",
    ),
    "F1": Source("Digitaal Vlaanderen", f"{_WIKI}/x/IgQGhAE"),
    "F3": Source(
        "Digitaal Vlaanderen",
        f"{_WIKI}/pages/diffpagesbyversion.action?originalVersion=9&pageId=6377410509&revisedVersion=16",
    ),
    "F4": Source("Digitaal Vlaanderen", f"{_WIKI}/spaces/GAEP/pages/6377408292/Zelfregistratie"),
    "F5": Source("Digitaal Vlaanderen", f"{_WIKI}/pages/viewpage.action?navigatingVersions=true&pageId=6471223631"),
    "F6": Source("Digitaal Vlaanderen", f"{_WIKI}/pages/diffpages.action?originalId=6477021929&pageId=6479118832"),
    "F8": Source("Vlaanderen", "https://overheid.vlaanderen.be/faq-gebruikersbeheer"),
    "F9": Source("Vlaanderen", "https://overheid.vlaanderen.be/faq-gebruikersbeheer-vlaamse-overheid"),
    "F10": Source(
        "VLAIO",
        "https://vlaio.be/nl/subsidies-financiering/heropstartlening/hoe-vraag-je-een-heropstartlening-aan/"
        "de-heropstartlening",
    ),
    "F12": Source("Sociale Economie", "https://www.socialeeconomie.be/platos-applicatie-gebruikersbeheer"),
    "F14": Source(
        "Vlaams Loket",
        "https://vlok.vlaanderen.be/handleiding/Content/stap3cflowgebruikeruitdienstoalokalebeheerder.htm",
    ),
    "F17": Source(
        "Dienstencheques Vlaanderen",
        "https://dienstencheques.vlaanderen.be/onderneming/beveiligde-zone/info/toegang-beveiligde-zone",
    ),
    "F18": Source("Titres-services Flandre", "https://titres-services.flandre.be/entreprise/actualites/acces-acm"),
    "F19": Source("dienstencheque.brussels", "http://www.dienstencheque.brussels/erkende-ondernemingen/"),
    "F20": Source(
        "Vlaanderen, Werk",
        "https://www.werk.be/online-diensten/dienstencheques/erkende-onderneming/formaliteiten",
    ),
    "F22": Source("Vlaanderen", "https://overheid.vlaanderen.be/help/toegangsbeheer-voor-lokale-besturen/vragen"),
    "A2": Source("Digitaal Vlaanderen", f"{_OIDC}/scope-claims/"),
    "A6": Source("Digitaal Vlaanderen", f"{_OIDC}/authenticatiemiddelen/"),
    "C1": Source("BOSA, CSAM", "https://iamapps.belgium.be/sma/generalinfo?view=privacyAndSecurity"),
    "G9": Source("BCE/KBO Open Data cookbook", "https://github.com/stevenn/NewAgeKBO"),
}
"""The sources by the id under which a rule names them."""
