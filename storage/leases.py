"""How far ahead a lease can end: of a message, of an event, of the lead."""

from __future__ import annotations

import datetime as dt

CLOCK_WENT_BACK = dt.timedelta(minutes=10)
"""A lease that ends so much later than one taken now was written before the clock went back, and holds nothing. Less is
what lies between two replicas: their clocks, their settings, and how long one of them stood still."""


def latest_end(now: dt.datetime, lease: dt.timedelta) -> dt.datetime:
    """No lease that holds ends after this instant; `lease` is as long as one taken `now` is."""
    return now + lease + CLOCK_WENT_BACK
