"""Decisions: plain values in, plain values out."""
