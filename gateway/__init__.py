"""The server: settings, doors, identity, the one path of an operation, and the command line."""
