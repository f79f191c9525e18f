"""Payloads that no honest client sends."""
