"""Slack in: one file per thing a person does; each has `register(app, services)`."""
