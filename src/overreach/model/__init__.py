"""The nouns of an access review, as frozen dataclasses and enums; standard library only."""
