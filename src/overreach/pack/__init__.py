"""The folder that holds judgement: its configuration, and the loading of its content."""
