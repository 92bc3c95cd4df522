"""The files of the repository as the house rules see them, and the frame every rule is tested in."""
import os
import pathlib
import subprocess
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
BUILD = pathlib.Path(os.environ.get("ESPIAL_BUILD_DIR", ROOT / "build" / "test"))

# What a tree without git (an unpacked archive, or a fixture of these tests) is not asked about.
NOT_OURS = {".git", "build", "node_modules", "dist", "espial-data", ".cache", "__pycache__"}


class Tree:
    """The files under a folder that are committed or could be."""

    def __init__(self, root):
        self.root = pathlib.Path(root)

    def files(self, *endings):
        """Sorted paths relative to the root, of all files or of those with one of the endings."""
        return [path for path in self._listed() if not endings or path.endswith(endings)]

    def text(self, path):
        return (self.root / path).read_text(encoding="utf-8", errors="replace")

    def _listed(self):
        if (self.root / ".git").exists():
            command = ["git", "-C", str(self.root), "ls-files", "-z", "-c", "-o", "--exclude-standard"]
            names = subprocess.run(command, check=True, capture_output=True, text=True).stdout
            found = [name for name in names.split("\0") if name and (self.root / name).is_file()]
        else:
            found = []
            for folder, folders, files in os.walk(self.root):
                folders[:] = [name for name in folders if name not in NOT_OURS]
                found += [str(pathlib.Path(folder, name).relative_to(self.root)) for name in files]
        return sorted(set(found))


class RuleTest(unittest.TestCase):
    """A rule is a function `check(tree)` that returns its complaints, each "path:line: what is wrong".

    A subclass names it as `check` and gets the test of the real tree; its own tests show, on trees
    made of bad examples, that the rule would notice.
    """

    check = None

    def complaints(self, files):
        """What the rule says about a tree of just these files (a dict from path to text)."""
        with tempfile.TemporaryDirectory() as folder:
            for path, text in files.items():
                file = pathlib.Path(folder, path)
                file.parent.mkdir(parents=True, exist_ok=True)
                file.write_text(text, encoding="utf-8")
            return list(type(self).check(Tree(folder)))

    def assert_refused(self, files, reason):
        found = self.complaints(files)
        self.assertTrue(any(reason in line for line in found), f"no complaint with {reason!r} in {found}")

    def assert_accepted(self, files):
        self.assertEqual(self.complaints(files), [])

    def test_the_tree_keeps_the_rule(self):
        found = list(type(self).check(Tree(ROOT)))
        if found:
            self.fail(f"{len(found)} complaints\n" + "\n".join(found))
