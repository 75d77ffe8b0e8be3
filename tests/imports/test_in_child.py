"""The functions that run in a child, which `child.run` is given by name."""

import importlib
from collections.abc import Callable
from typing import Any

import pytest

from davproxy.imports import read_tags
from davproxy.imports.archives import unpack


@pytest.mark.parametrize(
    ("name", "function"),
    [(unpack.IN_CHILD, unpack.unpack_in_child), (read_tags.IN_CHILD, read_tags.read_in_child)],
    ids=["unpack", "read_tags"],
)
def test_the_name_is_that_of_the_function_beside_it(name: str, function: Callable[..., Any]) -> None:
    module, _, attribute = name.partition(":")
    assert getattr(importlib.import_module(module), attribute) is function
