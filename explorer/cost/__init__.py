"""What a network costs: multiply-adds, parameters, activations, memory. No torch."""
