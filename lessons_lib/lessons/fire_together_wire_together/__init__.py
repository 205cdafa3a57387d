"""Fire together, wire together: why weights from bright neurons change most."""
