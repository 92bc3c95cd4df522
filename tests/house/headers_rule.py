"""Every header compiles alone, with the flags of its room, the core's as C++17 without exceptions.

A header that has been seen good is not compiled again until it, or anything of ours that it
includes, changes.
"""
import concurrent.futures
import hashlib
import json
import os
import pathlib
import re
import shlex
import subprocess
import tempfile
import unittest

import tree as trees

# What only test programs include is compiled as they are.
OF_TESTS = ("_test.hpp",)
CORE = ("core/",)
CORE_FLAGS = ["-std=c++17", "-fno-exceptions", "-fno-rtti"]
STATION = ("station/",)
WARNINGS = ["-Wall", "-Wextra", "-Wpedantic", "-Wshadow", "-Wconversion", "-Werror"]


def own_flags(path):
    """How the rooms are compiled, where no compiled file of the room says it."""
    if path.endswith(OF_TESTS):
        return ["-std=c++20"]
    if path.startswith(CORE):
        return CORE_FLAGS
    return ["-std=c++17"] if path.startswith(STATION) else ["-std=c++20"]


def system_includes(build):
    """The folders of foreign headers that any room is compiled with."""
    file = build / "compile_commands.json"
    found = []
    for entry in json.loads(file.read_text(encoding="utf-8")) if file.exists() else []:
        words = shlex.split(entry["command"])
        for at, word in enumerate(words):
            if word == "-isystem" and words[at + 1] not in found:
                found.append(words[at + 1])
    return [flag for folder in found for flag in ("-isystem", folder)]


class Compiler:
    def __init__(self, tree, build):
        self.tree = tree
        self.stamps = build / "house" / "headers"
        self.stamps.mkdir(parents=True, exist_ok=True)
        self.command = [os.environ.get("CXX", "g++"), *WARNINGS, "-fsyntax-only", f"-I{tree.root}",
                        f"-I{build / 'generated'}", *system_includes(build)]

    def stamp_of(self, path, flags, parts):
        """A name for "this header, with these files below it, under these flags"."""
        digest = hashlib.sha256(repr((self.command, flags)).encode())
        for part in [path, *parts]:
            digest.update((self.tree.root / part).read_bytes())
        return digest.hexdigest()

    def parts_of(self, written):
        """The files of ours in a compiler's dependency list."""
        words = written.replace("\\\n", " ").split()
        ours = str(self.tree.root) + "/"
        return sorted({word[len(ours):] for word in words if word.startswith(ours)})

    def complaint(self, path):
        """The compiler's first error about one header, or nothing."""
        flags = own_flags(path)
        memory = self.stamps / (re.sub(r"\W", "_", path) + ".json")
        try:
            seen = json.loads(memory.read_text(encoding="utf-8"))
            if self.stamp_of(path, flags, seen["parts"]) == seen["stamp"]:
                return ""
        except (OSError, ValueError, KeyError):
            pass  # never seen, or a part is gone: compile it
        with tempfile.TemporaryDirectory() as folder:
            depends = pathlib.Path(folder, "depends")
            command = [*self.command, *flags, "-MMD", "-MF", str(depends), "-MT", "x", "-x", "c++", "-"]
            run = subprocess.run(command, input=f'#include "{path}"\n', capture_output=True, text=True, cwd=folder)
            if run.returncode:
                error = re.search(r".*(error|fatal error): .*", run.stderr)
                return f"{path}: does not compile alone: {error.group() if error else run.stderr[:300]}"
            parts = self.parts_of(depends.read_text(encoding="utf-8"))
        memory.write_text(json.dumps({"parts": parts, "stamp": self.stamp_of(path, flags, parts)}), encoding="utf-8")
        return ""


def check_with(tree, build):
    compiler = Compiler(tree, build)
    headers = [path for path in tree.files(".hpp", ".h") if not path.startswith(("firmware/", "examples/"))]
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count() or 1) as pool:
        return [line for line in pool.map(compiler.complaint, headers) if line]


def check(tree):
    if tree.root == trees.ROOT:
        return check_with(tree, trees.BUILD)
    with tempfile.TemporaryDirectory() as build:
        return check_with(tree, pathlib.Path(build))


class Headers(trees.RuleTest):
    check = staticmethod(check)

    def test_notices_a_header_that_needs_another_first(self):
        self.assert_accepted({"core/wire/a.hpp": "#pragma once\n#include <cstdint>\nstd::uint8_t f();\n"})
        self.assert_refused({"core/wire/a.hpp": "#pragma once\nstd::array<int, 2> f();\n"},
                            "core/wire/a.hpp: does not compile alone")

    def test_notices_what_only_a_later_standard_knows(self):
        text = "#pragma once\n#include <type_traits>\ntemplate <class T>\nconcept Small = sizeof(T) < 4;\n"
        self.assert_accepted({"hub/store/a.hpp": text})
        self.assert_refused({"station/a.hpp": text}, "does not compile alone")
        self.assert_refused({"core/base/a.hpp": text}, "does not compile alone")

    def test_compiles_the_tests_own_headers_as_the_tests(self):
        text = "#pragma once\ntemplate <class T>\nconcept Small = sizeof(T) < 4;\n"
        self.assert_accepted({"core/base/ports_test.hpp": text})
        self.assert_refused({"core/base/ports_test.hpp": "#pragma once\nstd::string f();\n"}, "does not compile alone")

    def test_notices_exceptions_in_the_core(self):
        text = "#pragma once\ninline void f() { throw 1; }\n"
        self.assert_accepted({"hub/store/a.hpp": text})
        self.assert_refused({"core/base/a.hpp": text}, "exception")

    def test_looks_again_when_something_below_a_good_header_changes(self):
        with tempfile.TemporaryDirectory() as root, tempfile.TemporaryDirectory() as build:
            folder = pathlib.Path(root, "core/base")
            folder.mkdir(parents=True)
            (folder / "a.hpp").write_text('#pragma once\n#include "core/base/b.hpp"\ninline Size f() { return 1; }\n')
            (folder / "b.hpp").write_text("#pragma once\nusing Size = int;\n")
            tree = trees.Tree(root)
            self.assertEqual(check_with(tree, pathlib.Path(build)), [])
            self.assertEqual(check_with(tree, pathlib.Path(build)), [])
            (folder / "b.hpp").write_text("#pragma once\nusing Length = int;\n")
            self.assertTrue(any("core/base/a.hpp" in line for line in check_with(tree, pathlib.Path(build))))


if __name__ == "__main__":
    unittest.main()
