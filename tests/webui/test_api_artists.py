"""/api/artists: who is in the library, and with which songs."""

from tests.webui.conftest import Site
from tests.webui.songs import add_song


def test_artists_are_counted_by_name_whatever_the_case(site: Site) -> None:
    for title, artist in (("One", "zebra"), ("Two", "AC/DC"), ("Three", "ac/dc"), ("Four", "")):
        add_song(site.library, title, artist=artist)
    listed = site.get("/api/artists")
    assert listed["total"] == 2
    assert [(each["artist"].casefold(), each["song_count"]) for each in listed["artists"]] == [
        ("ac/dc", 2),
        ("zebra", 1),
    ]
    assert [each["artist"] for each in site.get("/api/artists?search=One")["artists"]] == ["zebra"]
    assert site.client.get("/api/artists?sort=x").status_code == 422


def test_the_songs_of_an_artist_whose_name_has_a_slash(site: Site) -> None:
    for title, artist in (("One", "AC/DC"), ("Two", "ac/dc"), ("Three", "zebra")):
        add_song(site.library, title, artist=artist)
    page = site.get("/api/artists/AC/DC/songs")
    assert (page["artist"], page["total"], [song["title"] for song in page["songs"]]) == ("AC/DC", 2, ["One", "Two"])
    assert [song["title"] for song in site.get("/api/artists/AC/DC/songs?search=Two")["songs"]] == ["Two"]
    assert site.get("/api/artists/Nobody/songs")["total"] == 0


def test_spellings_are_merged_and_the_merge_is_undone(site: Site) -> None:
    for title, artist in (("One", "The Band"), ("Two", "The Band"), ("Three", "Band, The"), ("Four", "Other")):
        add_song(site.library, title, artist=artist)
    [group] = site.get("/api/artists/duplicates")["groups"]
    assert [(each["artist"], each["song_count"]) for each in group["variants"]] == [("The Band", 2), ("Band, The", 1)]
    merge = {"canonical": "The Band", "variants": ["Band, The", "The Band"]}
    dry = site.client.post("/api/artists/merge", json=merge | {"dry_run": True}).json
    assert (dry["songs_updated"], dry["job"]) == (1, None)
    assert site.get("/api/artists/duplicates")["total"] == 1
    done = site.client.post("/api/artists/merge", json=merge)
    assert done.status_code == 200
    assert (done.json["songs_updated"], done.json["variants_merged"]) == (1, ["Band, The"])
    assert site.get("/api/artists/duplicates")["total"] == 0
    assert b"artist = The Band" in site.library.tree.read("/Songs/Three/song.ini")
    assert site.client.post("/api/artists/merge", json=merge).status_code == 422
    site.client.post(f"/api/jobs/{done.json['job']['id']}/undo")
    assert site.get("/api/artists/duplicates")["total"] == 1
