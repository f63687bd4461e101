"""The history as an outsider sees it: exports, tampering with them, and the two verifiers."""
