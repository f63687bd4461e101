"""Every mistake in a scenario file is named with its line; each case is one change to a file that is right."""

import pytest

from accessmgr.scenarios.document import ScenarioError
from accessmgr.scenarios.reader import read_bytes
from accessmgr.scenarios.runner import run
from tests.scenarios.documents import ACCEPT, BASE, ENTER, LINK, OFFER, with_changed, with_steps

# What is changed, into what, the line of the mistake, and part of what is said about it.
CHANGES = [
    # the frame
    ("scenario: a right", "title: a right", 1, "`title` is not known here"),
    ("scenario: a right does not outlive the work relation\n", "", 1, "a scenario lacks `scenario`"),
    ("scenario: a right does not outlive the work relation", "scenario: 2026", 1, "a number: quote it"),
    ("scenario: a right does not outlive the work relation", "scenario: ' '", 1, "`scenario` is blank"),
    ("format: 1", "format: 2", 2, "`format` must be 1"),
    ("format: 1", "format: '1'", 2, "must be a whole number"),
    ("format: 1", "format: true", 2, "must be a whole number"),
    ("format: 1\n", "", 1, "lacks `format`"),
    ("at: 2026-03-02T09:00\n", "", 1, "lacks `at`"),
    ("at: 2026-03-02T09:00\n", "at: null\n", 3, "lacks `at`"),
    ("at: 2026-03-02T09:00\n", "at: 2026-03-02\n", 3, "is not a moment"),
    ("at: 2026-03-02T09:00\n", "at: 2026-03-02T25:00\n", 3, "is not a moment"),
    ("at: 2026-03-02T09:00\n", "at: 2026-03-29T02:30\n", 3, "never was"),
    ("at: 2026-03-02T09:00\n", "at: 2026-02-30T09:00\n", 3, "calendar or clock have none such"),
    ("at: 2026-03-02T09:00\n", "at: 20260302\n", 3, "must be text, and this is a number"),
    ("{four_eyes: false}", "{four_eyes: no}", 4, "must be `true` or `false`"),
    ("{four_eyes: false}", "{foureyes: false}", 4, "`foureyes` is not known here"),
    ("settings: {four_eyes: false}", "settings: [four_eyes]", 4, "the settings must be a mapping"),
    ("settings: {four_eyes: false}", "format: 1", 4, "`format` stands twice"),
    ("settings: {four_eyes: false}", "1: one", 4, "quote it"),
    # YAML itself
    ("settings: {four_eyes: false}", "settings: {four_eyes: false", 5, "this is not YAML"),
    ("settings: {four_eyes: false}", "settings: *nothing", 4, "stands for nothing"),
    ("settings: {four_eyes: false}", "settings: &me {four_eyes: *me}", 4, "stands for nothing that is complete"),
    ("settings: {four_eyes: false}", "settings: !!python/object:os.system {}", 4, "has no meaning here"),
    ("settings: {four_eyes: false}", "settings: {<<: {four_eyes: true}}", 4, "`<<` is not known here"),
    ("settings: {four_eyes: false}", "settings: {four_eyes: " + "[" * 30 + "]" * 30 + "}", 4, "too deep"),
    ("scenario: a right", "--- \n---\nscenario: a right", 2, "a second document begins here"),
    ("netjes, person: nadia, employee: true, id: a1}", "netjes, person: nadia, employee: true, id: a1", 39, "not YAML"),
    # people
    ("hilde: {name: [Hilde, Vermeulen], number", "hilde: {name: Hilde Vermeulen, number", 7, "must be a list"),
    ("hilde: {name: [Hilde, Vermeulen], number", "hilde: {name: [], number", 7, "must hold a name"),
    ("hilde: {name: [Hilde, Vermeulen], number", "hilde: {name: [7, Vermeulen], number", 7, "a number: quote it"),
    ("72.03.14-000.46", "72.03.14-000.47", 7, "wrong check digits"),
    ("72.03.14-000.46", "72.03.14-000.4", 7, "wrong length"),
    ("72.03.14-000.46", "72031400046", 7, "`number` must be text, and this is a number: quote it"),
    ("72.03.14-000.46", "85.06.11-000.42", 8, "another one in the file has this number"),
    (", number: 72.03.14-000.46", "", 7, "a person lacks `number`"),
    ("keys: [eid, itsme]}\n    ines", "keys: [eid, card]}\n    ines", 8, "`card` is not one for `keys`"),
    ("deceased: 2036-01-15", "deceased: 2036-02-30", 9, "the calendar has none such"),
    ("deceased: 2036-01-15", "died: 2036-01-15", 9, "`died` is not known here"),
    # enterprises
    ('"1999.000.150"', "1999000150", 12, "this is a number: quote it"),
    ('"1999.000.150"', '"1999.000.151"', 12, "not a valid enterprise number: wrong check digits"),
    ("      target_group: EA\n", "", 12, "an enterprise lacks `target_group`"),
    ("target_group: EA\n", "target_group: EB\n", 15, "`EB` is not one for `target_group`"),
    ("since: 2016-03-15\n      target", "since: 2016-3-15\n      target", 14, "written `YYYY-MM-DD`"),
    ("code: managing_director, person: hilde, since", "code: boss, person: hilde, since", 17, "is not one for `code`"),
    ("code: managing_director, person: hilde, since", "code: partner, person: karel, since", 17, "has no `karel`"),
    ("code: managing_director, person: hilde, since", "code: partner, since", 17, "either `person` or `enterprise`"),
    ("enterprise: netjes, permanent", "enterprise: holding, permanent", 18, "the file has no `holding`"),
    ("director, enterprise: netjes, permanent", "director, person: ines, permanent", 18, "only an enterprise has"),
    ("{number: V99901, since: 2017-01-01, suspended: [{", "{number: V99901, suspended: [{", 20, "lacks `since`"),
    ("suspended: [{since: 2019-01-01,", "suspended: [{from: 2019-01-01,", 20, "`from` is not known here"),
    ('"8.999.000.103", since', '"8.999.000.104", since', 22, "not a valid establishment number"),
    ("auditors: [ines]", "auditors: [mila]", 23, "the file has no `mila`"),
    ("auditors: [ines]", "auditors: ines", 23, "`auditors` must be a list"),
    ("{dienstencheques: {keys: [eid, itsme]}}", "{dienstencheques: [eid]}", 24, "an application must be a mapping"),
    ("{dienstencheques: {keys: [eid, itsme]}}", "{dienstencheques: {key: eid}}", 24, "`key` is not known here"),
    ("world:\n  persons:", "world: demo\nworlds:\n  persons:", 6, "`worlds` is not known here"),
    # rights
    ("domain: mobility", "claim: Parking", 28, "`claim` is not known here"),
    ("domain: mobility", "domain: parking", 28, "`parking` is not one for `domain`"),
    ("context_kind: profile", "context_kind: establishment", 31, "a right has `profiles` when"),
    ("      profiles: [visitor]\n", "", 27, "a right has `profiles` when"),
    ("grantors: [main_access_manager]", "grantors: [manager]", 32, "`manager` is not one for `grantors`"),
    ("level: 350", "level: low", 33, "must be a whole number"),
    ("max_days: 30", "max_days: -1", 34, "must not be negative"),
    ("requestable: true", "requestable: yes", 36, "must be `true` or `false`"),
    ("      requestable: true\n", "", 27, "a right lacks `requestable`"),
    # steps
    ("{advance: 12h}", "{wait: 12h}", 43, "a step has exactly one of"),
    ("{advance: 12h}", "{advance: 12h, at: 2026-03-03T09:00}", 43, "a step has exactly one of"),
    ("{advance: 12h}", "{advance: 12}", 43, "this is a number: quote it"),
    ("{advance: 12h}", "{advance: 2w}", 43, "must be a number of days or hours"),
    ("{advance: 12h}", "{advance: -2h}", 43, "must be a number of days or hours"),
    ("{advance: 12h}", "{advance: 999999999d}", 43, "beyond the calendar"),
    ("{advance: 12h}", "{advance: 12h, expect: allowed}", 43, "`expect` is not known here"),
    ("{advance: 12h}", "advance", 43, "a step has exactly one of"),
    ("{at: 2026-03-03T09:00}", "{at: 2026-03-02T20:59:59}", 44, "the clock does not go backwards"),
    ("do: accept_appointment", "do: accept", 39, "`accept` is not one for `do`"),
    ("{do: accept_appointment, as: nadia, key", "{do: accept_appointment, key", 39, "lacks `as`"),
    ("as: nadia, key: itsme, appointment", "as: nadia, appointment", 39, "lacks `key`"),
    ("as: nadia, key: itsme, appointment", "as: mila, key: itsme, appointment", 39, "the file has no `mila`"),
    ("as: nadia, key: itsme, appointment", "as: nadia, key: card, appointment", 39, "`card` is not one for `key`"),
    ("expect: allowed, because: [ACCEPT-1]", "expect: yes", 39, "`yes` is not one for `expect`"),
    ("because: [ACCEPT-1]", "because: ACCEPT-1", 39, "`because` must be a list"),
    ("because: [ACCEPT-1]", "on: 2026-03-02T09:00", 39, "`on` is not known here"),
    (", person: nadia, employee: true", ", employee: true", 38, "lacks `person`"),
    (", person: nadia, employee: true", ", person: nadia, employee: 'true'", 38, "must be `true` or `false`"),
    (", person: nadia, employee: true", ", person: nadia, domain: all", 38, "`domain` is not known here"),
    (", person: nadia, employee: true", ", person: nadia, number: 85061100042", 38, "this is a number: quote it"),
    (", person: nadia, employee: true", ", person: nadia, name: Nadia El Amrani", 38, "`name` must be a list"),
    ("user_type: employee, since", "user_type: boss, since", 40, "`boss` is not one for `user_type`"),
    ("right: parking, contexts", "right: service_vouchers, contexts", 41, "the file has no `service_vouchers`"),
    ("contexts: [visitor]", "contexts: visitor", 41, "`contexts` must be a list"),
    ("contexts: [visitor]", "contexts: [8999000103]", 41, "this is a number: quote it"),
    ("     begin: 2026-03-02, end: 2026-03-31", "     begin: 2026-03-02", 41, "lacks `end`"),
    ("begin: 2026-03-02, end: 2026-03-31", "begin: 2026-03-02, end: 2026-03-32", 42, "the calendar has none such"),
    ("register: end_function", "register: end", 45, "`end` is not one for `register`"),
    ("person: hilde, code: managing_director, until", "person: hilde, until", 45, "lacks `code`"),
    ("number: V99901, since: 2026-04-01", "number: V99902, since: 2026-04-01", 46, "the file has no such recognition"),
    ('"8999000103", to', '"8999000109", to', 47, "not a valid establishment number"),
    ('"8999000103", to', '"8999000004", to', 47, "the file has no such establishment"),
    ("to: netjes", "to: other", 47, "the file has no `other`"),
    ("known_at: 2026-03-02T12:00", "known_at: yesterday", 49, "is not a moment"),
    ("context: visitor,", "context: [visitor],", 48, "must be text, not a list or mapping"),
    ("context: visitor,", "id: 7,", 48, "this is a number: quote it"),
    # what only playing it shows
    ("appointment: a1", "appointment: a2", 39, "no earlier step that was allowed made `a2`"),
    ("hilde, code: managing_director, until: 2026-03-31", "ines, code: syndic, until: 2026-03-31", 45, "nobody holds"),
]

