"""The OpenID provider at `/op`, in the manner of the Flemish access management (ACM): start reading at provider.py."""
