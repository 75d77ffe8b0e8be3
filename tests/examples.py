"""How many examples a property test tries."""

from hypothesis import settings


def at_most(count: int) -> int:
    """`count`, or fewer where the profile asks for fewer, as that of `make quick` does."""
    return min(count, settings().max_examples)
