"""Palette and fonts, and from arrays to matplotlib artists; no widgets, no mathematics."""
