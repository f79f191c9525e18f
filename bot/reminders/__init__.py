"""Reminders that are never lost: what is due stands in tables, and is told once, to the one whom it concerns."""
