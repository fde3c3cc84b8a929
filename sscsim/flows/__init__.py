"""What moves: trade, investment, finance. Pure functions on arrays, which know neither model nor files."""
