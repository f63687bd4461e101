"""Names of people, and when two count as the same (rulebook, PERSON-2)."""

import unicodedata
from collections.abc import Sequence


def folded(names: Sequence[str]) -> str:
    """Names as one text to compare: given name first, without marks, case folded, spaces as one."""
    decomposed = unicodedata.normalize("NFKD", " ".join(names))
    bare = "".join(character for character in decomposed if not unicodedata.combining(character))
    return " ".join(bare.casefold().split())


def same_names(one: Sequence[str], other: Sequence[str]) -> bool:
    """Whether two names, each given name first, count as the same."""
    return folded(one) == folded(other)
