"""Tests of the package: `python -m unittest` in the folder above this one.

`test_answers.py` needs nothing; `test_node.py` needs a running region, which `crates/gotong/tests/it/python_client.rs` starts.
`localhost.pem` is a key and certificate made for these tests alone.
"""

import logging

# Warnings of further tries would stand among the results; tests that expect them ask for them.
logging.getLogger("gotong").addHandler(logging.NullHandler())
