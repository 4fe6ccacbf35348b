"""A model's weights as shards: cut in slices, quantized, packed, stored on flash, and decompressed again."""
