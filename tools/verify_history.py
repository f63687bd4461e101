#!/usr/bin/env python3
"""Verify an export of the history of accessmgr, or a bundle of proofs from it: this one file and Python 3.11 will do.

    verify_history.py FILE [--checkpoint OLD] [--vkey KEY] [--strict]

The first line that it prints is the verdict: VALID n, TAMPERED at k, TAMPERED between a and b, TRUNCATED, FORKED or
UNSIGNED TAIL; the second says why, or what was not checked. Exit status: 0 for VALID, 1 for any other verdict, 2 if
it was called wrongly or cannot read what it was given.

It is written from `docs/history-format.md` and shares no line with the product. Without the verifier key (from
`/history/key`, asked for by a way that you trust) no signature is checked: then VALID says only that the entries belong
to their checkpoint. Keep each checkpoint that you see: as OLD, it shows whether history was rewritten since.
"""

import argparse
import base64
import datetime
import decimal
import hashlib
import json
import re
import shutil
import sys
import tempfile

LARGEST_NUMBER = 2**53 - 1
LONGEST_LINE = 4 * 1024 * 1024
DEEPEST = 64
MOST_SIGNATURES = 100
UNCHECKED = "not checked: the signature, as no verifier key was given"
ENTRY = {"sequence": int, "recorded_at": str, "type": str, "actor": str, "decision": dict, "data": dict}
CLOSING = {"kind": str, "entries": int, "checkpoint": str}
HASHES = {"leaf_hash": str, "hashes": list, "root_hash": str}
PROOF = {"kind": str, "sequence": int, "tree_size": int, "entry": dict, **HASHES}


class BadInput(Exception):
    """What was given cannot be read: exit status 2."""


class Verdict(Exception):
    """The end of the verification: a first line, and the reason."""

    def __init__(self, line, why=""):
        super().__init__(line, why)
        self.line, self.why = line, why


class BadLine(Exception):
    """A line that is neither an entry nor a checkpoint. `is_json` tells whether it is a JSON object at all."""

    def __init__(self, why, is_json=True):
        super().__init__(why)
        self.is_json = is_json


class BadNote(Exception):
    """Text that is no signed checkpoint, or no verifier key, or is not signed by the key."""


# --- Ed25519 (RFC 8032, section 5.1), verification only: nothing secret passes here ---------------------------------

