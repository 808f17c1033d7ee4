"""How a module is run: on which device, and how quickly. Nothing outside this package knows."""
