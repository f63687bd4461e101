"""A scenario file that is right, to spoil one thing in it, and to add steps to."""

BASE = """\
scenario: a right does not outlive the work relation
format: 1
at: 2026-03-02T09:00
settings: {four_eyes: false}
world:
  persons:
    hilde: {name: [Hilde, Vermeulen], number: 72.03.14-000.46}
    nadia: {name: [Nadia, El Amrani], number: 85.06.11-000.42, keys: [eid, itsme]}
    ines: {name: [Inès, Dubois], number: 95.08.17-000.86, deceased: 2036-01-15}
  enterprises:
    netjes:
      number: "1999.000.150"
      name: Netjes Thuis BV
      since: 2016-03-15
      target_group: EA
      functions:
        - {code: managing_director, person: hilde, since: 2016-03-15}
        - {code: director, enterprise: netjes, permanent_representative: hilde, since: 2020-01-01}
      recognitions:
        - {number: V99901, since: 2017-01-01, suspended: [{since: 2019-01-01, until: 2019-01-31}]}
      establishments:
        - {number: "8.999.000.103", since: 2016-04-01}
  auditors: [ines]
  applications: {dienstencheques: {keys: [eid, itsme]}}
  rights:
    parking:
      application: desk
      domain: mobility
      target_groups: [EA]
      context_kind: profile
      profiles: [visitor]
      grantors: [main_access_manager]
      level: 350
      max_days: 30
      needs_recognition: false
      requestable: true
steps:
  - {do: appoint_main_access_manager, as: hilde, key: eid, enterprise: netjes, person: nadia, employee: true, id: a1}
  - {do: accept_appointment, as: nadia, key: itsme, appointment: a1, expect: allowed, because: [ACCEPT-1]}
  - {do: link_person, as: nadia, key: itsme, enterprise: netjes, person: ines, user_type: employee, since: 2026-03-02}
  - {do: grant_right, as: nadia, key: itsme, enterprise: netjes, person: ines, right: parking, contexts: [visitor],
     begin: 2026-03-02, end: 2026-03-31, id: g1}
  - {advance: 12h}
  - {at: 2026-03-03T09:00}
  - {register: end_function, enterprise: netjes, person: hilde, code: managing_director, until: 2026-03-31}
  - {register: suspend_recognition, number: V99901, since: 2026-04-01}
  - {register: move_establishment, number: "8999000103", to: netjes, since: 2026-04-01}
  - {ask: enter_secure_area, as: ines, key: sms, enterprise: netjes, right: parking, context: visitor,
     on: 2026-03-02T12:00, known_at: 2026-03-02T12:00}
"""


def with_changed(old: str, new: str) -> str:
    """The base with one place changed, which must be there once."""
    assert BASE.count(old) == 1, old
    return BASE.replace(old, new)


def with_steps(*steps: str) -> str:
    """The base with other steps, each on its own line; the first stands on line 38."""
    head = BASE[: BASE.index("steps:\n")]
    return head + "steps:\n" + "".join(f"  - {step}\n" for step in steps)


OFFER = (
    "{do: appoint_main_access_manager, as: hilde, key: eid, enterprise: netjes, person: nadia, employee: true, id: a1}"
)
ACCEPT = "{do: accept_appointment, as: nadia, key: itsme, appointment: a1}"
LINK = (
    "{do: link_person, as: nadia, key: itsme, enterprise: netjes, person: ines, user_type: employee,"
    " since: 2026-03-02, id: w1}"
)
ENTER = (
    "{do: enter_secure_area, as: ines, key: app, enterprise: netjes, right: parking, context: visitor, expect: refused}"
)
