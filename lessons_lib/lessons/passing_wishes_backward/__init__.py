"""Passing wishes backward: how the wishes of one layer become those of the layer before."""