P = 2**255 - 19
ORDER = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, -1, P) % P
ROOT_OF_MINUS_ONE = pow(2, (P - 1) // 4, P)


def point(encoded):
    """The point of the curve in 32 bytes, in extended coordinates; None if they are none."""
    number = int.from_bytes(encoded, "little")
    sign, y = number >> 255, number & ((1 << 255) - 1)
    if y >= P:
        return None
    square = (y * y - 1) * pow(D * y * y + 1, -1, P) % P
    x = pow(square, (P + 3) // 8, P)
    if (x * x - square) % P:
        x = x * ROOT_OF_MINUS_ONE % P
    if (x * x - square) % P or (x == 0 and sign):
        return None
    if x & 1 != sign:
        x = P - x
    return x, y, 1, x * y % P


def plus(a, b):
    """The sum of two points."""
    first, second = (a[1] - a[0]) * (b[1] - b[0]) % P, (a[1] + a[0]) * (b[1] + b[0]) % P
    third, fourth = 2 * a[3] * b[3] * D % P, 2 * a[2] * b[2] % P
    e, f, g, h = second - first, fourth - third, fourth + third, second + first
    return e * f % P, g * h % P, f * g % P, e * h % P


def times(factor, summand):
    """A point, so many times."""
    if factor == 0:
        return 0, 1, 1, 0
    half = times(factor >> 1, plus(summand, summand))
    return plus(half, summand) if factor & 1 else half


BASE = point((4 * pow(5, -1, P) % P).to_bytes(32, "little"))


def is_signature(public, signature, message):
    """Whether a signature of 64 bytes is one of the message under a public key."""
    key, commitment = point(public), point(signature[:32])
    scalar = int.from_bytes(signature[32:], "little")
    if len(signature) != 64 or key is None or commitment is None or scalar >= ORDER:
        return False
    challenge = int.from_bytes(hashlib.sha512(signature[:32] + public + message).digest(), "little") % ORDER
    left, right = times(scalar, BASE), plus(commitment, times(challenge, key))
    same_x = (left[0] * right[2] - right[0] * left[2]) % P == 0
    return same_x and (left[1] * right[2] - right[1] * left[2]) % P == 0


def sha256(*parts):
    """The SHA-256 of the parts, one after the other."""
    return hashlib.sha256(b"".join(parts)).digest()


class Tree:
    """The full subtrees of the leaves so far, as (number of leaves, hash), the largest first."""

    def __init__(self):
        self.size = 0
        self.subtrees = []

    def add(self, leaf):
        """One more leaf."""
        leaves, hash_ = 1, sha256(b"\x00", leaf)
        while self.subtrees and self.subtrees[-1][0] == leaves:
            _, left = self.subtrees.pop()
            leaves, hash_ = 2 * leaves, sha256(b"\x01", left, hash_)
        self.subtrees.append((leaves, hash_))
        self.size += 1

    def root(self):
        """The root over the leaves so far."""
        *lefts, hash_ = [hash_ for _, hash_ in self.subtrees] or [sha256()]
        for left in reversed(lefts):
            hash_ = sha256(b"\x01", left, hash_)
        return hash_


def root_by_proof(place, size, hash_, path):
    """The root of the tree of `size` leaves to which a proof leads from the leaf at a place (section 2.1.3)."""
    if (size == 1) != (not path):
        raise BadLine("the proof has a hash too many or too few")
    if size == 1:
        return hash_
    left = 1 << (size - 1).bit_length() - 1
    if place < left:
        return sha256(b"\x01", root_by_proof(place, left, hash_, path[:-1]), path[-1])
    return sha256(b"\x01", path[-1], root_by_proof(place - left, size - left, hash_, path[:-1]))


def from_base64(text):
    """The bytes in standard base64 with padding."""
    try:
        raw = base64.b64decode(text, validate=True)
    except (TypeError, ValueError):
        raise BadNote("malformed base64") from None
    if base64.b64encode(raw) != text.encode():
        raise BadNote("malformed base64")
    return raw


def key_hash(name, public):
    """The four bytes by which a signature names its key."""
    return sha256(name.encode(), b"\n\x01", public)[:4]


def parse_key(text):
    """The name and public key in `name+hash+base64(0x01 || key)`."""
    parts = text.strip().split("+", 2)
    if len(parts) != 3 or not parts[0] or re.search(r"\s", parts[0]):
        raise BadNote("a verifier key is `name+hash+base64`")
    name, hash_, encoded = parts[0], parts[1], from_base64(parts[2])
    if len(encoded) != 33 or encoded[0] != 1:
        raise BadNote("the verifier key is not of Ed25519")
    if key_hash(name, encoded[1:]).hex() != hash_:
        raise BadNote("the hash in the verifier key is of another key")
    return name, encoded[1:]


class Checkpoint:
    """A signed note: origin, size, root; what is signed, and the signatures as (name, key hash, signature)."""

    def __init__(self, text):
        head, _, tail = text.partition("\n\n")
        lines = head.split("\n")
        if len(lines) != 3 or not tail.endswith("\n") or any((c < " " and c != "\n") or c == "\x7f" for c in text):
            raise BadNote("a checkpoint is three lines, a blank one and signatures, each with its newline")
        self.origin, size, root = lines
        if not self.origin or "+" in self.origin or re.search(r"\s", self.origin):
            raise BadNote("the origin has a space or plus, or is missing")
        if not re.fullmatch(r"0|[1-9][0-9]{0,18}", size):
            raise BadNote(f"`{size[:30]}` is no size")
        self.size, self.root = int(size), from_base64(root)
        if len(self.root) != 32:
            raise BadNote("the root has not 32 bytes")
        self.message = f"{head}\n".encode()
        self.signatures = [self.signature(line) for line in tail[:-1].split("\n")]
        if len(self.signatures) > MOST_SIGNATURES:
            raise BadNote(f"more than {MOST_SIGNATURES} signatures")

    @staticmethod
    def signature(line):
        """A line of signature."""
        words = line.split(" ")
        if len(words) != 3 or words[0] != "\u2014" or not words[1] or "+" in words[1] or re.search(r"\s", words[1]):
            raise BadNote("a line that should be a signature is none")
        raw = from_base64(words[2])
        if len(raw) < 5:
            raise BadNote("a signature is too short")
        return words[1], raw[:4], raw[4:]

    def check(self, name, public):
        """Check the signature of a key."""
        if self.origin != name:
            raise BadNote(f"the checkpoint is of `{self.origin}`, the key of `{name}`")
        own = [raw for by, id_, raw in self.signatures if by == name and id_ == key_hash(name, public)]
        if not own:
            raise BadNote("the checkpoint is not signed by the key")
        if not all(is_signature(public, raw, self.message) for raw in own):
            raise BadNote("the signature is not one of the key")


def once(pairs):
    """The object, of which no member may stand twice."""
    if len(dict(pairs)) != len(pairs):
        raise BadLine("a member stands twice")
    return dict(pairs)


def whole(text):
    """A number with a point or an exponent, if it is a whole one."""
    number = decimal.Decimal(text)
    if abs(number) > LARGEST_NUMBER or number != number.to_integral_value():
        raise BadLine(f"not a whole number: `{text[:30]}`")
    return int(number)


def no_number(name):
    """NaN and the infinities."""
    raise BadLine(f"not a number: `{name}`")


def canonical(value, depth=1):
    """The RFC 8785 form of what may stand in an entry."""
    if depth > DEEPEST and isinstance(value, list | dict):
        raise BadLine(f"nested deeper than {DEEPEST}")
    if value is True or value is False:
        return "true" if value else "false"
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False)
    if isinstance(value, int):
        if abs(value) > LARGEST_NUMBER:
            raise BadLine("a number is too large")
        return str(value)
    if isinstance(value, list):
        return "[" + ",".join(canonical(item, depth + 1) for item in value) + "]"
    if isinstance(value, dict):
        if not all(map(str.isascii, value)):
            raise BadLine("the name of a member is not ASCII")
        members = (f"{canonical(name)}:{canonical(value[name], depth + 1)}" for name in sorted(value))
        return "{" + ",".join(members) + "}"
    raise BadLine("null is no value of an entry")


def parse(line, count, strict):
    """The object in the line after so many entries, and its canonical bytes."""
    if len(line) > LONGEST_LINE:
        raise BadLine("the line is too long")
    if strict and not line.endswith(b"\n"):
        raise Verdict("TRUNCATED", f"line {count + 1}: the line is cut short")
    try:
        value = json.loads(line.decode("utf-8"), object_pairs_hook=once, parse_float=whole, parse_constant=no_number)
    except (ValueError, ArithmeticError, RecursionError):
        raise BadLine("not JSON in UTF-8", is_json=False) from None
    if not isinstance(value, dict):
        raise BadLine("not a JSON object", is_json=False)
    try:
        leaf = canonical(value).encode("utf-8")
    except UnicodeEncodeError:
        raise BadLine("half a character") from None
    if strict and line != leaf + b"\n":
        raise BadLine("not in canonical form")
    return value, leaf


def check_members(value, members):
    """Check that an object has these members, each of its type."""
    if value.keys() != members.keys():
        raise BadLine("not the six members of an entry" if members is ENTRY else "not the members of such a line")
    for name, type_ in members.items():
        if type(value[name]) is not type_:
            raise BadLine(f"`{name}` is of another type")


def check_entry(entry, sequence, before):
    """Check that an object is the entry with that sequence, recorded no earlier than `before`."""
    check_members(entry, ENTRY)
    moment = entry["recorded_at"]
    form = re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z", moment, re.ASCII)
    try:
        datetime.datetime.strptime(moment if form else "", "%Y-%m-%dT%H:%M:%S.%fZ")
    except ValueError:
        raise BadLine("`recorded_at` is not a moment in UTC with six decimals") from None
    if entry["sequence"] != sequence:
        raise BadLine(f"the entry has sequence `{entry['sequence']}`")
    if moment < before:
        raise BadLine("the entry is recorded earlier than the one before")
    return moment


def wrong(bad, line, count):
    """What follows from a line that is wrong, after so many entries."""
    if isinstance(bad, BadLine) and not bad.is_json:
        if count == 0:
            return BadInput(f"line 1: {bad}")
        if not line.endswith(b"\n"):
            return Verdict("TRUNCATED", f"line {count + 1}: the line is cut short")
    return Verdict(f"TAMPERED at {count}", f"line {count + 1}: {bad}")


def followed(count):
    """The verdict if something stands behind the checkpoint."""
    return Verdict(f"TAMPERED at {count}", f"line {count + 2}: something follows the checkpoint")


def read(file, sizes, strict):
    """Read the log once. Gives its number of entries, its roots at the sizes asked for, and its checkpoint if any.

    Ends with a verdict if a line is wrong.
    """
    tree, roots, before = Tree(), {0: sha256()}, ""
    while line := file.readline(LONGEST_LINE + 1):
        try:
            value, leaf = parse(line, tree.size, strict)
            if value.keys() == {"checkpoint"}:
                check_members(value, {"checkpoint": str})
                checkpoint = Checkpoint(value["checkpoint"])
                if file.read(1):
                    raise followed(tree.size)
                roots[tree.size] = tree.root()
                return tree.size, roots, checkpoint
            before = check_entry(value, tree.size, before)
        except (BadLine, BadNote) as bad:
            raise wrong(bad, line, tree.size) from None
        tree.add(leaf)
        if tree.size in sizes:
            roots[tree.size] = tree.root()
    return tree.size, roots, None


def check_proof(value, last, tree):
    """Check a proof after an entry (sequence, moment) in a tree (size, root), None if unknown; gives its own two."""
    check_members(value, PROOF)
    sequence, size, entry, root = value["sequence"], value["tree_size"], value["entry"], value["root_hash"]
    moment = check_entry(entry, sequence, last[1])
    if value["kind"] != "inclusion" or not last[0] < sequence < size or tree not in (None, (size, root)):
        raise BadLine("the entry stands twice, or out of its place or tree")
    path = [from_base64(step) for step in (*value["hashes"], root)]
    hash_ = sha256(b"\x00", canonical(entry).encode("utf-8"))
    if from_base64(value["leaf_hash"]) != hash_ or any(len(step) != 32 for step in path):
        raise BadLine("the hash is of another entry, or is none")
    if root_by_proof(sequence, size, hash_, path[:-1]) != path[-1]:
        raise BadLine("the proof leads to another root")
    return (sequence, moment), (size, root)


def verdict_on_bundle(file, key, strict):
    """The verdict on a bundle: entries, each with its proof, and last their number and the checkpoint."""
    count, last, tree, checkpoint = 0, (-1, ""), None, None
    while line := file.readline(LONGEST_LINE + 1):
        try:
            if checkpoint:
                raise followed(count)
            value, _ = parse(line, count, strict)
            if value.get("kind") == "bundle":
                check_members(value, CLOSING)
                checkpoint = Checkpoint(value["checkpoint"])
                if value["entries"] != count:
                    why = f"the bundle had {value['entries']} entries, here are {count}"
                    return Verdict("TRUNCATED" if value["entries"] > count else f"TAMPERED at {count}", why)
                continue
            last, tree = check_proof(value, last, tree)
            count += 1
        except (BadLine, BadNote) as bad:
            raise wrong(bad, line, count) from None
    if checkpoint is None:
        return Verdict("TRUNCATED", f"line {count + 1}: the checkpoint is missing")
    try:
        if tree and (tree[0], from_base64(tree[1])) != (checkpoint.size, checkpoint.root):
            raise BadNote("the entries are proved in another tree than the checkpoint's")
        if key:
            checkpoint.check(*key)
    except BadNote as bad:
        return tampered(0, count - 1, f"line {count + 1}: {bad}")
    return Verdict(f"VALID {count}", "" if key else UNCHECKED)


def tampered(first, last, why):
    """The verdict that something between two entries is not as it was."""
    return Verdict(f"TAMPERED between {first} and {last}" if first < last else f"TAMPERED at {first}", why)


def verdict(file, old, key, strict):
    """The verdict on an export."""
    if old and key and old.origin == key[0]:
        try:
            old.check(*key)
        except BadNote as bad:
            raise BadInput(f"the old checkpoint: {bad}") from None
    sizes = {old.size} if old else set()
    size, roots, checkpoint = read(file, sizes, strict)
    if checkpoint is None:
        return Verdict("TRUNCATED", f"line {size + 1}: the checkpoint is missing")
    if checkpoint.size > size:
        return Verdict("TRUNCATED", f"the checkpoint covers {checkpoint.size} entries, here are {size}")
    if checkpoint.size < size:
        file.seek(0)
        size, roots, checkpoint = read(file, sizes | {checkpoint.size}, strict)
    same_log = old is None or old.origin == checkpoint.origin
    extends = old is not None and same_log and roots.get(old.size) == old.root
    sound = old.size if extends and old.size < size else 0
    if roots[checkpoint.size] != checkpoint.root:
        why = f"line {size + 1}: the root of the entries is not the one in the checkpoint"
        return tampered(min(sound, checkpoint.size), checkpoint.size - 1, why)
    if key:
        try:
            checkpoint.check(*key)
        except BadNote as bad:
            return tampered(sound, size - 1, f"line {size + 1}: {bad}")
    if not same_log:
        return Verdict("FORKED", f"this is the log `{checkpoint.origin}`, not `{old.origin}`")
    if old and old.size > size:
        return Verdict("TRUNCATED", f"the old checkpoint covers {old.size} entries, here are {size}")
    if old and not extends:
        return Verdict("FORKED", f"the first {old.size} entries are not those of the old checkpoint")
    if checkpoint.size < size:
        return Verdict("UNSIGNED TAIL", f"the checkpoint does not cover entries {checkpoint.size} on")
    return Verdict(f"VALID {size}", "" if key else UNCHECKED)


def is_bundle(file):
    """Whether the first line is one of a bundle."""
    try:
        return parse(file.readline(LONGEST_LINE + 1), 0, strict=False)[0].get("kind") in ("inclusion", "bundle")
    except BadLine:
        return False
    finally:
        file.seek(0)


def verify(path, checkpoint=None, vkey=None, strict=False):
    """The verdict on the export in a file, by the path of an old checkpoint and a verifier key if there are any."""
    try:
        key = None if vkey is None else parse_key(vkey)
        old = None
        if checkpoint is not None:
            with open(checkpoint, encoding="utf-8", newline="") as file:
                old = Checkpoint(file.read(1024 * 1024))
        with open(path, "rb") as given, tempfile.TemporaryFile() as copy:
            file = given if given.seekable() else shutil.copyfileobj(given, copy) or copy  # a pipe is read once
            file.seek(0)
            bundle = is_bundle(file)
            if bundle and old:
                raise BadInput("a bundle is not compared with an old checkpoint")
            return verdict_on_bundle(file, key, strict) if bundle else verdict(file, old, key, strict)
    except (BadNote, UnicodeDecodeError) as bad:
        raise BadInput(str(bad)) from None
    except OSError as error:
        raise BadInput(f"`{error.filename}` cannot be read: {error.strerror}") from None
    except Verdict as early:
        return early


def main():
    """The command line."""
    parser = argparse.ArgumentParser(description="Verify an export of the history of accessmgr.")
    parser.add_argument("file", help="what `accessmgr history export` wrote")
    parser.add_argument("--checkpoint", metavar="OLD", help="the file of a checkpoint from before")
    parser.add_argument("--vkey", metavar="KEY", help="the verifier key of the log: name+hash+base64")
    parser.add_argument("--strict", action="store_true", help="only canonical bytes, not every spelling in JSON")
    given = parser.parse_args()
    try:
        found = verify(given.file, given.checkpoint, given.vkey, given.strict)
    except BadInput as bad:
        print(f"verify_history: {bad}", file=sys.stderr)
        return 2
    print("\n".join(filter(None, (found.line, found.why))))
    return 0 if found.line.startswith("VALID") else 1


if __name__ == "__main__":
    sys.exit(main())
