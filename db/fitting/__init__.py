"""What fitting reads of everybody, or of a sample, in few statements; and what it writes back."""
