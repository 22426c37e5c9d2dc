"""Builds worlds in layout 2, an index of children, from the judgement of a recipe."""
