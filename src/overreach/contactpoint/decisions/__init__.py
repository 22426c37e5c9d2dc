"""Who may do what: facts in, decision out. Nothing here reads or changes anything."""
