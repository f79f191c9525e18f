"""The demo: a workspace on one's own machine, the bot in it, and cases that happened."""

from bot.demo.run import run_demo

__all__ = ["run_demo"]
