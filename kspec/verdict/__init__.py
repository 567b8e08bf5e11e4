"""What an engine may say, and how what it says is checked before anyone sees it."""
