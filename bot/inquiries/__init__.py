"""What the centre asks hospitals and experts, by when, and what they answer."""
