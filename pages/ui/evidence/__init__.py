"""The page Evidence: what it asks, what it computes, and how it shows it."""
