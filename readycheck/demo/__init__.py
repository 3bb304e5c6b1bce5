"""A small loan service to try readycheck on: what its document claims is mostly true, and some of it is not."""
