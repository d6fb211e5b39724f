"""The AWS door: the template of what a lake needs there, the definitions of its tables, their checks and their bill."""
