"""The documentation: it builds, loads nothing from elsewhere, and leaves out no check, alarm, pin or message."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path

import msgspec
import pytest

from ecg.alarms.kinds import AlarmKind
from edge.config import Settings, SourceSettings
from edge.doctor import checks
from firmware_config import DIRECTORY

ROOT = Path(__file__).parents[2]
pytest.importorskip("material", reason="the extra [docs] is not installed")


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("site")
    command = [sys.executable, "-m", "mkdocs", "build", "--strict", "--quiet", "--site-dir", str(folder)]
    environment = os.environ | {"NO_MKDOCS_2_WARNING": "1"}
    built = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert built.returncode == 0, built.stdout + built.stderr
    return folder


class Page(HTMLParser):
    """What a browser would load, and where a link can point to."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.loads: list[str] = []
        self.anchors: set[str] = set()
        self.text = path.read_text(encoding="utf-8")
        self.feed(self.text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = {name: value for name, value in attrs if value is not None}
        self.anchors.add(found.get("id", ""))
        if tag in {"script", "img", "iframe", "source"}:
            self.loads.append(found.get("src", ""))
        if tag == "link" and found.get("rel") != "canonical":
            self.loads.append(found.get("href", ""))


def test_no_page_loads_anything_from_elsewhere(site: Path) -> None:
    for path in site.rglob("*.html"):
        page = Page(path)
        assert page.loads
        assert not [url for url in page.loads if url.startswith(("http:", "https:", "//"))], path


def test_generated_parts_are_in_place(site: Path) -> None:
    for path in site.rglob("*.html"):
        page = path.read_text(encoding="utf-8")
        assert not [slip for slip in ("<!-- made:", "```", "|---|") if slip in page], path
    assert "close_s" in Page(site / "settings.html").text
    assert (site / "pictures" / "wiring-ad8232.svg").read_text(encoding="utf-8").startswith("<svg")


@pytest.mark.parametrize("kind", ["ads1292", "ad8232", "simulator"])
def test_every_doctor_check_has_its_paragraph(kind: str, site: Path) -> None:
    anchors = Page(site / "troubleshooting.html").anchors
    settings = Settings(source=msgspec.convert({"kind": kind}, SourceSettings))
    with checks(settings) as listed:
        wanted = {f"doctor-{check.name.lower().replace(' ', '-')}" for check in listed}
    assert len(wanted) > 10
    assert not wanted - anchors


def test_every_alarm_has_its_paragraph(site: Path) -> None:
    assert not set(AlarmKind) - Page(site / "alarms.html").anchors


@pytest.mark.parametrize(
    ("diagram", "board"),
    [
        ("cjmcu-1292", "board-cjmcu-1292.toml"),
        ("protocentral-ads1292r", "board-protocentral-ads1292r.toml"),
        ("ad8232", "board-ad8232-mcp3208.toml"),
        ("ad8232", "board-ad8232-mcp3008.toml"),
    ],
)
def test_the_wiring_table_has_the_pins_that_the_board_file_names(diagram: str, board: str, site: Path) -> None:
    """The board files say in comments on which pin of the header each wire ends; the diagrams count for themselves."""
    text = (DIRECTORY / board).read_text(encoding="utf-8")
    wanted = {int(pin) for pin in re.findall(r"\bpin (\d+)", text)}
    page = (site / "wiring.html").read_text(encoding="utf-8")
    table = page.partition(f"wiring-{diagram}.svg")[2].partition("</table>")[0]
    shown = {int(pin) for pin in re.findall(r"<td[^>]*>(\d+)</td>", table)}
    assert shown == wanted
    picture = (site / "pictures" / f"wiring-{diagram}.svg").read_text(encoding="utf-8")
    used = {int(pin) for pin in re.findall(r'font-weight="bold">(\d+)</text>', picture)}
    assert used == wanted
