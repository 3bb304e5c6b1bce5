"""The only code that touches the world: gatherers answer questions and judge nothing."""
