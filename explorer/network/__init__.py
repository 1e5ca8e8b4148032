"""The live PyTorch network: building, running, weights, images."""
