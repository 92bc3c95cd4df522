"""Adds up what CTest and GoogleTest wrote, and prints "N passed, N failed" as the last line.

usage: count.py JUNIT_FILE [GOOGLETEST_DIR]

CTest knows programs, GoogleTest the cases in them: where a program left its own report the cases
count, else (a script, or a program that crashed before it could report) the program counts as one.
"""
import pathlib
import sys
import xml.etree.ElementTree as ElementTree


def cases_of_report(file):
    root = ElementTree.parse(file).getroot()
    bad = int(root.get("failures", 0)) + int(root.get("errors", 0))
    return int(root.get("tests", 0)) - bad, bad


def main(junit, reports=None):
    passed = failed = 0
    for case in ElementTree.parse(junit).getroot().iter("testcase"):
        good = case.get("status") == "run"
        report = pathlib.Path(reports, case.get("name") + "_test.xml") if reports else None
        if report and report.exists():
            case_passed, case_failed = cases_of_report(report)
            # Crashed or complaining after its last case: still a failure.
            case_failed = case_failed or (0 if good else 1)
        else:
            case_passed, case_failed = (1, 0) if good else (0, 1)
        passed, failed = passed + case_passed, failed + case_failed
    print(f"{passed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
