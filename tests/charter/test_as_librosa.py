"""Our filters and constant-Q transform are those of librosa."""

import numpy as np
import pytest

from davproxy.charter.signal import chroma, spectrum
from davproxy.charter.signal.audio import RATE
from davproxy.charter.signal.constant_q import HOP, SEMITONES, constant_q

pytestmark = pytest.mark.slow  # librosa takes seconds to load


def test_mel_filters() -> None:
    from librosa.filters import mel

    expected = mel(sr=RATE, n_fft=spectrum.WINDOW, n_mels=spectrum.MELS, fmin=spectrum.LOWEST)
    assert np.allclose(spectrum.mel_filters(), expected, atol=1e-7)


def test_chroma_filters() -> None:
    from librosa.filters import chroma as chroma_of_librosa

    expected = chroma_of_librosa(sr=RATE, n_fft=chroma.WINDOW, base_c=True, octwidth=None)
    assert np.allclose(chroma.chroma_filters(), expected, atol=1e-7)


@pytest.mark.parametrize("samples", [25_000, 60_001])
def test_constant_q(samples: int) -> None:
    from librosa import cqt

    sound = np.random.default_rng(0).normal(size=samples).astype(np.float32)
    expected = cqt(sound, sr=RATE, hop_length=HOP, fmin=55.0, n_bins=SEMITONES, bins_per_octave=12)
    assert np.allclose(constant_q(sound), expected, atol=1e-6)
