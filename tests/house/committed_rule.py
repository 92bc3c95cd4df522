"""Nothing in the tree names a package registry, a path of somebody's machine, or a secret."""
import re
import unittest

import tree as trees

# Patterns are written so that they do not match themselves.
BANNED = {
    "the address of a package registry or mirror": [
        r"registry\.(npmjs|yarnpkg)\.[a-z]+", r"(files\.pythonhosted|pypi|crates|static\.crates)\.(org|io)\b",
        r"(deb|security|ftp[.\w]*|snapshot)\.debian\.org", r"(archive|security)\.ubuntu\.com",
        r"\b(npm|pypi|artifactory|nexus|mirror|proxy)[\w-]*\.[\w.-]+\.(internal|local|corp|lan)\b", r'"resolved"\s*:'],
    "a path of one machine": [
        r"(?<![\w.}$])/(root|work)/[\w.]", r"(?<![\w.}$])/home/(?!user\b|you\b|pi\b)\w+", r"(?<![\w.}$)])/tmp/\w", r"\b[A-Z]:\\Users\\"],
    "what looks like a secret": [
        r"-----BEGIN [A-Z ]*PRIVATE KEY", r"\bAKIA[0-9A-Z]{16}\b", r"\bgh[pousr]_[A-Za-z0-9]{30,}", r"\bnpm_[A-Za-z0-9]{30,}",
        r"\bxox[abpr]-[A-Za-z0-9-]{10,}", r"_auth(Token)?\s*=\s*\S", r"\b\w+://[^\s/:@\"'<>{}$]+:[^\s/:@\"'<>{}$]+@"],
}
BANNED = {what: [re.compile(pattern) for pattern in patterns] for what, patterns in BANNED.items()}
BINARY = (".png", ".ico", ".woff2", ".gz", ".bin", ".pcap")
MOST_BYTES = 1_000_000


def check(tree):
    for path in tree.files():
        if (tree.root / path).stat().st_size > MOST_BYTES:
            yield f"{path}: larger than {MOST_BYTES} bytes"
        elif not path.endswith(BINARY) and path != "tests/house/committed_rule.py":
            yield from complaints_of(path, tree.text(path))


def complaints_of(path, text):
    for what, patterns in BANNED.items():
        for pattern in patterns:
            for match in pattern.finditer(text):
                line = text.count("\n", 0, match.start()) + 1
                yield f"{path}:{line}: {what}: {match.group()[:40]}"


class Committed(trees.RuleTest):
    check = staticmethod(check)

    def test_notices_registries(self):
        for text in ('"resolved": "x"', "https://registry.npmjs.org/preact", "deb http://deb.debian.org/debian x",
                     "http://npm-cache.site.internal/"):
            self.assert_refused({"package-lock.json": text}, "registry")

    def test_notices_paths_of_a_machine(self):
        for text in ("cd /home/anna/espial", "see /" + "work/shared", "/" + "root/.npmrc", "x=/" + "tmp/build"):
            self.assert_refused({"a.md": text}, "a path of one machine")
        self.assert_accepted({"a.md": "hub/home/x, $dir/tmp/x, a/work/b and ~/espial\n"})

    def test_notices_secrets(self):
        for text in ("-----BEGIN EC " + "PRIVATE KEY-----", "AKIA" + "A1" * 8, "ghp_" + "aB3" * 12,
                     "//x/:_authToken=abc", "mqtt://user:word@broker"):
            self.assert_refused({"a.conf": text}, "secret")
        self.assert_accepted({"a.conf": "mqtt://127.0.0.1:1883\nhttps://$user:$word@host\n"})

    def test_notices_large_files(self):
        self.assert_refused({"a.bin": "x" * (MOST_BYTES + 1)}, "larger than")


if __name__ == "__main__":
    unittest.main()
