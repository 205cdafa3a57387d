"""Few directions matter: the principal directions of the per-example gradients."""
