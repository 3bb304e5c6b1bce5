"""Pure judgements over facts: one module per family, all of them listed in the registry."""
