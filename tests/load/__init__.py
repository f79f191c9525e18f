"""A bot under load: many people at once, and for long."""
