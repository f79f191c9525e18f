"""Which drug is meant: normalise, index, match."""
