"""The outbox's worker, Slack's pace, retries."""
