"""Commands for the history: show, export, verify and prove it, so that an outsider need not take our word."""

import json
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from itertools import islice
from pathlib import Path
from typing import BinaryIO

import click

from accessmgr.cli.answers import FORMAT, KNOWN_AT, MOMENT
from accessmgr.cli.proofs import consistency, inclusion, signed
from accessmgr.cli.running import ENTERPRISE, person_id, running, store_of
from accessmgr.cli.witness import history_witness
from accessmgr.core.events import What
from accessmgr.core.ledger import canonical
from accessmgr.core.ledger.bundle import is_bundle, verify_bundle
from accessmgr.core.ledger.export import Kind, NotAnExport, Verdict, verify
from accessmgr.core.ledger.note import Checkpoint, VerifierKey, WrongNote
from accessmgr.store.asked import lines_asked
from accessmgr.store.sending import submission
from accessmgr.store.verification import verify_database
from accessmgr.usecases.lists import PAGE
from accessmgr.vault.vault import is_signature

LONGEST_NOTE = 1024 * 1024
INSTANT = timedelta(microseconds=1)
"""The least by which two moments differ."""


@click.group()
def history() -> None:
    """The history: every change and every refusal, in the order in which they were recorded."""


@history.command("show")
@click.option("--enterprise", type=ENTERPRISE, help="only entries about this enterprise")
@click.option("--person", metavar="PERSON", help="only entries about this person")
@click.option("--before", type=click.IntRange(0), help="only entries before this sequence number")
@click.option("--since", type=MOMENT, help="only entries recorded at this moment or later, in Brussels")
@click.option("--until", type=MOMENT, help="only entries recorded at this moment or before")
@KNOWN_AT
@click.option("--limit", type=click.IntRange(1, 1000), default=PAGE, show_default=True)
@FORMAT
def history_show(
    enterprise: str | None,
    person: str | None,
    before: int | None,
    since: datetime | None,
    until: datetime | None,
    known_at: datetime | None,
    limit: int,
    format_: str,
) -> None:
    """Show entries, the newest first.

    Example: accessmgr history show --enterprise 1999.000.150 --since 2026-03-01T00:00 --limit 10
    """
    with running() as (_, product), product.world.store.reading() as look:
        subjects = [subject for subject in (enterprise, person_id(look, person) if person else None) if subject]
        lists = look.lists_at(None if known_at is None else look.size_at(known_at))
        ends = [end for end in (before, None if until is None else look.size_at(until)) if end is not None]
        rows = lists.entries_at_once_about(
            subjects,
            before=min(ends, default=None),
            since=0 if since is None else look.size_at(since - INSTANT),
            limit=limit,
        )
        entries = [json.loads(row.leaf) for row in rows]
        names = lists.names({entry["actor"] for entry in entries})
    for entry in entries:
        if format_ == "json":
            click.echo(json.dumps(entry, ensure_ascii=False, sort_keys=True))
            continue
        actor = names[entry["actor"]].name if entry["actor"] in names else entry["actor"]
        action, because = entry["decision"].get("action", ""), " ".join(entry["decision"].get("because", []))
        line = f"{entry['sequence']:7} {entry['recorded_at']} {entry['type']:24} {actor}  {action} {because}"
        click.echo(line.rstrip())


@history.command("asked")
@click.option("--enterprise", type=ENTERPRISE, help="only decisions about this enterprise")
@click.option("--person", metavar="PERSON", help="only decisions that this person asked for")
@click.option("--limit", type=click.IntRange(1, 1000), default=PAGE, show_default=True)
@FORMAT
def history_asked(enterprise: str | None, person: str | None, limit: int, format_: str) -> None:
    """Show decisions that were only asked about, the newest first, from the decision log.

    Example: accessmgr history asked --enterprise 1999.000.150 --limit 10
    """
    with running() as (_, product), store_of(product).reading() as look:
        subjects = [subject for subject in (enterprise, person_id(look, person) if person else None) if subject]
        lines = list(islice(lines_asked(look.connection, subjects), limit))
        decisions = [json.loads(line) for line in lines]
        names = look.lists.names({decision["person"] for decision in decisions})
    for line, decision in zip(lines, decisions, strict=True):
        if format_ == "json":
            click.echo(line.decode())
            continue
        who = names[decision["person"]].name if decision["person"] in names else decision["person"]
        outcome, because = "allowed" if decision["allowed"] else "refused", " ".join(decision["because"])
        where = decision.get("enterprise", "")
        click.echo(f"{decision['asked_at']} {decision['action']} {where} {who}  {outcome} {because}")


@history.command("export")
@click.option("--known-at", type=MOMENT, help="only the entries recorded at this moment or before, in Brussels")
def history_export(known_at: datetime | None) -> None:
    """Write the whole history to standard output, one entry a line, and last the checkpoint that covers it.

    The last entry tells of this export itself, unless only older ones are asked for: then the checkpoint covers
    exactly those. A history without entries stays without.

    Example: accessmgr history export --known-at 2026-05-03T12:00 > history.jsonl
    """
    with running() as (_, product):
        store, now = store_of(product), product.world.clock.now()
        with store.writing() as tx:
            known = None if known_at is None or known_at >= now else tx.size_at(known_at)
            if tx.size():
                exported = tx.next_size if known is None else known
                tx.append(What.HISTORY_EXPORTED, now, data={"size": exported})
            note = tx.checkpoint()
            if known is not None:
                note = tx.ledger.over(known)
        with store.reading() as look:
            for leaf in look.ledger.leaves(Checkpoint.parse(note).size):
                sys.stdout.buffer.write(leaf + b"\n")
        sys.stdout.buffer.write(canonical({"checkpoint": note}) + b"\n")
        sys.stdout.buffer.flush()


