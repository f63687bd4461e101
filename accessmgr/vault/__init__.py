"""National numbers and other secrets at rest: encryption, blind index, key ring, rotation."""
