"""What programs call besides the OpenID provider: JSON in and out, and problem details where something is wrong."""
