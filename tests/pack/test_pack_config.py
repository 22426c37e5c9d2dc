"""A pack is read whole and checked, or refused by the key that is wrong."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from overreach.model.decision import Claims
from overreach.model.errors import OverreachError, PackError, UnknownNameError
from overreach.model.terms import Action, Facet, Rung
from overreach.pack.config import Pack, built_in, find_pack

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "pyproject.toml").read_text(encoding="utf-8")

Write = Callable[..., Path]


@pytest.fixture
def changed(tmp_path: Path) -> Write:
    """Write the configuration of this repository with one text replaced, and give its folder."""

    def write(old: str, new: str) -> Path:
        assert TEXT.count(old) >= 1
        (tmp_path / "pyproject.toml").write_text(TEXT.replace(old, new, 1), encoding="utf-8")
        return tmp_path

    return write


def test_the_pack_of_this_repository_reads() -> None:
    """Rungs ascend, operations have their facets, and what copies another's facets has them too."""
    pack = Pack.read(ROOT)
    assert [context.rung for context in pack.rungs] == [Rung.OPEN, Rung.DECLARED, Rung.DECLARED, Rung.OVERRIDE]
    assert pack.rungs[0].claims == Claims()
    assert pack.rungs[-1].claims == Claims(reason="child_protection", override=True)
    view = pack.target.operation("view")
    assert (view.method, view.path, view.writes) == ("POST", "/children/view", False)
    assert pack.target.operation("open").facets == view.facets
    assert pack.target.operation("shield").action is Action.SHIELD
    assert pack.target.operation("shield").writes
    assert pack.target.operation("search by carer").by == (Facet.IDENTITY, Facet.CARERS)
    assert pack.target.log == ("GET", "/log?case=overreach")
    assert pack.target.watching == {("GET", "/log"), ("GET", "/alerts")}
    assert pack.target.log_entry.results == "$.entity[*].what.identifier.value"
    assert pack.target.alert_entry.places == ("$.user", "$.kind", "$.request_id")
    assert "override" in pack.target.alert_entry.owed
    assert pack.target.allow_hosts == ("127.0.0.1",)
    assert pack.load.seconds < pack.load.max_seconds


def test_an_unknown_operation_lists_the_known_ones() -> None:
    """So that the next try succeeds."""
    with pytest.raises(UnknownNameError, match="no operation is called `vieuw`") as refused:
        Pack.read(ROOT).target.operation("vieuw")
    assert "view" in refused.value.remedy


WRONG = [
    ("seed = 2007", "sead = 2007", "`tool.overreach.sead` is not a known key"),
    ("children = 10000", "children = 0", "`tool.overreach.children`"),
    ("children = 10000", "", "`tool.overreach.children` is missing"),
    ('fail_on = "low"', 'fail_on = "none"', "`tool.overreach.fail_on` is `none`"),
    ("locating_probes = 299", 'locating_probes = "many"', "`tool.overreach.sweep.locating_probes`"),
    ('duration = "10s"', 'duration = "soon"', "`soon` is not a duration"),
    ('target]\nkind = "embedded"', 'target]\nkind = "remote"', "`tool.overreach.target.kind` is `remote`"),
    ('kind = "bearer"', 'kind = "cookie"', "`tool.overreach.target.identity.kind` is `cookie`"),
    ('read = "GET /log?case=overreach"', 'read = "log"', "`tool.overreach.target.log.read`"),
    ('id = "$.id"', 'id = "id"', "`tool.overreach.target.log.entry.id` is not a path"),
    ('request_id = "$.ext', 'requestid = "$.ext', "`tool.overreach.target.log.entry.request_id` is missing"),
    ('user = "$.user"', 'user = "user"', "`tool.overreach.target.log.alert.user` is not a path"),
    ('kind = "$.kind"', 'kinds = "$.kind"', "`tool.overreach.target.log.alert.kind` is missing"),
    ('owed = ["override"', 'owned = ["override"', "`tool.overreach.target.log.alert.owned` is not a known key"),
    ('owed = ["override"', 'owed = [1, "override"', "`tool.overreach.target.log.alert.owed` is not a list of texts"),
    ('action = "declare"', 'action = "swear"', "action` is `swear`"),
    ('raises = "declared"', 'raises = "higher"', "raises` is `higher`"),
    ("writes = true", 'writes = "yes"', "writes`"),
    ('pages = "$.pages"', 'pages = "pages"', "pages` is not a path"),
    ('same_facets_as = "view"', 'same_facets_as = "vieuw"', "no operation is called `vieuw`"),
    ('former_names = ["$.former', 'formr_names = ["$.former', "no facet is called `formr_names`"),
    ('by = ["identity", "former_names"]', 'by = ["shoe_size"]', "by` is `shoe_size`"),
    ('name = "open"\nrequest', 'name = "view"\nrequest', "two operations are called `view`"),
    (
        'former_names = ["$.former',
        'former_names = [7, "$.former',
        "facet `former_names` of operation `view` is not a list",
    ),
    ("contexts = [{}]", 'contexts = [{ raeson = "welfare" }]', "raeson` is not a known key"),
    ('name = "open"\ncontexts', 'name = "override"\ncontexts', "must name rungs in ascending order"),
]


