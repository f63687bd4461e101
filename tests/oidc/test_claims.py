"""Claims are a pure function of a portrait, the scope and the client's registration."""

from dataclasses import replace

import pytest

from accessmgr.core.model import TargetGroup
from accessmgr.core.numbers import NationalNumber
from accessmgr.oidc.claims import claims
from accessmgr.usecases.capacities import Capacity, Entitlement, Portrait
from accessmgr.usecases.relying_parties import Client, Mode

ONE, OTHER = "1999000150", "1999000249"
APPLICATIONS = {"service_vouchers": "dienstencheques", "subsidy_desk": "subsidy_desk"}
NAMES = {"service_vouchers": "DienstenchequesErkendeOnderneming", "subsidy_desk": "SubsidieloketGebruiker"}
CLIENT = Client(id="app", name="An application")
PORTRAIT = Portrait(
    person="ines",
    given="Inès",
    family="Dubois",
    number=NationalNumber.parse("95.08.17-000.86"),
    capacity=Capacity(TargetGroup.EA, ONE),
    organisation="Netjes Thuis",
    represents=(ONE,),
    entitlements=(
        Entitlement("service_vouchers", "V99901", ONE),
        Entitlement("service_vouchers", "V99902", ONE),
        Entitlement("subsidy_desk", "reader", ONE),
    ),
)
BY_GROUP = replace(
    PORTRAIT,
    capacity=Capacity(TargetGroup.EA),
    organisation=None,
    represents=(ONE, OTHER),
    entitlements=(Entitlement("subsidy_desk", "reader", ONE), Entitlement("subsidy_desk", "reader", OTHER)),
)


def told(scope: str, portrait: Portrait = PORTRAIT, client: Client = CLIENT) -> dict[str, object]:
    return claims(portrait, scope.split(), client, APPLICATIONS, NAMES)


@pytest.mark.parametrize(
    ("scope", "more"),
    [
        ("openid", {}),
        ("openid profile", {"given_name": "Inès", "family_name": "Dubois"}),
        ("openid rrn", {}),
        ("openid offline_access", {}),
        ("openid unknown", {}),
        ("openid wettelijkvertegenwoordiger", {"wv_orgcode": ONE}),
        (
            "openid dienstencheques",
            {
                "dienstencheques_rol_3d": [
                    "DienstenchequesErkendeOnderneming-V99901:1999000150",
                    "DienstenchequesErkendeOnderneming-V99902:1999000150",
                ]
            },
        ),
        ("openid subsidy_desk", {"subsidy_desk_rol_3d": ["SubsidieloketGebruiker-reader:1999000150"]}),
    ],
)
def test_a_scope_brings_its_claims_and_no_others(scope: str, more: dict[str, object]) -> None:
    assert told(scope) == {"sub": "ines", **more}


def test_the_organisation_is_told_with_its_target_group() -> None:
    organisation = told("openid vo")
    assert len(str(organisation.pop("vo_id"))) == 36
    assert organisation == {
        "sub": "ines",
        "vo_doelgroepcode": "EA",
        "vo_doelgroepnaam": "Economische actoren",
        "vo_orgcode": ONE,
        "vo_orgnaam": "Netjes Thuis",
    }


def test_a_person_has_one_id_for_the_flemish_administration_and_another_person_another() -> None:
    first, again, other = (told("vo", replace(PORTRAIT, person=person))["vo_id"] for person in ("a", "a", "b"))
    assert first == again
    assert first != other


def test_a_number_is_told_to_a_client_registered_for_it_alone() -> None:
    registered = Client(id="app", name="An application", scopes=frozenset({"openid", "rrn"}), rrn=True)
    assert told("openid rrn", client=registered)["rrn"] == "95081700086"
    assert "rrn" not in told("openid", client=registered)
    assert "rrn" not in told("openid rrn", replace(PORTRAIT, number=None), registered)


def test_for_a_target_group_acm_lists_all_organisations_of_a_role_in_one_text() -> None:
    assert told("subsidy_desk", BY_GROUP)["subsidy_desk_rol_3d"] == [f"SubsidieloketGebruiker-reader:{ONE}, {OTHER}"]
    assert told("wettelijkvertegenwoordiger", BY_GROUP)["wv_orgcode"] == [ONE, OTHER]


def test_for_a_target_group_a_strict_client_gets_a_text_for_each() -> None:
    assert told("subsidy_desk", BY_GROUP, replace(CLIENT, mode=Mode.STRICT))["subsidy_desk_rol_3d"] == [
        f"SubsidieloketGebruiker-reader:{ONE}",
        f"SubsidieloketGebruiker-reader:{OTHER}",
    ]


def test_without_a_capacity_nothing_is_told_of_an_organisation() -> None:
    nowhere = replace(PORTRAIT, capacity=None, organisation=None, represents=(), entitlements=())
    assert sorted(told("vo wettelijkvertegenwoordiger dienstencheques", nowhere)) == [
        "dienstencheques_rol_3d",
        "sub",
        "vo_id",
    ]
