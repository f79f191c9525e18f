"""Pools, demand, cover, alerts."""
