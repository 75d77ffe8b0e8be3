"""Conditions: the parser of If, its evaluation, and every verb against both kinds."""

from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from davproxy.dav.conditions import LONGEST, BadCondition, Condition, ConditionList, Conditions, State, parse_if
from davproxy.errors import Conflict
from tests.serving import LOCK, Running

ETAG = "abc-1"
TOKEN = "opaquelocktoken:6ba7b810-9dad-11d1-80b4-00c04fd430c8"
HELD = State(exists=True, etag=ETAG, modified=1e9, tokens=frozenset((TOKEN,)))


@pytest.mark.parametrize(
    ("header", "lists"),
    [
        ('(["a"])', [(None, [("etag", "a", False)])]),
        ('([W/"a"])', [(None, [("etag", "a", False)])]),
        ("([a])", [(None, [("etag", "a", False)])]),
        ("(<t:1>)(Not<t:2>)", [(None, [("token", "t:1", False)]), (None, [("token", "t:2", True)])]),
        ('(not ["a"] <t:1>)', [(None, [("etag", "a", True), ("token", "t:1", False)])]),
        (
            '<http://h/a%20b> (["x y"]) </c> (<t:1>) (<t:2>)',
            [
                ("http://h/a%20b", [("etag", "x y", False)]),
                ("/c", [("token", "t:1", False)]),
                ("/c", [("token", "t:2", False)]),
            ],
        ),
    ],
)
def test_the_lists_of_an_if_header(header: str, lists: list[tuple[str | None, list[tuple[str, str, bool]]]]) -> None:
    expected = tuple(ConditionList(tag, tuple(Condition(*each) for each in conditions)) for tag, conditions in lists)
    assert parse_if(header) == expected
    assert parse_if(f"  {header}\t") == expected


@pytest.mark.parametrize(
    "header",
    [
        "()",
        "(",
        ")",
        "<t:1>",
        "(<t:1>",
        "<t:1>)",
        "nonsense",
        "(Not)",
        "(Not Not <t:1>)",
        '(["a)',
        "((<t:1>))",
        "(Notx)",
    ],
)
def test_an_if_header_that_cannot_be_read(header: str) -> None:
    with pytest.raises(BadCondition):
        parse_if(header)


uris = st.text(st.characters(min_codepoint=33, max_codepoint=126, exclude_characters="<>"), min_size=1, max_size=20)
etags = st.text(st.characters(min_codepoint=32, max_codepoint=126, exclude_characters='"'), max_size=20)
conditions = st.builds(Condition, st.just("token"), uris, st.booleans()) | st.builds(
    Condition, st.just("etag"), etags, st.booleans()
)
condition_lists = st.lists(
    st.builds(ConditionList, st.none() | uris, st.lists(conditions, min_size=1, max_size=4).map(tuple)), min_size=1
)


def written(lists: list[ConditionList]) -> str:
    """The header of these lists."""
    text = ""
    for one in lists:
        items = [
            ("Not " if each.negated else "") + (f"<{each.value}>" if each.kind == "token" else f'["{each.value}"]')
            for each in one.conditions
        ]
        text += ("" if one.tag is None else f"<{one.tag}> ") + f"({' '.join(items)})"
    return text


@given(condition_lists)
def test_what_is_written_is_read(lists: list[ConditionList]) -> None:
    lists.sort(key=lambda one: one.tag is not None)  # a list without a tag of its own has that of the one before
    assert list(parse_if(written(lists))) == lists


@given(st.text("<>()[]\"'Notab:/ W-", max_size=60) | st.text(max_size=60))
def test_any_if_header_is_read_or_refused(header: str) -> None:
    try:
        assert parse_if(header)
    except BadCondition:
        return


@given(
    st.sampled_from(["HTTP_IF_MATCH", "HTTP_IF_NONE_MATCH", "HTTP_IF_MODIFIED_SINCE", "HTTP_IF_UNMODIFIED_SINCE"]),
    st.text(max_size=60),
)
def test_any_condition_of_http_is_evaluated(name: str, header: str) -> None:
    try:
        Conditions({name: header}).check("PUT", "/x", lambda _: HELD)
    except Conflict:
        return


def test_a_very_long_condition_is_refused() -> None:
    for name in ("HTTP_IF", "HTTP_IF_MATCH", "HTTP_IF_UNMODIFIED_SINCE"):
        with pytest.raises(BadCondition):
            Conditions({name: "(" * (LONGEST + 1)})


