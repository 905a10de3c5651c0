"""From lines to records: envelopes, frames, attributes and phrases, a chunk at a time."""
