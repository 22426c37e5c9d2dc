"""A hospital: the mechanism that builds patients, staff, wards and restricted records from a recipe's judgement."""
