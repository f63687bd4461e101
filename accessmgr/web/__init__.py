"""The pages: one blueprint a path. A view reads a form, calls one use case, flashes and redirects."""
