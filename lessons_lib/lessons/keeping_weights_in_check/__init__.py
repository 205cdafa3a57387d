"""Keeping weights in check: penalties, dropout, frozen and skipped layers."""
