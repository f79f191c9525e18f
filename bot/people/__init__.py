"""Who may do what, places, who follows what."""
