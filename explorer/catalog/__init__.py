"""Named architectures, published results and sample photographs, as data files with sources."""

from explorer.catalog.entries import (
    Entry,
    Published,
    entries,
    entry,
    names,
    near_names,
    reference_for,
)
from explorer.catalog.photos import Photo, photos
from explorer.catalog.resolve import from_text, resolve

__all__ = [
    "Entry",
    "Photo",
    "Published",
    "entries",
    "entry",
    "from_text",
    "names",
    "near_names",
    "photos",
    "reference_for",
    "resolve",
]
