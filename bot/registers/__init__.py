"""Other people's lists in: FEST and stock sheets."""
