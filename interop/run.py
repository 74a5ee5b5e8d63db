#!/usr/bin/env python3
"""Runs the verifier's own tests, then verifies real archives, if there are any.

Real ones are all `*.gta` files of the folder that the environment variable GOTONG_ARCHIVES
names. The last line says what was done; the exit code is not 0 when anything failed, a folder
without archives included.
"""

import importlib.util
import os
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))


def archives():
    """(paths of the archives, what is wrong or missing about the folder)."""
    folder = os.environ.get("GOTONG_ARCHIVES")
    if not folder:
        return [], None
    if not os.path.isdir(folder):
        return [], "GOTONG_ARCHIVES is not a folder: %s" % folder
    names = sorted(name for name in os.listdir(folder) if name.endswith(".gta"))
    if not names:
        return [], "no *.gta file in GOTONG_ARCHIVES: %s" % folder
    return [os.path.join(folder, name) for name in names], None


def main():
    tests = 0
    for name in ("test_bytes.py", "test_verify.py", "test_governance.py", "test_admission.py", "test_exports.py"):
        tests += subprocess.call([sys.executable, "-B", os.path.join(HERE, name)]) != 0
    paths, trouble = archives()
    failed = 0
    for path in paths:
        print("== %s" % path, flush=True)
        failed += subprocess.call([sys.executable, "-B", os.path.join(HERE, "verify.py"), path]) != 0
    if trouble:
        real = trouble
    elif not os.environ.get("GOTONG_ARCHIVES"):
        real = "no real archives verified, GOTONG_ARCHIVES is unset"
    else:
        real = "%d of %d real archives verify" % (len(paths) - failed, len(paths))
    own = "failed" if tests else "passed"
    if importlib.util.find_spec("zstandard") is None:
        own += " (without those of zstd: the Python package zstandard is not installed)"
    print("interop: own tests %s; %s" % (own, real))
    return 1 if tests or failed or trouble else 0


if __name__ == "__main__":
    sys.exit(main())
