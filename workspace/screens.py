"""Views on people's screens: the stack of modals, and the App Home."""

from __future__ import annotations

import json
import secrets

from workspace import block_kit
from workspace.elements import initial_values, merged_values
from workspace.errors import SlackError
from workspace.posting import faults_in_images, with_ids
from workspace.state import Json, State, View

STACK_LIMIT = 3  # views.push errors: push_limit_reached "Currently the limit is 3"


class Screens:
    """Opens, pushes, updates and closes views as the views.* methods and response_action do."""

    def __init__(self, state: State) -> None:
        self.state = state

    def check(self, view: Json | None) -> Json:
        """The view's body with ids filled in, or Slack's refusal."""
        if view is None:
            raise SlackError("invalid_arguments", ["missing required field: view [json-pointer:/view]"])
        if len(json.dumps(view)) > block_kit.VIEW_BYTES:
            raise SlackError("view_too_large")
        faults = block_kit.faults_in_view(view) or faults_in_images(self.state, view["blocks"])
        if faults:
            raise SlackError("invalid_arguments", faults)
        external = view.get("external_id")
        if external and any(v.open and v.body.get("external_id") == external for v in self.state.views.values()):
            raise SlackError("duplicate_external_id")
        return {**view, "blocks": with_ids(self.state, view["blocks"])}

    def check_update(self, view: Json | None, old: View) -> Json:
        """As `check`, for a view that takes the place of `old` (its own external_id is no duplicate)."""
        old.open = False
        try:
            return self.check(view)
        finally:
            old.open = True

    def open(self, user_id: str, body: Json) -> View:
        """A new modal; what was on the screen before goes away."""
        if body["type"] != "modal":
            raise SlackError("invalid_arguments", ["must be a modal [json-pointer:/view/type]"])
        self.close_all(user_id)
        return self._add(user_id, body, previous=None)

    def push(self, user_id: str, body: Json) -> View:
        """A modal on top of the one in front."""
        stack = self.state.stack(user_id)
        if not stack:
            raise SlackError("not_found")
        if len(stack) >= STACK_LIMIT:
            raise SlackError("push_limit_reached")
        return self._add(user_id, body, previous=stack[-1])

    def _add(self, user_id: str, body: Json, previous: View | None) -> View:
        state = self.state
        view_id = state.new_id("V")
        view = View(
            id=view_id,
            user=user_id,
            body=body,
            hash=self.new_hash(),
            root_view_id=previous.root_view_id if previous else view_id,
            previous_view_id=previous.id if previous else None,
            team_id=state.team_id,
            app_id=state.app_id,
            bot_id=state.bot_id,
            values=initial_values(body["blocks"]),
            state=state,
        )
        state.views[view_id] = view
        state.stacks.setdefault(user_id, []).append(view_id)
        state.changed("views")
        return view

    def update(self, view: View, body: Json) -> View:
        """New content in the same place; what is filled in stays where the ids are the same."""
        view.values = merged_values(body["blocks"], view.values)
        view.body = body
        view.hash = self.new_hash()
        view.errors = {}
        self.state.changed("views")
        return view

    def publish(self, user_id: str, body: Json, expected_hash: str | None) -> View:
        """Set a person's App Home."""
        state = self.state
        current = state.views.get(state.homes.get(user_id, ""))
        if expected_hash and (current is None or current.hash != expected_hash):
            raise SlackError("hash_conflict")
        if current is not None:
            current.values = {}
            return self.update(current, body)
        view_id = state.new_id("V")
        view = View(
            id=view_id,
            user=user_id,
            body=body,
            hash=self.new_hash(),
            root_view_id=view_id,
            previous_view_id=None,
            team_id=state.team_id,
            app_id=state.app_id,
            bot_id=state.bot_id,
            values=initial_values(body["blocks"]),
            state=state,
        )
        state.views[view_id] = view
        state.homes[user_id] = view_id
        state.changed("views")
        return view

    def find(self, view_id: str | None, external_id: str | None) -> View:
        """The open view with that id, or `not_found`."""
        for view in self.state.views.values():
            if view.open and (view.id == view_id or (external_id and view.body.get("external_id") == external_id)):
                return view
        raise SlackError("not_found")

    def close(self, view: View) -> None:
        """Take one modal away."""
        view.open = False
        stack = self.state.stacks.get(view.user, [])
        if view.id in stack:
            stack.remove(view.id)
        self.state.changed("views")

    def close_all(self, user_id: str) -> list[View]:
        """Take the whole stack away; returns what was closed, the one in front first."""
        closed = self.state.stack(user_id)[::-1]
        for view in closed:
            self.close(view)
        return closed

    def new_hash(self) -> str:
        """A hash in Slack's form: time and eight characters."""
        return f"{int(self.state.clock())}.{secrets.token_hex(4)}"