@history.command("verify")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False), required=False)
@click.option(
    "--checkpoint", "old", type=click.Path(path_type=Path, dir_okay=False), help="a checkpoint that was kept before"
)
@click.option("--vkey", metavar="KEY", help="the verifier key; without FILE, by default the one of this installation")
@click.option("--strict", is_flag=True, help="of FILE, take only canonical bytes, not every spelling in JSON")
def history_verify(file: Path | None, old: Path | None, vkey: str | None, strict: bool) -> None:
    """Verify an export or a bundle, without opening a database, or without FILE the whole database.

    In the database, besides, the state is compared row by row with what the entries tell of it, and every decision
    is decided again from the facts and by the policy of its moment.

    The first line is the verdict: VALID n, TAMPERED at k (or between a and b), TRUNCATED, FORKED or UNSIGNED TAIL.
    Exit status 0 for VALID, 1 for another verdict, 2 for unreadable input.

    Example: accessmgr history verify history.jsonl --checkpoint kept.txt --vkey "$(cat key.txt)"
    """
    try:
        before = None if old is None else Checkpoint.parse(_read_note(old))
        key = None if vkey is None else VerifierKey.parse(vkey)
        verdict, unchecked = _of_file(file, before, key, strict) if file else _of_database(before, key)
    except (WrongNote, NotAnExport) as wrong:
        raise click.ClickException(str(wrong)) from wrong
    except OSError as error:
        raise click.ClickException(f"`{error.filename}` cannot be read: {error.strerror}") from error
    click.echo(str(verdict))
    for more in filter(None, (verdict.because, f"not checked: {unchecked}" if unchecked else "")):
        click.echo(more)
    sys.exit(0 if verdict.kind is Kind.VALID else 1)


@history.command("prove")
@click.option("--sequence", type=click.IntRange(0), help="the entry that is to be proved")
@click.option("--size", type=click.IntRange(1), help="among so many first entries; by default, the newest checkpoint's")
@click.option("--from", "first", type=click.IntRange(1), help="the smaller size of a proof that nothing was rewritten")
@click.option("--to", "second", type=click.IntRange(1), help="the larger size of such a proof")
def history_prove(sequence: int | None, size: int | None, first: int | None, second: int | None) -> None:
    """Prove that an entry is in the history, or that the history of one size extends that of another.

    Example: accessmgr history prove --sequence 12
    """
    is_inclusion = sequence is not None and first is None and second is None
    if not is_inclusion and (sequence is not None or size is not None or first is None or second is None):
        raise click.UsageError("a proof needs --sequence (and --size if you like), or --from and --to")
    with running() as (_, product), signed(store_of(product), sequence, size, second) as tx:
        try:
            proof = inclusion(tx, sequence, size) if sequence is not None else consistency(tx, first, second)
        except ValueError as wrong:
            raise click.UsageError(str(wrong)) from wrong
    click.echo(json.dumps(proof, ensure_ascii=False))


@history.command("checkpoint")
@click.option(
    "--for-witness", "old", type=click.IntRange(0), help="print what a witness takes that signed this size last"
)
def history_checkpoint(old: int | None) -> None:
    """Print the newest checkpoint, which covers every entry: keep it where nobody here can change it.

    Below the signature of the history stand those of the witnesses that signed it. With --for-witness it is printed as
    a submission, with the proof that it extends the older size: for a witness that is not reached by network.

    Example: accessmgr history checkpoint > kept.txt
    """
    with running() as (_, product), store_of(product).writing() as tx:
        note = tx.checkpoint()
        try:
            printed = tx.ledger.witnessed(note) if old is None else str(submission(tx.ledger, old, note))
        except ValueError as wrong:
            raise click.UsageError(str(wrong)) from wrong
    sys.stdout.buffer.write(printed.encode())
    sys.stdout.buffer.flush()


def _read_note(path: Path) -> str:
    with path.open("rb") as file:
        try:
            return file.read(LONGEST_NOTE).decode()
        except UnicodeDecodeError:
            raise WrongNote("the checkpoint is not text in UTF-8") from None


def _of_file(file: Path, old: Checkpoint | None, key: VerifierKey | None, strict: bool) -> tuple[Verdict, str]:
    with file.open("rb") as given, _rereadable(given) as export:
        bundle = is_bundle(export)
        if bundle and old is not None:
            raise NotAnExport("a bundle is not compared with an old checkpoint")
        verdict = (
            verify_bundle(export, is_signature, key=key, strict=strict)
            if bundle
            else verify(export, is_signature, old=old, key=key, strict=strict)
        )
    return verdict, "" if key else "the signature, as no verifier key was given"


@contextmanager
def _rereadable(given: BinaryIO) -> Iterator[BinaryIO]:
    """The file, or of a pipe a copy on disk, as an export is read twice where its flaw is to be found."""
    if given.seekable():
        yield given
        return
    with tempfile.TemporaryFile() as copy:
        shutil.copyfileobj(given, copy)
        copy.seek(0)
        yield copy


def _of_database(old: Checkpoint | None, key: VerifierKey | None) -> tuple[Verdict, str]:
    tell = _tell_progress if sys.stderr.isatty() else lambda done, size: None
    with running() as (_, product):
        store = store_of(product)
        own = VerifierKey.parse(store.verifier_key())
        with store.reading() as look:
            verdict = verify_database(look, is_signature, key=key or own, old=old, progress=tell)
    return verdict, ""


def _tell_progress(done: int, size: int) -> None:
    click.echo(f"\r{done} of {size} entries", nl=False, err=True)
    if done == size:
        click.echo("\r\033[K", nl=False, err=True)


history.add_command(history_witness)

COMMANDS = (history,)
