"""The conversion of ticks to seconds and back, with a chart's tempo changes."""

import math
from bisect import bisect_right
from collections.abc import Iterable

from davproxy.formats.chart import Chart, Tempo

DEFAULT_MILLIBEATS = 120_000
"""The tempo of games before the first tempo marker: 120 BPM."""


class TempoMap:
    """The time of each tick. It is linear between two markers and after the last one."""

    def __init__(self, resolution: int, tempos: Iterable[Tempo]) -> None:
        """`resolution` is in ticks per quarter note. Of several markers at one tick the last one counts."""
        rates: dict[int, float] = {0: DEFAULT_MILLIBEATS}
        for tempo in tempos:
            rates[tempo.tick] = tempo.millibeats
        self._ticks = sorted(rates)
        self.bpms = [rates[tick] / 1000 for tick in self._ticks]
        """Every tempo that is ever in force, in beats per minute."""
        self._seconds_per_tick = [60_000 / (rates[tick] * resolution) for tick in self._ticks]
        self._seconds = [0.0]
        for index in range(1, len(self._ticks)):
            ticks = self._ticks[index] - self._ticks[index - 1]
            self._seconds.append(self._seconds[-1] + ticks * self._seconds_per_tick[index - 1])

    @classmethod
    def of(cls, chart: Chart) -> "TempoMap":
        """The tempo map of `chart`."""
        return cls(chart.resolution, chart.tempos)

    def seconds(self, tick: float) -> float:
        """The time of `tick`, in seconds after tick 0."""
        index = max(bisect_right(self._ticks, tick) - 1, 0)
        return self._seconds[index] + (tick - self._ticks[index]) * self._seconds_per_tick[index]

    def seconds_of(self, ticks: Iterable[int]) -> list[float]:
        """The time of each of the ticks, which are in order; faster than one by one."""
        times = []
        index, following = -1, -1.0
        for tick in ticks:
            if tick >= following:
                index = max(bisect_right(self._ticks, tick) - 1, 0)
                following = self._ticks[index + 1] if index + 1 < len(self._ticks) else math.inf
                start, seconds, rate = self._ticks[index], self._seconds[index], self._seconds_per_tick[index]
            times.append(seconds + (tick - start) * rate)
        return times

    def tick(self, seconds: float) -> float:
        """The tick at `seconds`, with its fraction."""
        index = max(bisect_right(self._seconds, seconds) - 1, 0)
        return self._ticks[index] + (seconds - self._seconds[index]) / self._seconds_per_tick[index]
