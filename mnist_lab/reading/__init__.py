"""A page to digits: find them, put them into lines, ask the network, explain."""
