"""Tests of the package: `python -m unittest` in the folder above this one.

`test_answers.py` needs nothing; `test_node.py` needs a running region, which `crates/gotong/tests/it/python_client.rs` starts.
`localhost.pem` is a key and certificate made for these tests alone.
"""
