"""Charts that hypothesis generates."""

from hypothesis import strategies as st

from davproxy.formats.chart import Chart, Difficulty, Event, Instrument, Note, Phrase, Tempo, TimeSignature, Track

ticks = st.integers(0, 9_999_999)
words = st.text(st.characters(min_codepoint=32, max_codepoint=0x2FFF, exclude_characters='"[]\x7f'), min_size=1).map(
    lambda text: " ".join(text.split()) or "x"
)


@st.composite
def phrases(draw: st.DrawFn) -> tuple[Phrase, ...]:
    """Phrases in order that do not overlap."""
    edges = sorted(draw(st.sets(ticks, max_size=8)))
    return tuple(Phrase(start, end - start) for start, end in zip(edges[::2], edges[1::2], strict=False))


def by_tick(values: st.SearchStrategy[list[Note]]) -> st.SearchStrategy[tuple[Note, ...]]:
    return values.map(lambda notes: tuple(sorted(notes, key=lambda note: note.tick)))


def events(texts: st.SearchStrategy[str]) -> st.SearchStrategy[tuple[Event, ...]]:
    return st.lists(st.builds(Event, ticks, texts), max_size=5).map(lambda found: tuple(sorted(found, key=_tick)))


def _tick(event: Event) -> int:
    return event.tick


tracks = st.builds(
    Track,
    st.sampled_from(Instrument),
    st.sampled_from(Difficulty),
    notes=by_tick(st.lists(st.builds(Note, ticks, st.integers(0, 70), st.integers(0, 9_999)), max_size=20)),
    star_power=phrases(),
    solos=phrases(),
    fills=phrases(),
    rolls=phrases(),
    swells=phrases(),
    events=events(st.sampled_from(["mix_3_drums0d", "band_jump", "ENABLE_CHART_DYNAMICS"])),
)

charts = st.builds(
    Chart,
    resolution=st.integers(1, 1920),
    song=st.dictionaries(st.sampled_from(["Name", "Artist", "Year", "Genre", "Offset", "Charter"]), words),
    tempos=st.lists(
        st.builds(Tempo, ticks, st.integers(1, 999_999)), max_size=4, unique_by=lambda tempo: tempo.tick
    ).map(lambda tempos: tuple(sorted(tempos))),
    time_signatures=st.lists(
        st.builds(TimeSignature, ticks, st.integers(1, 32), st.sampled_from([1, 2, 4, 8, 16])),
        max_size=3,
        unique_by=lambda signature: signature.tick,
    ).map(lambda signatures: tuple(sorted(signatures))),
    events=events(words.map(lambda word: f"section {word}") | words.map(lambda word: f"lyric {word}") | st.just("end")),
    tracks=st.lists(tracks, max_size=4, unique_by=lambda track: (track.instrument, track.difficulty)).map(tuple),
)
