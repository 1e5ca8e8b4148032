"""Lessons as data, and what checks them: every answer is computed, none is written down."""
