/** Programs as child processes: started with pipes, watched line by line, ended by their pid. */
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { patienceMs, until } from './wait.mjs';

const keptLines = 2000;
const running = new Set();

// Whatever ends a test, nothing of it runs on.
process.on('exit', () => {
  for (const program of running) program.child.kill('SIGKILL');
});

export const espial = process.env.ESPIAL ?? 'build/test/espial';

/** Whether a process of that pid is there and not merely unburied. */
export function isAlive(pid) {
  try {
    return !/^State:\tZ/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
}

export class Program {
  /** Starts `command`; `name` is for people who read why a test failed; `options` are those of spawn. */
  constructor(name, command, args, { env = {}, ...options } = {}) {
    this.name = name;
    this.out = [];
    this.err = [];
    this.code = undefined;
    this.child = spawn(command, args, { ...options, stdio: ['pipe', 'pipe', 'pipe'], env: { ...process.env, ...env } });
    this.pid = this.child.pid;
    this.child.stdin.on('error', () => {});
    running.add(this);
    this.#collect(this.child.stdout, this.out);
    this.#collect(this.child.stderr, this.err);
    this.ended = new Promise((resolve) => {
      this.child.once('error', (error) => this.err.push(String(error)));
      this.child.once('close', (code, signal) => {
        this.code = code ?? signal;
        running.delete(this);
        resolve(this.code);
      });
    });
  }

  #collect(stream, lines) {
    createInterface({ input: stream }).on('line', (line) => {
      lines.push(line);
      if (lines.length > keptLines) lines.splice(0, keptLines / 2);
    });
  }

  /** The lines of standard output as JSON, without those that are none. */
  get events() {
    return this.out.filter((line) => line.startsWith('{')).map((line) => JSON.parse(line));
  }

  say(line) {
    this.child.stdin.write(`${line}\n`);
  }

  /** Waits for a line on either output; returns the match. */
  async line(pattern, withinMs = patienceMs) {
    return until(
      `${this.name} says ${pattern}`,
      () => {
        const found = [...this.out, ...this.err].map((line) => pattern.exec(line)).find(Boolean);
        if (!found && this.code !== undefined) throw new Error(`it has ended (${this.code}): ${this.tail()}`);
        return found;
      },
      { withinMs },
    );
  }

  tail() {
    return [...this.out.slice(-5), ...this.err.slice(-10)].join('\n');
  }

  signal(name) {
    if (this.code === undefined) this.child.kill(name);
  }

  /** Asks it to end and returns its exit code; SIGKILL when it does not listen. */
  async stop(signal = 'SIGTERM', withinMs = 20_000) {
    this.signal('SIGCONT');
    this.signal(signal);
    const timer = setTimeout(() => this.signal('SIGKILL'), withinMs);
    const code = await this.ended;
    clearTimeout(timer);
    return code;
  }

  async kill() {
    this.signal('SIGKILL');
    await this.ended;
  }
}

/** Runs a program to its end: {code, out, err}. */
export async function run(command, args, { input = '', ...options } = {}) {
  const program = new Program(command, command, args, options);
  program.child.stdin.end(input);
  const code = await program.ended;
  return { code, out: program.out.join('\n'), err: program.err.join('\n') };
}
