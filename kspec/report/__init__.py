"""What people and programs read: verdicts and traces as text and as JSON. Decides nothing."""
