"""Charts are in time with the audio that a game plays."""

from pathlib import Path

import numpy as np
import pytest

from tests.bench.lags import lags


@pytest.mark.slow
@pytest.mark.parametrize("form", ["wav, 6 kHz", "mp3 without a header, VBR", "opus in webm"])
def test_no_beat_is_5_ms_off(form: str, tmp_path: Path) -> None:
    assert np.abs(lags(form, tmp_path)).max() < 0.005
