// What answers at --hub is no hub, or one of another version: every command ends with words.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { espial, run } from './lib/process.mjs';
import { story } from './lib/story.mjs';

const device = { mac: '5e:50:1a:20:00:01', name: 'Hall', functions: [{ slot: 0 }] };
/** By path: what a hub says that leaves out what this version looks for. */
const poor = {
  '/api/devices': { devices: [device] },
  '/api/groups': { groups: [{}] },
  '/api/alarms': { alarms: [{}] },
  [`/api/trace/${device.mac}`]: { reports: [{}] },
};
const events = { snapshot: { devices: [device] }, reading: {}, command: {} };

async function setup() {
  const folder = mkdtempSync(join(tmpdir(), 'espial-system-'));
  writeFileSync(join(folder, 'Maison.json'), '{"Peers": []}');
  const world = { answers: poor };
  const server = createServer((asked, answer) => {
    if (asked.url.startsWith('/api/events')) {
      answer.writeHead(200, { 'content-type': 'text/event-stream' });
      for (const [name, data] of Object.entries(events)) answer.write(`event: ${name}\ndata: ${JSON.stringify(data)}\n\n`);
      return answer.end();
    }
    answer.writeHead(200, { 'content-type': 'application/json' });
    answer.end(JSON.stringify(world.answers[asked.url.split('?')[0]] ?? {}));
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  return Object.assign(world, {
    ask: (...words) => run(espial, words, { env: { ESPIAL_HUB: `127.0.0.1:${server.address().port}` } }),
    configuration: join(folder, 'Maison.json'),
    close() {
      server.close();
      rmSync(folder, { recursive: true });
    },
  });
}

story('a hub that leaves out what this version looks for', setup, {
  async 'is told so, and no command crashes over it'({ ask, configuration }) {
    const commands = [['devices'], ['watch'], ['set', 'Hall', 'on', '1'], ['pair', '--list'], ['key', 'status'], ['label', device.mac],
      ['group', 'list'], ['group', 'set', 'Lamps', 'on', '1'], ['alarm', 'list'], ['trace', 'Hall'], ['doctor'], ['configure', configuration]];
    for (const words of commands) {
      const { code, err, out } = await ask(...words);
      assert.ok(code === 1, `${words.join(' ')} ended with ${code}: ${out} ${err}`);
      assert.match(err, /is that a hub, and of this version\?/, words.join(' '));
    }
  },
});
