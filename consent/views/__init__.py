"""Pages for customers: without a sign-in, a session or a script."""
