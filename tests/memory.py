"""How much memory a server's process takes, as Linux counts it."""

from dataclasses import dataclass
from pathlib import Path

import pytest

MIB = 1024 * 1024
ON_LINUX = pytest.mark.skipif(not Path("/proc/self/clear_refs").exists(), reason="peaks are read from Linux's /proc")


@dataclass
class Measured:
    """A server process whose peak of memory can be read."""

    process: int
    port: int

    def resident(self, field: str = "VmRSS") -> int:
        """Bytes in memory now; `VmHWM` for the peak since `forget_peak`."""
        status = Path(f"/proc/{self.process}/status").read_text()
        return int(next(line.split()[1] for line in status.splitlines() if line.startswith(field))) * 1024

    def forget_peak(self) -> int:
        """Begin to measure: what is used now."""
        Path(f"/proc/{self.process}/clear_refs").write_text("5")
        return self.resident()
