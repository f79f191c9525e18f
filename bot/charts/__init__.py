"""Pictures of figures: plain values in, PNG or SVG out."""
