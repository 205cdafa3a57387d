"""Momentum and conjugate gradient: stepping more cleverly."""
