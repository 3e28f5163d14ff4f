"""docs/images: the emulator's page, light and dark, for the README. `make pictures` makes them anew."""

from __future__ import annotations

import io
import os

import pytest
from pagerduty_emulator import Emulator
from PIL import Image
from PIL.PngImagePlugin import PngInfo
from playwright.sync_api import Page

from tests.support import ROOT

from . import scene
from .conftest import Open

IMAGES = ROOT / "docs" / "images"
SIZE = {"width": 1280, "height": 880}
MAX_BYTES = 150_000
COLORS = 256
# Values that differ between runs.
SETTLE = """() => {
  const set = (selector, text) => document.querySelectorAll(selector)
    .forEach((at, i) => at.textContent = text(i, at.textContent));
  set("#requests time", () => "09:41:07");
  set("#requests .number", (i) => `${3 + i * 7 % 11} ms`);
  set(".account code", () => "http://127.0.0.1:8123");
  set("#requests .path", (i, old) => old.replace(/integrations\\/.+/, "integrations/PE1U9CH"));
}"""
OUTLINE = """() => [...document.querySelectorAll("h2, h3, dt, th, label, button, .title, .agent")]
  .map(at => at.textContent.trim().replace(/\\s+/g, " ")).join("\\n")"""


def shown(open_page: Open, emulator: Emulator, scheme: str) -> tuple[Page, str]:
    """The page of a picture, and the texts that make its structure."""
    scene.play(emulator)
    page = open_page(viewport=SIZE, color_scheme=scheme)
    page.evaluate(SETTLE)
    outline: str = page.evaluate(OUTLINE)
    return page, outline


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_pictures_show_the_page_as_it_is(open_page: Open, emulator: Emulator, scheme: str) -> None:
    file = IMAGES / f"emulator-{scheme}.png"
    page, outline = shown(open_page, emulator, scheme)
    if os.environ.get("PICTURES"):
        IMAGES.mkdir(exist_ok=True)
        noted = PngInfo()
        noted.add_text("outline", outline)
        picture = Image.open(io.BytesIO(page.screenshot())).convert("RGB")
        picture.quantize(COLORS, kmeans=2, dither=Image.Dither.NONE).save(file, optimize=True, pnginfo=noted)
    with Image.open(file) as picture:
        assert picture.size == tuple(SIZE.values())
        assert picture.info["outline"] == outline, "the page has changed: `make pictures` makes the pictures anew"
    assert file.stat().st_size < MAX_BYTES