@pytest.mark.parametrize(
    ("header", "holds"),
    [
        (f'(["{ETAG}"])', True),
        (f'([W/"{ETAG}"])', True),
        ('(["other"])', False),
        ('(Not ["other"])', True),
        (f'(Not ["{ETAG}"])', False),
        (f"(<{TOKEN}>)", True),
        ("(<opaquelocktoken:dead>)", False),
        ("(Not <DAV:no-lock>)", True),
        (f'(<{TOKEN}> ["{ETAG}"])', True),
        (f'(<{TOKEN}> ["other"])', False),
        (f'(["other"]) (["{ETAG}"])', True),
        (f'</dav/Songs/x> (["{ETAG}"])', True),
        (f'<http://elsewhere:1/dav/Songs/x> (["{ETAG}"])', True),
        (f'</dav/Songs/free> (["{ETAG}"])', False),
        ('</dav/Songs/free> (Not ["any"])', True),
        ('</elsewhere> (["any"])', False),
        ("<urn:x> (Not <t:1>)", True),
        (f'</dav/Songs/free> (["other"]) </dav/Songs/x> (["{ETAG}"])', True),
    ],
)
def test_what_an_if_header_says_of_what_is_there(header: str, holds: bool) -> None:
    asked = Conditions({"HTTP_IF": header})
    state_of: Mapping[str, State] = {"/Songs/x": HELD, "/Songs/free": State()}
    if holds:
        assert not asked.check("PUT", "/Songs/x", state_of.__getitem__)
    else:
        with pytest.raises(Conflict):
            asked.check("PUT", "/Songs/x", state_of.__getitem__)


def test_every_token_in_the_header_is_submitted() -> None:
    asked = Conditions({"HTTP_IF": f'<http://h/a> (<{TOKEN}> ["x"]) (Not <t:2>) </b> (<t:3>)'})
    assert asked.tokens == [TOKEN, "t:2", "t:3"]
    assert Conditions({}).tokens == []


FILE, OTHER, NEW = "/dav/Backgrounds/x.png", "/dav/Backgrounds/other.png", "/dav/Backgrounds/new"
DATES = {"old": "Sat, 01 Jan 2000 00:00:00 GMT", "late": "Sun, 01 Jan 2090 00:00:00 GMT"}
SET = b'<propertyupdate xmlns="DAV:"><set><prop><x xmlns="t">1</x></prop></set></propertyupdate>'
VERBS: Mapping[str, tuple[str, bytes | None, dict[str, str], int]] = {
    "GET": (FILE, None, {}, 200),
    "HEAD": (FILE, None, {}, 200),
    "PUT": (FILE, b"new", {}, 204),
    "DELETE": (FILE, None, {}, 204),
    "COPY": (FILE, None, {"Destination": OTHER}, 204),
    "MOVE": (FILE, None, {"Destination": OTHER}, 204),
    "PROPFIND": (FILE, None, {"Depth": "0"}, 207),
    "PROPPATCH": (FILE, SET, {}, 207),
    "LOCK": (FILE, LOCK, {}, 200),
    "UNLOCK": (FILE, None, {}, 204),
    "MKCOL": (NEW, None, {}, 201),
}


def stored(running: Running) -> list[tuple[str, bytes]]:
    """What is in the folder, and the bytes of its files."""
    tree = running.library.tree
    return [(each.path, b"" if each.is_folder else tree.read(each.path)) for each in tree.children("/Backgrounds")]


def prepare(running: Running, verb: str, headers: dict[str, str]) -> str:
    """The two files as they are before each request, and the etag of the one at hand. UNLOCK gets a lock to end."""
    for path in (NEW, OTHER):
        running.ask("DELETE", path)
    running.ask("DELETE", FILE)
    running.ask("PUT", OTHER, b"other")
    answer = running.ask("PUT", FILE, b"old", X_OC_Mtime="1500000000")
    if verb == "UNLOCK":
        headers["Lock-Token"] = running.ask("LOCK", FILE, LOCK).headers["lock-token"]
    return answer.headers["etag"]


