"""One module per read: the SQL, and the frozen dataclass that its rows become."""
