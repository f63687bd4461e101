"""`accessmgr bench` on a small world: it measures what it names, and fails for nothing but a fault."""

from click.testing import CliRunner

from accessmgr.cli.bench import bench


def test_each_decision_act_and_page_has_its_line() -> None:
    only = ["--no-history", "--no-sign-ins", "--no-answers", "--no-peers"]
    done = CliRunner().invoke(
        bench,
        ["--grants", "200,400", "--people", "60", "--enterprises", "22", *only],
    )
    assert (done.exit_code, done.exception) == (0, None)
    told = done.stdout.splitlines()
    wide = [line for line in told if line.startswith("wide: page ")]
    assert len(wide) == 21
    assert [line.rpartition(" to ")[2] for line in wide] == ["page /about"] * 21
    assert told[-1].startswith("wide: under 100 ms at the median: ")
    lines = [line for line in told if not line.startswith("wide: ")]
    assert lines[0].split() == ["grants", "what", "queries", "best", "median", "p95", "ratio"]
    assert [line.split()[0] for line in lines[1:-2]] == ["200"] * 14 + ["400"] * 34
    assert [line.split()[1] for line in lines[-22:-2]] == ["page"] * 20
    assert lines[-1].startswith("at most 4 queries a decision: ")


def test_the_history_is_measured_against_bare_commits_and_bare_hashing() -> None:
    done = CliRunner().invoke(
        bench, ["--grants", "200", "--no-pages", "--no-sign-ins", "--no-answers", "--no-peers", "--entries", "2000"]
    )
    assert (done.exit_code, done.exception) == (0, None)
    told = [line for line in done.stdout.splitlines() if line.startswith("history: ")]
    assert [line.partition("ratio ")[1] for line in told] == ["ratio "] * 4 + [""]
    assert "bare commits of the same rows" in told[0]
    assert "VALID 2000 verified" in told[1]
    assert "proof of inclusion among 1,000 entries" in told[2]
    assert "proof of consistency among 1,000 entries" in told[3]
    assert "a page of 40 of an enterprise's timeline among 2,000 entries" in told[4]


def test_sign_ins_are_measured_against_an_empty_view_and_tokens_against_bare_signatures() -> None:
    done = CliRunner().invoke(bench, ["--quick", "--no-pages", "--no-history", "--no-peers"])
    assert (done.exit_code, done.exception) == (0, None)
    told = [line for line in done.stdout.splitlines() if line.startswith("sign-in: ")]
    assert [line.partition("ratio ")[1] for line in told] == ["ratio "] * 2
    assert "empty views a second on the same server" in told[0]
    assert "bare RS256 signatures of the same bytes" in told[1]
    assert [line.partition("ratio ")[1] for line in done.stdout.splitlines() if "evaluations a second" in line] == [
        "ratio "
    ]


def test_peers_that_hold_the_same_world_give_the_same_answers() -> None:
    only = ["--no-pages", "--no-history", "--no-sign-ins", "--no-answers"]
    done = CliRunner().invoke(bench, ["--grants", "200", *only])
    assert (done.exit_code, done.exception) == (0, None)
    for peer in ("accessmgr, in an open look", "pycasbin, fast enforcer", "cedarpy, a slice for each question"):
        assert [line.split()[0] for line in done.stdout.splitlines() if peer in line][:1] == ["200"], peer


def test_a_size_that_is_no_number_is_refused() -> None:
    done = CliRunner().invoke(bench, ["--grants", "1000,many"])
    assert done.exit_code == 2
    assert "`1000,many` is not a list of numbers above zero" in done.stderr


def test_a_database_that_is_not_postgresql_is_refused() -> None:
    done = CliRunner().invoke(bench, ["--database", "sqlite:///a.sqlite"])
    assert done.exit_code == 2
    assert "`--database` must be the address of a PostgreSQL database" in done.stderr
