"""Results as words, pictures, reports, archives and records."""