@pytest.mark.parametrize(("old", "new", "told"), WRONG)
def test_what_is_wrong_is_told_by_its_key(changed: Write, old: str, new: str, told: str) -> None:
    """In one lower-case line, with a remedy."""
    with pytest.raises(OverreachError) as refused:
        Pack.read(changed(old, new))
    assert told in refused.value.message
    assert refused.value.remedy
    assert "\n" not in refused.value.message


def test_a_file_that_is_no_toml_is_refused(tmp_path: Path) -> None:
    """With the parser's own words."""
    (tmp_path / "pyproject.toml").write_text("[tool.overreach\n")
    with pytest.raises(PackError, match="does not parse"):
        Pack.read(tmp_path)


@pytest.mark.parametrize("text", [None, "", "[tool.ruff]\n", "[project]\nname = 'x'\n"])
def test_a_folder_without_the_table_is_no_pack(tmp_path: Path, text: str | None) -> None:
    """Whether the file lacks the table or there is no file."""
    if text is not None:
        (tmp_path / "pyproject.toml").write_text(text)
    with pytest.raises(PackError, match="is not a pack") as refused:
        Pack.read(tmp_path)
    assert "--pack" in refused.value.remedy


def test_the_nearest_pack_at_or_above_the_current_folder_is_found(
    changed: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever other projects lie between."""
    folder = changed("seed = 2007", "seed = 11")
    inner = folder / "project" / "deep"
    inner.mkdir(parents=True)
    (folder / "project" / "pyproject.toml").write_text("[project]\nname = 'another'\n")
    monkeypatch.chdir(inner)
    assert find_pack().seed == 11


def test_without_a_pack_at_hand_the_built_in_one_is_taken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The one that comes with Overreach."""
    monkeypatch.chdir(tmp_path)
    assert find_pack().root == built_in()
    assert find_pack().scenarios.is_dir()


@pytest.mark.parametrize("paths", ['"$.health"', "7", "true", "{ one = 1 }", '[["$.health"]]', '["$.health", 7]'])
def test_facet_paths_that_are_no_list_of_texts_are_refused(changed: Write, paths: str) -> None:
    """A lone text would be taken for a list of its letters, none of which is a path."""
    line = next(line for line in TEXT.splitlines() if line.startswith("health = "))
    with pytest.raises(PackError, match="facet `health` of operation `view` is not a list of paths") as refused:
        Pack.read(changed(line, f"health = {paths}"))
    assert refused.value.remedy


def test_a_pack_without_templates_has_those_that_come_with_overreach() -> None:
    """Its pages look like everybody's."""
    hospital = Pack.read(ROOT / "docs" / "examples" / "hospital")
    assert hospital.templates == built_in() / "reports" / "templates"
    assert Pack.read(ROOT).templates == ROOT / "reports" / "templates"


def test_a_registry_listens_elsewhere_only_where_that_is_allowed(changed: Write) -> None:
    """On loopback without a word; at an address of the network on purpose, named twice."""
    assert Pack.read(ROOT).target.listen == "127.0.0.1"
    allow = 'allow_hosts = ["127.0.0.1"]'
    with pytest.raises(PackError, match=r"`10\.77\.0\.1`, which is not in allow_hosts"):
        Pack.read(changed(allow, f'{allow}\nlisten = "10.77.0.1"'))
    both = 'allow_hosts = ["127.0.0.1", "10.77.0.1"]\nlisten = "10.77.0.1"'
    assert Pack.read(changed(allow, both)).target.listen == "10.77.0.1"
