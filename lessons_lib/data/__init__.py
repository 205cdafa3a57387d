"""The digits, and two small surfaces."""
