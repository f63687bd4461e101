"""Commands for the rules: list them, explain one, write their page, run scenarios."""

import sys
import textwrap
from collections.abc import Callable, Mapping
from pathlib import Path

import click

from accessmgr import glossary, seeding
from accessmgr.core.decide import OURS
from accessmgr.core.rules import CATALOGUE, RULES
from accessmgr.core.rules.document import as_markdown
from accessmgr.scenarios.command import run_paths

PAGES: Mapping[Path, Callable[[], str]] = {
    Path("docs/rules.md"): lambda: as_markdown(CATALOGUE),
    Path("docs/glossary.md"): glossary.as_markdown,
}
"""The pages that are made, each with what makes it."""


@click.group()
def rules() -> None:
    """The catalogue of rules."""


@rules.command("list")
def rules_list() -> None:
    """List every rule: id, effect and sentence.

    Example: accessmgr rules list
    """
    for rule in CATALOGUE:
        click.echo(f"{rule.id:11} {rule.effect:7} {rule.says}")


@rules.command("explain")
@click.argument("rule_id", metavar="ID")
def rules_explain(rule_id: str) -> None:
    """Explain one rule.

    Example: accessmgr rules explain GRANT-2
    """
    if rule_id.upper() not in RULES:
        raise click.UsageError(f"there is no rule `{rule_id}`")
    rule = RULES[rule_id.upper()]
    source = ", ".join("a choice of this project" if name == OURS else name for name in rule.source)
    click.echo(f"{rule.id} ({rule.effect})")
    for label, text in (
        ("holds when", rule.says),
        ("actions", ", ".join(sorted(rule.actions))),
        ("to mend", rule.mend),
        ("who can", ", ".join(rule.menders)),
        ("source", source),
        ("in code", f"accessmgr.{rule.when.__module__.removeprefix('accessmgr.')}.{rule.when.__name__}"),
    ):
        click.echo(textwrap.fill(text, 96, initial_indent=f"  {label:11}", subsequent_indent=" " * 13))


@rules.command("docs")
@click.option("--check", is_flag=True, help="only tell whether the pages are in step")
def rules_docs(check: bool) -> None:
    """Write docs/rules.md from the catalogue, and docs/glossary.md from the words.

    Example: accessmgr rules docs --check
    """
    for path, made in PAGES.items():
        if not check:
            path.write_text(made(), encoding="utf-8")
        elif not path.exists() or path.read_text(encoding="utf-8") != made():
            click.echo(f"`{path}` is not what it is made from: `accessmgr rules docs` writes it anew", err=True)
            sys.exit(1)


@click.group()
def scenario() -> None:
    """Scenario files."""


@scenario.command("run")
@click.argument("paths", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--format", "format_", type=click.Choice(["text", "json"]), default="text", show_default=True)
@click.option("--database", help="the address of another database than SQLite in memory")
def scenario_run(paths: tuple[Path, ...], format_: str, database: str | None) -> None:
    """Run scenario files and folders, each in a world of its own.

    Example: accessmgr scenario run seeds/scenarios
    """
    sys.exit(run_paths(paths, format_, database, seeding.given_world))


COMMANDS = (rules, scenario)
