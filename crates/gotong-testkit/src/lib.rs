//! A region in one process: builders, seeded clock and randomness, faulty network and store (tests only)
