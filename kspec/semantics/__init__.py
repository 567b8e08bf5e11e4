"""What a `System` means. Trusted: small, obvious and slow. No exhaustive engine may call it."""