STEPS = [
    ([OFFER, OFFER.replace("do:", "ask:"), ACCEPT, ACCEPT.replace("a1", "g1")], 41, "made `g1`"),
    ([ACCEPT, OFFER], 38, "no earlier step that was allowed made `a1`"),
    (
        [OFFER.replace("as: hilde", "as: ines, expect: refused"), ACCEPT],
        39,
        "no earlier step that was allowed made `a1`",
    ),
    ([OFFER.replace("do:", "ask:"), ACCEPT], 39, "no earlier step that was allowed made `a1`"),
    ([OFFER, ACCEPT, LINK, LINK.replace("ines", "hilde")], 41, "an earlier step made a relation `w1`"),
    (
        [OFFER, "{advance: 1h}", ACCEPT.replace("do:", "ask:").replace("}", ", known_at: 2026-03-02T08:59:59}")],
        40,
        "not yet recorded at `known_at`",
    ),
    (["{register: start_function, enterprise: netjes, code: director, since: 2026-03-02}"], 38, "or `held_by`"),
    (
        [ENTER, "{register: end_function, enterprise: netjes, person: nadia, code: syndic, until: 2026-03-02}"],
        39,
        "nobody",
    ),
    ([ENTER.replace("parking", "Parking")], 38, "the file has no `Parking`"),
]


