"""The page Audit: a folder of photos, class by class."""
