"""Every message and view that has a golden file, as a phone's browser lays it out: read with at most two swipes."""

from __future__ import annotations

import json
from typing import Any

from tests.browser.phone import DRIVES_CHROMIUM, PHONE, phones
from tests.golden.test_golden import GOLDEN, LANGUAGES, RENDERER
from workspace import Workspace

pytestmark = DRIVES_CHROMIUM

AROUND = 160
"""Pixels of a phone's screen that are not the message: the heading above it, the place to write or the button below."""
SCREENS = 3
"""A person has read it before a third swipe."""

LAY_OUT = """
async ([views, kind]) => {
  const { blocks } = await import("/page/blocks.js");
  const names = { person: () => "Siri Senter", channel: () => "mangelsaker", group: () => "mangelsenteret" };
  const world = { people: () => [], channels: () => [] };
  const context = { names, world, values: {}, errors: {}, viewer: () => "U1", store() {}, press() {}, suggest() {} };
  const heights = {}, wide = [];
  for (const [name, list] of Object.entries(views)) {
    const holder = document.createElement("article");
    holder.className = kind;
    holder.append(...blocks(list, context).flat(9));
    document.body.replaceChildren(holder);
    heights[name] = holder.scrollHeight;
    if (holder.scrollWidth > innerWidth) wide.push(name);
  }
  return [heights, wide];
}
"""


def folded(blocks: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """As Slack's own app shows them: a list of which several may be chosen is folded until it is pressed."""
    return json.loads(json.dumps(blocks).replace('"multi_static_select"', '"static_select"'))  # type: ignore[no-any-return]


def rendered(language: str) -> dict[str, dict[str, list[dict[str, Any]]]]:
    """The messages and the views, each by its name; a message in several parts as each part."""
    found: dict[str, dict[str, list[dict[str, Any]]]] = {"message": {}, "home": {}}
    for name, (template, values) in GOLDEN.items():
        if template.endswith(".json.j2"):
            view = RENDERER.render_view(template, language, **values)
            found["home"][name] = folded(view["blocks"])
        else:
            for number, part in enumerate(RENDERER.render_parts(template, language, **values), 1):
                found["message"][f"{name} ({number})"] = folded(list(part.blocks))
    return found


async def test_each_is_read_on_a_phone_with_at_most_two_swipes() -> None:
    room = SCREENS * (PHONE["height"] - AROUND)
    async with Workspace() as ws, phones() as browser:
        page = await browser.new_page()
        await page.goto(ws.page_url)
        too_much = {}
        for language in LANGUAGES:
            for kind, views in rendered(language).items():
                heights, wide = await page.evaluate(LAY_OUT, [views, kind])
                assert not wide, f"wider than a phone in {language}: {wide}"
                assert len(heights) == len(views) and min(heights.values()) > 0
                too_much |= {f"{language} {name}": height for name, height in heights.items() if height > room}
        assert not too_much, f"more than {room} pixels: {too_much}"
