"""Everything that can go wrong at a random moment, against a ledger of what was acknowledged and what was posted."""
