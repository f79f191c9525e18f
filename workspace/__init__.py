"""A Slack-compatible workspace on one's own machine: the demo and the tests' counterpart."""

from workspace.delivery import Ack, Delivered, Envelope
from workspace.errors import NoAnswer, NotThere, SlackError
from workspace.face import Answer, Workspace
from workspace.faults import Call
from workspace.interactions import Option, Submission
from workspace.state import Channel, Message, User, View

__all__ = [
    "Ack",
    "Answer",
    "Call",
    "Channel",
    "Delivered",
    "Envelope",
    "Message",
    "NoAnswer",
    "NotThere",
    "Option",
    "SlackError",
    "Submission",
    "User",
    "View",
    "Workspace",
]
