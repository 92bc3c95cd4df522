// Who may join and whose keys are good: with real processes, over restarts.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { readFileSync } from 'node:fs';
import { House } from './lib/house.mjs';
import { espial, run } from './lib/process.mjs';
import { story } from './lib/story.mjs';
import { until } from './lib/wait.mjs';

const labelled = '5e:50:1a:20:00:01';
const approved = '5e:50:1a:20:00:02';

async function withHub() {
  const house = new House();
  await house.startHub('--admit', 'approval');
  await house.startRadio();
  return {
    house,
    ask: (command, ...args) => run(espial, [command, ...args], { env: { ESPIAL_HUB: `127.0.0.1:${house.ports.http}` } }),
    keys: () => house.api.json('/api/keys'),
    online: async (mac) => (await house.api.device(mac))?.online ?? false,
    close: () => house.close(),
  };
}

/** A board whose settings outlive it. */
function nodeOptions(house, mac, name) {
  return ['--mac', mac, '--name', name, '--settings', join(house.data, `${name}.settings`)];
}

story('keys', withHub, {
  async 'a label admits its module without anybody having to agree'(world) {
    const sheet = join(world.house.data, 'sheet.svg');
    const { code, out } = await world.ask('label', labelled, '--svg', sheet, '--json');
    assert.equal(code, 0);
    const [{ mac, text }] = JSON.parse(out);
    assert.equal(mac, labelled);
    assert.match(text, /^ESPIAL:1:5E501A200001:[A-Z2-7]{52}$/);
    assert.match(readFileSync(sheet, 'utf8'), /<svg[^]*5e:50:1a:20:00:01<\/text>/);
    world.node = await world.house.startNode(...nodeOptions(world.house, labelled, 'Labelled'), '--label-key', text);
    assert.deepEqual((await world.keys()).labels, []);
  },

  async 'a policy and listed modules are taken and kept'(world) {
    assert.equal((await world.ask('pair', '--policy', 'approval', '--modules', '7', '9')).code, 0);
    assert.deepEqual((await world.keys()).modules, [7, 9]);
    assert.notEqual((await world.ask('pair', '--policy', 'sometimes')).code, 0);
  },

  async 'another one waits until it is approved'(world) {
    const at = ['--air', world.house.air, '--data', world.house.data];
    const node = world.house.start('node', [
      'node', ...at, '--stdin', '--json', '--interval', '0', ...nodeOptions(world.house, approved, 'Approved'),
    ]);
    await until('it waits', async () => (await world.keys()).waiting.some((one) => one.mac === approved));
    assert.match((await world.ask('pair', '--list')).out, /^waiting: 5e:50:1a:20:00:02$/m);
    assert.equal((await world.ask('pair', '--approve', approved)).code, 0);
    await until('it is online', () => node.events.some((event) => event.state === 'online'));
    assert.deepEqual((await world.keys()).waiting, []);
  },

  async 'a changed network key leaves nobody behind'(world) {
    world.node.signal('SIGSTOP');
    assert.equal((await world.ask('key', 'rotate')).code, 0);
    assert.match((await world.house.command('key', 'status')).out, new RegExp(`^left: ${labelled}, Labelled$`, 'm'));
    world.node.signal('SIGCONT');
    world.node.say('0 20.5');
    await until('all have followed', async () => !(await world.keys()).key.changing);
    const { key } = await world.keys();
    assert.deepEqual([key.generation, key.renewed, key.modules], [1, 2, 2]);
    const { out } = await world.house.command('key', 'status');
    assert.match(out, /generation 1/);
  },

  async 'a revoked module stays out, also after a restart, until it is found again'(world) {
    assert.equal((await world.ask('revoke', 'Labelled')).code, 0);
    await until('it is offline', async () => !(await world.online(labelled)));
    assert.equal(await world.house.hub.stop(), 0);
    await world.house.startHub();
    assert.deepEqual((await world.keys()).revoked, [labelled]);
    assert.equal((await world.keys()).policy, 'approval');
    await until('the other one is back', () => world.online(approved));
    assert.equal(await world.online(labelled), false);
    assert.equal((await world.ask('revoke', labelled, '--undo')).code, 0);
    await until('it is back', () => world.online(labelled));
  },

  async 'a second hub on the same data is refused with words'({ house }) {
    const { code, err } = await run(espial, ['hub', '--data', house.data, '--port', '0', '--broker-port', '0']);
    assert.equal(code, 1);
    assert.match(err, /another hub runs on /);
  },
});
