"""The ids that examples name: `{ines}` in an example is a person of the demo world, here with a sample id.

The ids of a real demo world are random; whoever runs the examples puts its own in their place.
"""

from collections.abc import Mapping
from typing import Any

SAMPLES: Mapping[str, str] = {
    "ines": "5a1c0f7de2b94c3f8d6e90b1a47f2c35",
    "noah": "c04b6d1e7f8a42d39b5c2e81f0a6d794",
    "appointment": "91d3e0c85b7f4a26a0c4d7f6b2e18593",
    "relation": "2f7b94e1c6d04f8bb3a59e0d81c7f642",
    "grant": "e83a5c17d0924b6fa1f7c03d9b6e4528",
    "request": "7c60f2a9b1e84d35926fd8e3a0c5b417",
    "offer": "d41f8a06c3b75e92ab60e7d2f9c81354",
    "other_offer": "36e90bd7f1a24c58970d4b8ea5c3f216",
    "entry": "12",
}
"""What stands in the docs for each name."""


def filled(example: Any, ids: Mapping[str, str] = SAMPLES) -> Any:
    """An example with ids in place of names."""
    if isinstance(example, str):
        return ids.get(example[1:-1], example) if example[:1] == "{" and example[-1:] == "}" else example
    if isinstance(example, Mapping):
        return {name: filled(value, ids) for name, value in example.items()}
    return [filled(value, ids) for value in example] if isinstance(example, list | tuple) else example
