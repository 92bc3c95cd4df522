"""noise_peer as a process: one line there, one line back."""
import os
import subprocess


class Peer:
    def __init__(self, parties):
        self.process = subprocess.Popen([os.environ["ESPIAL_NOISE_PEER"]], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        text=True, bufsize=1)
        answer = self.ask(f"credentials {parties.server} {parties.key_id} {parties.generation} "
                          f"{parties.mac.hex()} {parties.key.hex()}")
        assert answer == "ok", answer

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.stdin.close()
        self.process.wait()
        self.process.stdout.close()

    def ask(self, line):
        self.process.stdin.write(line + "\n")
        return self.process.stdout.readline().rstrip("\n")

    def bytes(self, line):
        return bytes.fromhex(self.ask(line))
