"""The limited child: answers, errors, limits, and that nothing of it is left."""

import os
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from davproxy import child, errors, processes

LIMITS = processes.Limits(memory=1 << 30, seconds=20, wall=20, file_size=1 << 20)


def echo(request: Mapping[str, Any], report: Callable[[str, float], None]) -> Any:
    print("noise that must not be taken for an answer")
    report("listening", 0.5)
    return {"heard": request["words"], "home": os.environ["HOME"], "secret": os.environ.get("APP_PASSWORD")}


def refuse(request: Mapping[str, Any], report: Callable[[str, float], None]) -> Any:
    raise errors.BadArchive("It is encrypted.")


def misbehave(request: Mapping[str, Any], report: Callable[[str, float], None]) -> Any:
    match request["how"]:
        case "crash":
            os.abort()
        case "raise":
            raise ZeroDivisionError
        case "eat":
            return len(bytearray(8 << 30))
        case "keep":
            kept = bytearray(256 << 20)
            time.sleep(3600)
            return len(kept)
        case "spin":
            while True:
                pass
        case "fill":
            Path("big").write_bytes(bytes(4 << 20))
        case "linger":
            report("lingering", 0.1)
            time.sleep(3600)
    return None


def run(function: Callable[..., Any], request: Mapping[str, Any], folder: Path, **options: Any) -> Any:
    return child.run(f"{__name__}:{function.__name__}", request, folder=folder, **{"limits": LIMITS, **options})


def test_answer_and_progress(tmp_path: Path) -> None:
    steps: list[tuple[str, float]] = []
    answer = run(echo, {"words": "häl\nlo"}, tmp_path, report=lambda step, progress: steps.append((step, progress)))
    assert answer == {"heard": "häl\nlo", "home": str(tmp_path), "secret": None}
    assert steps == [("listening", 0.5)]


def test_errors_of_ours_are_raised_in_the_parent(tmp_path: Path) -> None:
    with pytest.raises(errors.BadArchive, match="encrypted"):
        run(refuse, {}, tmp_path)


@pytest.mark.parametrize(("how", "words"), [("crash", "damaged"), ("raise", "damaged"), ("eat", "memory")])
def test_a_failing_child_is_a_clear_error(tmp_path: Path, how: str, words: str) -> None:
    with pytest.raises(errors.BadInput, match=words):
        run(misbehave, {"how": how}, tmp_path)


@pytest.mark.slow
def test_limits_on_time_and_files(tmp_path: Path) -> None:
    with pytest.raises(errors.BadInput, match="damaged"):
        run(misbehave, {"how": "spin"}, tmp_path, limits=processes.Limits(1 << 30, 1, 30, 1 << 20))
    with pytest.raises(errors.BadInput, match="longer than 1 seconds"):
        run(misbehave, {"how": "linger"}, tmp_path, limits=processes.Limits(1 << 30, 20, 1, 1 << 20))
    with pytest.raises(errors.NoSpace):
        run(misbehave, {"how": "fill"}, tmp_path)


def test_a_cancelled_child_is_killed(tmp_path: Path) -> None:
    started: list[str] = []
    with pytest.raises(errors.Cancelled):
        run(
            misbehave, {"how": "linger"}, tmp_path,
            report=lambda step, _progress: started.append(step), cancelled=lambda: bool(started),
        )  # fmt: skip
    assert started == ["lingering"]
