"""Palette and fonts, and arrays to matplotlib artists; no widgets, no mathematics."""
