"""Templates to messages: words, escaping, splitting, limits."""
