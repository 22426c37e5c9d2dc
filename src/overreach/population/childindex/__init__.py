"""Builds worlds in layout 1, an index of children, from the judgement of a recipe."""
