/** Starts the program http_fixture, where nothing happens but by what it is told, and speaks with it. */
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';

export async function startFixture(program, { accounts = false } = {}) {
  const child = spawn(program, accounts ? ['0', 'accounts'] : [], { stdio: ['pipe', 'pipe', 'inherit'] });
  const ended = new Promise((resolve) => child.once('exit', resolve));
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const next = async () => {
    const { value, done } = await lines.next();
    if (done) throw new Error('The fixture has ended.');
    return value;
  };
  // Read before the first thing happens by itself, however long this process is kept from going on.
  child.stdin.write('clock off\n');
  const url = await next();
  await next();
  return {
    url,
    /** Sends one line and returns what it answers. */
    async ask(line) {
      child.stdin.write(`${line}\n`);
      return next();
    },
    /** Sends one line and waits until it is done. */
    async tell(line) {
      const answer = await this.ask(line);
      if (answer !== 'ok') throw new Error(`The fixture answered "${answer}" to "${line}".`);
    },
    async stop() {
      child.stdin.end();
      await ended;
    },
  };
}
