"""The promises of accessmgr, as tests; the tree mirrors the package."""
