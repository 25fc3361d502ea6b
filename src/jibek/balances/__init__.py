"""Who gets enough."""
