"""Templates are compiled once in a process."""

from __future__ import annotations

from pathlib import Path

from bot.messages.render import Renderer


def test_a_template_is_compiled_once_in_a_process_and_again_when_it_has_changed(tmp_path: Path) -> None:
    (tmp_path / "one.j2").write_text("Sak {{ number }}", encoding="utf-8")
    first, second = Renderer(tmp_path), Renderer(tmp_path)
    first.prepare()
    assert first.environment().bytecode_cache is second.environment().bytecode_cache
    assert first.environment().bytecode_cache is not first.environment(as_json=True).bytecode_cache
    assert second.render("one.j2", number=3).text == "Sak 3"
    (tmp_path / "one.j2").write_text("Saken {{ number }}", encoding="utf-8")
    assert Renderer(tmp_path).render("one.j2", number=3).text == "Saken 3"
