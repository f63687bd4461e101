"""The domain and its rules, pure: no clock, no input or output, no framework."""
