"""Tests of the gate before a deploy."""
