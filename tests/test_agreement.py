"""The product decides as the oracle does: over a hundred thousand random asks, through the use cases and the store."""

import json
from collections.abc import Iterator

import pytest

from accessmgr.scenarios.databases import Databases, databases, in_memory
from accessmgr.scenarios.document import DecidingStep
from accessmgr.scenarios.reader import read_bytes
from accessmgr.scenarios.runner import run
from tests.oracle_replay import Doc
from tests.random_worlds import random_document

STEPS = 80
CHUNKS, CHUNK = 16, 100
"""So many chunks of documents, spread over the processes of the run; a document has some 65 asks."""


def asks(document: Doc) -> int:
    return sum("because" in step for step in document["steps"])


def differences(seed: int, document: Doc, new_database: Databases) -> Iterator[str]:
    """Where the product decides otherwise than the oracle did when it wrote the document."""
    scenario = read_bytes(json.dumps(document).encode(), f"seed {seed}")
    for outcome in run(scenario, new_database).outcomes:
        if not outcome.met:
            step = outcome.step
            assert isinstance(step, DecidingStep)
            yield (
                f"seed {seed}, step {outcome.index}: {json.dumps(document['steps'][outcome.index])}\n"
                f"  the oracle:  allowed={step.expected} because={sorted(step.because or ())}\n"
                f"  the product: allowed={outcome.allowed} because={list(outcome.because)}"
            )


def decide_all(seeds: range, new_database: Databases, steps: int = STEPS) -> int:
    """How many asks were decided; fails on the first document with a difference."""
    decided = 0
    for seed in seeds:
        document = random_document(seed, steps)
        found = list(differences(seed, document, new_database))
        assert found == [], "\n".join(found)
        decided += asks(document)
    return decided


@pytest.mark.parametrize("chunk", range(CHUNKS))
def test_product_and_oracle_agree_on_random_asks(chunk: int) -> None:
    seeds = range(chunk * CHUNK, (chunk + 1) * CHUNK)
    assert decide_all(seeds, in_memory) * CHUNKS >= 100_000


def test_product_and_oracle_agree_on_postgresql_too(postgres_url: str) -> None:
    seeds = range(-8, 0)  # no document that the other test has
    with databases(postgres_url) as new_database:
        assert decide_all(seeds, new_database) >= 400


def test_a_difference_would_be_found() -> None:
    document = random_document(0, STEPS)
    index = next(n for n, step in enumerate(document["steps"]) if "because" in step)
    document["steps"][index]["because"] = ["KEY-1", "KEY-2"]
    assert [text.split(":")[0] for text in differences(0, document, in_memory)] == [f"seed 0, step {index}"]
