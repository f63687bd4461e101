"""The register: reads extracts in the manner of the BCE open data, and brings them into the store."""
