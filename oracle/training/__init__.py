"""Training a network on handwritten digits: the data, the trainer, the learning curves."""
