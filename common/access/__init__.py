"""Who gets in: the sign-in, its second factor, what ends a session, and what stops guessing."""
