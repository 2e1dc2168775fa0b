"""What a field answers: the request's context, its loaders, and the rules between the rows and the schema."""
