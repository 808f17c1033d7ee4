"""A folder of photos audited: which classes need their object, and which get by without it."""
