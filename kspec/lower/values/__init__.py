"""Values that are known in part: their sorts, how they are stored, compared and chosen between."""
