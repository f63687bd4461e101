"""Access management for enterprises: who represents one, who manages its access, and who may enter what, and why.

To understand what is allowed and why, start reading at `core/rules/`.
"""