@pytest.mark.parametrize("verb", VERBS)
def test_every_verb_obeys_a_condition(running: Running, verb: str) -> None:
    path, body, more, success = VERBS[verb]
    reads, is_new = verb in ("GET", "HEAD"), verb == "MKCOL"
    about = f"{running.url}{path}"
    false = [
        {"If": '(["stale"])'},
        {"If": f"(<{TOKEN}>)"},
        {"If": f'<{about}> (["stale"])'},
        {"If": f'<{path}> (["stale"])'},
        {"If": f"<{about}> (<{TOKEN}>)"},
        {"If": f'</dav/Backgrounds/missing> (["stale"]) <{path}> ([W/"stale"])'},
        {"If-Match": '"stale"'},
    ]
    true = [
        {"If": "(Not <DAV:no-lock>)"},
        {"If": f'<{path}> (Not ["stale"])'},
        {"If": '(["stale"]) (Not ["stale"])'},
        {"If-None-Match": '"stale"'},
        {"If-Unmodified-Since": "nonsense"},
    ]
    if is_new:
        false.append({"If-Match": "*"})
        true += [{"If-None-Match": "*"}, {"If-Unmodified-Since": DATES["old"]}]
    else:
        false += [
            {"If-Match": "ETAG", "If": '(["stale"])'},
            {"If": "(Not [ETAG])"},
            {"If-Unmodified-Since": DATES["old"]},
        ]
        false += [] if reads else [{"If-None-Match": "*"}, {"If-None-Match": "W/ETAG"}]
        true += [{"If": "([ETAG])"}, {"If": f"<{about}> ([W/ETAG])"}, {"If-Match": "ETAG"}, {"If-Match": "*"}]
        true += [{"If-Unmodified-Since": DATES["late"]}, {"If-Match": "ETAG", "If-Unmodified-Since": DATES["old"]}]
        true += [] if reads else [{"If-Modified-Since": DATES["late"]}]
    for expected, cases in ((412, false), (success, true)):
        for condition in cases:
            headers = dict(more)
            etag = prepare(running, verb, headers)
            before = stored(running)
            headers |= {name: value.replace("ETAG", etag) for name, value in condition.items()}
            answer = running.ask(verb, path, body, **headers)
            assert answer.status == expected, (condition, answer.body)
            if expected == 412:
                assert stored(running) == before
            running.ask("UNLOCK", FILE, Lock_Token=answer.headers.get("lock-token", headers.get("Lock-Token", "")))


@pytest.mark.parametrize("verb", ["GET", "HEAD"])
@pytest.mark.parametrize(
    "condition", [{"If-None-Match": "*"}, {"If-None-Match": "W/ETAG"}, {"If-Modified-Since": DATES["late"]}]
)
def test_what_a_reader_has_already_is_not_sent(running: Running, verb: str, condition: dict[str, str]) -> None:
    etag = prepare(running, verb, {})
    answer = running.ask(verb, FILE, **{name: value.replace("ETAG", etag) for name, value in condition.items()})
    assert (answer.status, answer.body, answer.headers["etag"]) == (304, b"", etag)


@pytest.mark.parametrize("verb", ["COPY", "MOVE"])
def test_the_target_of_a_copy_or_move_is_guarded_by_a_tagged_list(running: Running, verb: str) -> None:
    for target in (OTHER, running.url + OTHER):
        etag = prepare(running, verb, {})
        before = stored(running)
        for condition in ('(["stale"])', f"([{etag}])", f"(<{TOKEN}>)"):  # the etag is that of the source
            answer = running.ask(verb, FILE, Destination=running.url + OTHER, If=f"<{target}> {condition}")
            assert (answer.status, stored(running)) == (412, before)
        right = running.ask("HEAD", OTHER).headers["etag"]
        answer = running.ask(verb, FILE, Destination=running.url + OTHER, If=f"<{target}> ([{right}])")
        assert (answer.status, running.library.tree.read("/Backgrounds/other.png")) == (204, b"old")


@pytest.mark.parametrize("verb", ["GET", "DELETE", "COPY", "MOVE", "PROPFIND", "PROPPATCH", "UNLOCK"])
def test_what_is_missing_is_not_found_whatever_the_condition(running: Running, verb: str) -> None:
    """RFC 9110, 13.2.1: conditions are for requests that would succeed."""
    _, body, more, _ = VERBS[verb]
    for condition in ({"If-Match": "*"}, {"If-None-Match": "*"}):
        assert running.ask(verb, "/dav/Backgrounds/missing", body, **more, **condition).status == 404


def test_a_malformed_if_header_is_a_bad_request(running: Running) -> None:
    prepare(running, "PUT", {})
    assert running.ask("PUT", FILE, b"new", If="([").status == 400
    assert running.library.tree.read("/Backgrounds/x.png") == b"old"


def test_a_conditional_listing_is_not_repeated_without_the_condition(running: Running) -> None:
    etag = prepare(running, "PROPFIND", {})
    for _ in range(3):
        assert running.ask("PROPFIND", FILE, Depth="0", If=f"([{etag}])").status == 207
    running.ask("PUT", FILE, b"changed")
    assert running.ask("PROPFIND", FILE, Depth="0", If=f"([{etag}])").status == 412
