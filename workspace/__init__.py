"""A Slack-compatible workspace on one's own machine: the demo and the tests' counterpart."""
