"""A load from the command line: users at once, every answer judged, and an exit code."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from overreach.model.terms import ExitCode
from overreach.population.recipe import Order, load_recipe
from overreach.population.writing import generate

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def people(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small population."""
    folder = tmp_path_factory.mktemp("load-command") / "people"
    generate(load_recipe(ROOT, "small_england"), Order(children=200, users=120, seed=3), folder)
    return folder


def load(people: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run a short load."""
    command = [sys.executable, "-m", "overreach", "load", "--pack", str(ROOT), "--population", str(people)]
    return subprocess.run(
        [*command, "--duration", "1s", *arguments], capture_output=True, text=True, check=False, timeout=120
    )


def test_users_at_once_on_a_correct_registry_are_clean(people: Path) -> None:
    """As JSON: how many worked, what they asked, and that the log names each request."""
    done = load(people, "--users", "5", "--json")
    told = json.loads(done.stdout)
    assert done.returncode == ExitCode.CLEAN, done.stderr
    assert told["users"] == 5
    assert told["requests"] > 0
    assert [told[name] for name in ("overreach", "underreach", "unproven", "log_missing", "log_wrong_user")] == [0] * 5
    assert (told["log_extra"], told["log_repeated"], told["log_rows"] > 0) == (0, 0, True)
    assert told["findings"] == []
    watchers = told["watchers"]
    assert (watchers["people"], watchers["honest_accused"]) == (5, 0)
    assert sum(each["people"] for each in watchers["habits"]) == 5


def test_a_relative_population_and_what_was_prepared_of_it_serve_a_second_run(people: Path, tmp_path: Path) -> None:
    """The processes of a load stand elsewhere; what the first run prepared is not touched by the second."""
    command = [sys.executable, "-m", "overreach", "load", "--pack", str(ROOT), "--population", people.name]
    command += ["--prepared", str(tmp_path / "kept"), "--users", "5", "--duration", "1s", "--json"]
    seen = []
    for _ in range(2):
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120, cwd=people.parent)
        assert done.returncode == ExitCode.CLEAN, done.stderr
        assert json.loads(done.stdout)["log_missing"] == 0
        files = [file for file in (tmp_path / "kept").rglob("*") if file.is_file() and file.suffix != ".lock"]
        seen.append({file.name: (file.stat().st_mtime_ns, file.stat().st_ino) for file in files})
    assert seen[0] == seen[1]
    assert {"secret", "owners-record.arrow"} < set(seen[0])
    assert any(name.startswith("registry-") for name in seen[0])


def test_a_folder_prepared_under_a_torn_secret_is_refused(people: Path, tmp_path: Path) -> None:
    """Databases made under it could not be used: one line, and what to do."""
    (tmp_path / "secret").write_bytes(b"short")
    done = load(people, "--users", "5", "--prepared", str(tmp_path))
    assert done.returncode == ExitCode.USAGE
    assert "is not a whole secret" in done.stderr
    assert "remove that folder" in done.stderr


def test_more_users_than_may_sign_in_are_refused(people: Path) -> None:
    """Fewer would be up than were asked for, and what they did would look like the whole."""
    done = load(people, "--users", "150")
    assert done.returncode == 2
    assert "`150` users are wanted at once, and only" in done.stderr


def test_what_was_found_stays_with_the_record(people: Path, tmp_path: Path) -> None:
    """A duty that is not met is no overreach: the kept record, its page and what is told of it name it all the same."""
    out = tmp_path / "record"
    done = load(people, "--users", "60", "--duration", "4s", "--fault", "results-left-out-of-log", "--out", str(out))
    assert done.returncode == 1
    command = [sys.executable, "-m", "overreach", "load", "--pack", str(ROOT), "--show", str(out)]
    shown = subprocess.run(command, capture_output=True, text=True, check=True)
    title = json.loads((out / "load.json").read_bytes())["findings"][0]["title"]
    for text in (done.stdout, shown.stdout, (out / "load.html").read_text()):
        assert title in text
    assert "finding" in shown.stdout.splitlines()[0]


def test_a_target_that_dies_leaves_figures_and_proves_nothing(people: Path) -> None:
    """What was seen until then is told; that nothing was found is no all-clear."""
    command = [sys.executable, "-m", "overreach", "load", "--pack", str(ROOT), "--population", str(people), "--json"]
    command += ["--users", "40", "--duration", "8s"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as running:
        _child(running.pid, "locust")
        time.sleep(4)
        _child(running.pid, "serve").kill()
        told, words = running.communicate(timeout=120)
    assert running.returncode == 3, words
    assert json.loads(told)["requests"] > 0
    assert "log_rows" not in json.loads(told)
    assert "unproven: the target's log can be read" in words


def _child(parent: int, word: str) -> psutil.Process:
    """The process below it whose command line has that word, once there is one."""
    end = time.monotonic() + 60
    while time.monotonic() < end:
        for each in psutil.Process(parent).children(recursive=True):
            if any(word in part for part in each.cmdline()):
                return each
        time.sleep(0.1)
    message = f"no {word} came up"
    raise AssertionError(message)


def test_three_thousand_three_hundred_users_at_once_are_all_answered_judged_and_in_the_log(tmp_path: Path) -> None:
    """A hundredth of the nation's users, in two processes: as a developer runs it."""
    command = [sys.executable, "-m", "overreach", "load", "--pack", str(ROOT), "--processes", "2"]
    command += ["--users", "3300", "--duration", "5s", "--out", str(tmp_path / "record"), "--json"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=300, cwd=tmp_path)
    told = json.loads(done.stdout)
    assert done.returncode == ExitCode.CLEAN, done.stderr
    assert (told["users"], told["processes"], told["heartbeats_missed"]) == (3300, 2, 0)
    assert told["requests"] > 3300
    assert [told[name] for name in ("overreach", "underreach", "unproven", "log_missing", "log_wrong_user")] == [0] * 5
    kept = json.loads((tmp_path / "record" / "load.json").read_bytes())
    assert sum(second["answers"] for second in kept["seconds"]) == told["requests"]
    assert told["log_rows"] == kept["log"]["rows"] == kept["log"]["requests"] <= told["requests"]
