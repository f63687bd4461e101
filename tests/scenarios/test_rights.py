"""The rights that come with the product are those of the rulebook, and are named in four languages."""

from accessmgr.core.model import ContextKind, Domain, Right, Role, TargetGroup
from accessmgr.scenarios.rights import catalogue, presented

GRANTORS = frozenset({Role.MAIN_ACCESS_MANAGER, Role.CO_MAIN_ACCESS_MANAGER, Role.MAIN_LOCAL_ADMINISTRATOR})


def test_the_catalogue_is_that_of_the_rulebook() -> None:
    assert catalogue() == {
        "service_vouchers": Right(
            code="service_vouchers",
            application="dienstencheques",
            domain=Domain.FLEMISH_GOVERNMENT,
            target_groups=frozenset({TargetGroup.EA}),
            context_kind=ContextKind.RECOGNITION,
            grantors=GRANTORS,
            level=400,
            max_days=1826,
            needs_recognition=True,
            requestable=True,
        ),
        "energy_audit": Right(
            code="energy_audit",
            application="energy_audit",
            domain=Domain.FLEMISH_GOVERNMENT,
            target_groups=frozenset({TargetGroup.EA, TargetGroup.LB}),
            context_kind=ContextKind.ESTABLISHMENT,
            grantors=GRANTORS | {Role.ACCESS_MANAGER, Role.LOCAL_ADMINISTRATOR},
            level=350,
            max_days=366,
            needs_recognition=False,
            requestable=True,
        ),
        "subsidy_desk": Right(
            code="subsidy_desk",
            application="subsidy_desk",
            domain=Domain.ECONOMY,
            target_groups=frozenset({TargetGroup.EA}),
            context_kind=ContextKind.PROFILE,
            grantors=frozenset({Role.LEGAL_REPRESENTATIVE, Role.MAIN_ACCESS_MANAGER, Role.ACCESS_MANAGER}),
            level=400,
            max_days=731,
            needs_recognition=False,
            requestable=False,
            profiles=("reader", "editor"),
        ),
    }


def test_every_right_has_a_name_in_four_languages_and_a_claim() -> None:
    shown = presented()
    assert sorted(shown) == sorted(catalogue())
    assert {tuple(sorted(right.names)) for right in shown.values()} == {("de", "en", "fr", "nl")}
    assert shown["service_vouchers"].names["nl"] == "Dienstencheques voor erkende ondernemingen"
    assert shown["service_vouchers"].claim == "DienstenchequesErkendeOnderneming"
