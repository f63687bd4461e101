"""What every endpoint for programs shares: who calls, the JSON that is sent, and what is told of a wrong call."""
