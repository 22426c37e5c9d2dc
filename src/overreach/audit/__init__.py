"""One whole review, part by part."""
