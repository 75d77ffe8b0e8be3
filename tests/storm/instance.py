"""The program with a clock that jumps: `python -m tests.storm.instance FILE serve`.

FILE holds the seconds by which the system's clock is wrong now. What measures durations is right, as on a real system.
(A preloaded libfaketime also has sleeping threads sleep on.)
"""

import sys
import time
from pathlib import Path

from davproxy.commands import main

_FILE, _RIGHT = Path(sys.argv.pop(1)), time.time


def _wrong() -> float:
    return _RIGHT() + float(_FILE.read_text() or 0)


if __name__ == "__main__":
    time.time = _wrong
    main()
