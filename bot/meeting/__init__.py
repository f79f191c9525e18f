"""Mangelmøtet: the calendar and the digest."""
