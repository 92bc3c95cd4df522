"""Every C++ file is as clang-format leaves it."""
import subprocess
import unittest

import tree as trees

BATCH = 50


def check(tree):
    files = tree.files(".cpp", ".hpp", ".h")
    for start in range(0, len(files), BATCH):
        command = ["clang-format", "--dry-run", "--Werror", "--ferror-limit=1", *files[start:start + BATCH]]
        run = subprocess.run(command, cwd=tree.root, capture_output=True, text=True)
        if run.returncode == 0:
            continue
        found = [line for line in run.stderr.split("\n") if "[-Wclang-format-violations]" in line]
        # A clang-format that can't run at all must not pass for a clean tree.
        yield from found or [f"clang-format failed: {run.stderr.strip()}"]


class Format(trees.RuleTest):
    check = staticmethod(check)
    style = (trees.ROOT / ".clang-format").read_text(encoding="utf-8")

    def test_notices_a_badly_formatted_file(self):
        self.assert_accepted({".clang-format": self.style, "a.cpp": "int f() { return 1; }\n"})
        self.assert_refused({".clang-format": self.style, "a.cpp": "int f(){return 1;}\n"}, "a.cpp:1:")

    def test_notices_that_clang_format_cannot_run(self):
        self.assert_refused({".clang-format": "BasedOnStyle: Nobody\n", "a.cpp": "int x;\n"}, "clang-format failed")


if __name__ == "__main__":
    unittest.main()
