"""/api/scores and /api/songs/ID/scores: what players did, as the files in /Scores say."""

from apiflask import APIBlueprint
from pydantic import BaseModel, Field

from davproxy import model
from webui.services import services

blueprint = APIBlueprint("scores", __name__, url_prefix="/api", tag="Scores")
LOST = 200
"""Songs that are not in the library any more, at most."""


class Score(BaseModel):
    """The best that a player did in a song."""

    player: str
    plays: int
    score: int
    stars: int = Field(description="0 to 6; 6 are gold.")
    percent: int = Field(description="Of the notes; 0 where the game does not say.")
    full_combo: bool
    played: str = Field(description="When it was played last, as the game wrote it; empty where it does not say.")
    title: str = Field(description="As the game calls the song; empty where it does not say.")
    artist: str
    hash: str = Field(description="MD5 or SHA-1 of the notes file.")

    @classmethod
    def of(cls, score: model.Score) -> "Score":
        """The shape of a score."""
        return cls.model_validate({name: getattr(score, name) for name in cls.model_fields})


class Leaderboard(BaseModel):
    """Every player of a song, highest score first."""

    scores: list[Score]


class PlayerCounts(BaseModel):
    """A player in numbers."""

    player: str
    charts: int
    plays: int
    full_combos: int
    five_stars: int = Field(description="Charts of five stars or more.")
    missing: int = Field(description="Charts that are not in the library.")


class AllScores(BaseModel):
    """The players of the house, and what they played that is not in the library any more."""

    players: list[PlayerCounts]
    lost: list[Score]


@blueprint.get("/scores")
@blueprint.output(AllScores)
def list_players() -> AllScores:
    """Every player in numbers, and the songs that were played and are not here, those played most first."""
    scores = services().curation.scores
    shapes = [
        PlayerCounts.model_validate({n: getattr(p, n) for n in PlayerCounts.model_fields}) for p in scores.players()
    ]
    return AllScores(players=shapes, lost=[Score.of(score) for score in scores.of_missing_songs(LOST)])


@blueprint.get("/songs/<int:song_id>/scores")
@blueprint.output(Leaderboard)
def song_scores(song_id: int) -> Leaderboard:
    """The leaderboard of a song."""
    core = services()
    found = core.curation.scores.of_song(core.library.songs.get(song_id))
    return Leaderboard(scores=[Score.of(score) for score in found])
