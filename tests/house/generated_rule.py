"""What is generated and committed is what its generator would write today."""
import pathlib
import shutil
import subprocess
import tempfile
import unittest

import tree as trees

# Each with --check compares instead of writing, and fails when something is stale.
GENERATORS = ["tools/generate_kinds.mjs"]


def check(tree):
    for generator in GENERATORS:
        if not (tree.root / generator).is_file():
            yield f"{generator}: is not there"
            continue
        run = subprocess.run([shutil.which("node") or "node", generator, "--check"], cwd=tree.root,
                             capture_output=True, text=True)
        if run.returncode:
            said = (run.stdout + run.stderr).strip()
            yield f"{generator}: stale: {said or 'exit ' + str(run.returncode)}"


class Generated(trees.RuleTest):
    check = staticmethod(check)

    def test_notices_what_is_stale(self):
        good = "process.exit(process.argv[2] === '--check' ? 0 : 1);\n"
        bad = "console.log('web/kinds.ts differs'); process.exit(1);\n"
        self.assert_accepted({name: good for name in GENERATORS})
        self.assert_refused({name: bad for name in GENERATORS}, "stale: web/kinds.ts differs")

    def test_notices_that_a_generator_is_gone(self):
        self.assert_refused({}, "is not there")

    def test_the_real_generator_notices_a_changed_table(self):
        """The generator itself is a part of the rule: it must not say "fresh" about a changed source."""
        for generator in GENERATORS:
            if not (trees.ROOT / generator).is_file():
                continue  # the test of the tree complains about it
            with self.subTest(generator=generator):
                self.assertNotEqual(self.check_with_changed_source(generator), 0)

    def check_with_changed_source(self, generator):
        with tempfile.TemporaryDirectory() as folder:
            for part in ("protocol", "tools", "core", "web/src"):
                shutil.copytree(trees.ROOT / part, pathlib.Path(folder, part), ignore=shutil.ignore_patterns("node_modules"))
            source = pathlib.Path(folder, "protocol/kinds.json")
            text = source.read_text(encoding="utf-8")
            source.write_text(text.replace("temperature", "temparature"), encoding="utf-8")
            return subprocess.run(["node", generator, "--check"], cwd=folder, capture_output=True).returncode


if __name__ == "__main__":
    unittest.main()
