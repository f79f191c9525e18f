"""Reports, cases, their life cycle and duplicates."""
