"""Erasure: the worker that takes what a deleted customer leaves behind out of the tables."""
