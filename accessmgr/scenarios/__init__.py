"""Scenario files: small worlds with steps and what each must decide, read strictly and run for real."""
