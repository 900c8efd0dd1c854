"""Tests of the picture of the architecture."""
