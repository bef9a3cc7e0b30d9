#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""trim_grpc.py CMakeLists.txt: cuts from gRPC 1.51.1's build the libraries that no program of ours
links, so that they are neither compiled nor installed: the unsecure ones are a second compilation of
nearly the whole core, grpc_plugin_support wants libprotoc. A file that is cut already is left alone."""
import re
import sys

UNUSED = {"grpc_unsecure", "grpc++_unsecure", "grpc++_alts", "grpc++_error_details", "grpc_plugin_support"}
# What opens a block in column 0. A library's block reaches to the next.
BLOCK = re.compile(r"(?m)^(?=add_library\(|add_executable\(|if\(gRPC_BUILD_(?:TESTS|CODEGEN))")


def library(block):
    """The library that a block builds, or None."""
    match = re.match(r"add_library\(([\w+]+)", block)
    return match and match.group(1)


def trimmed(text):
    blocks = BLOCK.split(text)
    found = {library(block) for block in blocks} & UNUSED
    if found not in (set(), UNUSED):
        raise SystemExit(f"trim_grpc.py: not gRPC 1.51.1: lacks {sorted(UNUSED - found)}")
    return "".join(block for block in blocks if library(block) not in UNUSED)


if __name__ == "__main__":
    with open(sys.argv[1], "r+", encoding="utf-8") as handle:
        text = trimmed(handle.read())
        handle.seek(0)
        handle.truncate()
        handle.write(text)