def mistake_in(text: str) -> ScenarioError:
    with pytest.raises(ScenarioError) as raised:
        run(read_bytes(text.encode(), "the/file.yaml"))
    return raised.value


def test_the_file_that_the_cases_change_is_right() -> None:
    assert [outcome.met for outcome in run(read_bytes(BASE.encode(), "the/file.yaml")).outcomes] == [True] * 10


@pytest.mark.parametrize(("old", "new", "line", "said"), CHANGES, ids=[f"{n}-{c[3]}" for n, c in enumerate(CHANGES)])
def test_a_mistake_is_named_with_its_line(old: str, new: str, line: int, said: str) -> None:
    error = mistake_in(with_changed(old, new))
    assert said in error.mistake
    assert str(error) == f"the/file.yaml:{line}: {error.mistake}"


@pytest.mark.parametrize(("steps", "line", "said"), STEPS, ids=[said for _, _, said in STEPS])
def test_a_wrong_sequence_of_steps_is_named_with_its_line(steps: list[str], line: int, said: str) -> None:
    error = mistake_in(with_steps(*steps))
    assert said in error.mistake
    assert str(error) == f"the/file.yaml:{line}: {error.mistake}"


@pytest.mark.parametrize(
    ("data", "line", "said"),
    [
        (b"", 1, "the file is empty"),
        (b"# nothing\n", 1, "the file is empty"),
        (b"- a list\n", 1, "a scenario must be a mapping"),
        (b"scenario: one\nat: \xff\n", 2, "this is not UTF-8"),
        (BASE.encode("utf-16"), 1, "this is not UTF-8"),
        (b"scenario: one\nformat: 1\nat: \x07\n", 3, "control characters are not allowed"),
        (b"? [scenario]\n: one\n", 1, "a name is wanted before the colon"),
        (b"\tscenario: one\n", 1, "this is not YAML"),
        (b"scenario: one\nworld: &a [x, x]\nsteps: {a: &b [*a, *a]}\nother: *b\n", 4, "`other` is not known here"),
    ],
)
def test_what_is_no_scenario_at_all_is_named_too(data: bytes, line: int, said: str) -> None:
    with pytest.raises(ScenarioError) as raised:
        read_bytes(data, "the/file.yaml")
    assert said in raised.value.mistake
    assert raised.value.line == line


def test_aliases_that_multiply_are_refused_before_they_fill_the_memory() -> None:
    levels = [f"  a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 12)]
    bomb = "\n".join(["scenario:", "  a0: &a0 [x]", *levels])
    with pytest.raises(ScenarioError, match=r"the/file\.yaml:7: aliases make this file too large"):
        read_bytes(bomb.encode(), "the/file.yaml")


def test_no_mistake_repeats_a_national_number() -> None:
    for wrong in ("72.03.14-000.47", "72031400046", "[72.03.14-000.46]"):
        error = mistake_in(with_changed("72.03.14-000.46", wrong))
        assert "72" not in error.mistake
