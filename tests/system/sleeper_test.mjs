// Commands to a module whose radio is off most of the time: they wait as long as they may.
import assert from 'node:assert/strict';
import mqtt from 'mqtt';
import { openPage } from './lib/browser.mjs';
import { House } from './lib/house.mjs';
import { espial, run } from './lib/process.mjs';
import { story } from './lib/story.mjs';
import { until } from './lib/wait.mjs';

const name = 'Garden valve';
const mac = '5e:50:1a:20:00:01';
const commands = `/api/devices/${mac}/commands`;
const temperature = 0;
const relay = 1;

async function setup() {
  const house = new House();
  await house.startHub('--pair', '10');
  await house.startRadio();
  const kinds = ['--function', 'temperature', '--function', 'relay'];
  const node = await house.startNode('--sleeper', '--name', name, ...kinds);
  return {
    house,
    node,
    measured: 10,
    executed: () => node.events.filter(({ event }) => event === 'command').length,
    ask: (command, ...args) => run(espial, [command, ...args], { env: { ESPIAL_HUB: `127.0.0.1:${house.ports.http}` } }),
    async close() {
      await this.browser?.close();
      await this.client?.endAsync();
      await house.close();
    },
  };
}

/**
 * Lets the module wake and measure now and then, and sleep in between, until `what` holds. Then it sleeps: what it would
 * still have to say might wake it amid what comes next.
 */
async function wakeUntil(world, what, holds) {
  const wake = async () => {
    if (await holds()) return true;
    const said = (world.measured += 0.01);
    world.node.say(`${temperature} ${said.toFixed(2)}`);
    const isHeard = async () => (await world.house.api.values(mac, temperature)).temperature > said - 0.005;
    await until('it is heard', isHeard, { withinMs: 5_000 });
    return false;
  };
  await until(what, wake, { lookMs: 300 });
}

async function give({ house }, wish) {
  const answer = await house.api.send('POST', commands, { slot: relay, ...wish });
  return { status: answer.status, body: await answer.json() };
}

/** Everything that the hub says of a command from now on; `ended` waits for its end. */
function fateOf(world, id) {
  const seen = () => world.watch.events.find(({ event, data }) => event === 'command' && data.command_id === id && data.state !== 'pending');
  return { ended: async () => (await until('the command has ended', seen)).data.state, seen };
}

story('commands to a module that sleeps', setup, {
  async 'one without a lifetime waits for the module, and says so'(world) {
    world.watch = world.house.start('watch', ['watch', '--json', '--hub', `127.0.0.1:${world.house.ports.http}`]);
    // It sleeps once it has described itself, and its next frame says so.
    await until('it is described', async () => (await world.house.api.device(mac))?.functions.length === 2);
    const readings = () => world.watch.events.filter(({ event }) => event === 'reading').length;
    await wakeUntil(world, 'it has slept, and the watch watches', () => readings() > 2);
    world.executedBefore = world.executed();
    const before = Date.now();
    const { status, body } = await give(world, { values: { on: 1 } });
    assert.equal(status, 202);
    assert.equal(body.waits_for_wake, true);
    assert.ok(body.expires_at >= before + 59_000, 'a minute at least');
    world.waiting = fateOf(world, body.command_id);
  },

  async 'one whose lifetime is over before the module wakes expires, and is not run'(world) {
    const { body } = await give(world, { values: { on: 0 }, lifetime_s: 1 });
    assert.equal(await fateOf(world, body.command_id).ended(), 'expired');
    assert.equal(world.waiting.seen(), undefined);
    assert.equal(world.executed(), world.executedBefore);
  },

  async 'the one that may wait is run once the module wakes, and it alone'(world) {
    await wakeUntil(world, 'it woke', () => world.executed() > world.executedBefore);
    assert.equal(await world.waiting.ended(), 'executed');
    await until('the card shows it', async () => (await world.house.api.values(mac, relay)).on === 1);
    assert.equal(world.executed(), world.executedBefore + 1);
  },

  async 'the page says that a switch waits until the module wakes'(world) {
    world.browser = await openPage(world.house.url);
    const card = world.browser.card(name);
    await card.switchIs(true);
    await card.switch.click();
    await card.row(relay).getByText('waits until it wakes').waitFor();
    await wakeUntil(world, 'it woke', async () => (await world.house.api.values(mac, relay)).on === 0);
    await card.switchIs(false);
    await card.row(relay).getByText('waits until it wakes').waitFor({ state: 'detached' });
  },

  async 'the command line says it too, and takes a lifetime from a second to a week'(world) {
    const set = world.ask('set', name, 'on', 'on', '--lifetime', '1000');
    await wakeUntil(world, 'it woke', async () => (await world.house.api.values(mac, relay)).on === 1);
    const { code, out, err } = await set;
    assert.deepEqual([code, out], [0, `${name}: on on`]);
    assert.match(err, new RegExp(`${name} sleeps: command \\d+ waits until it wakes, for 17 min at most`));
    for (const bad of ['0', '604801', 'long']) {
      const refused = await world.ask('set', name, 'on', 'on', '--lifetime', bad);
      assert.notEqual(refused.code, 0, bad);
      assert.match(refused.err, /--lifetime/, bad);
    }
    const { status, body } = await give(world, { values: { on: 1 }, lifetime_s: 604_801 });
    assert.equal(status, 400);
    assert.match(body.error, /from 1 to 604800 \(7 days\)/);
  },

  async 'a group\'s command waits for its members as long'(world) {
    assert.equal((await world.ask('group', 'save', 'Valves', `${name}:${relay}`)).code, 0);
    const set = await world.ask('group', 'set', 'Valves', 'on', 'off', '--lifetime', '259200');
    assert.deepEqual([set.code, set.out], [0, `${name}: on off waits until it wakes, for 3 days at most`]);
    await wakeUntil(world, 'it woke', async () => (await world.house.api.values(mac, relay)).on === 0);
  },

  async 'a message on /device/<mac>/set that expires takes its command with it'(world) {
    world.client = await mqtt.connectAsync(world.house.broker, { protocolVersion: 5 });
    const before = world.executed();
    // Slot 1, one byte, kind relay, on.
    const payload = Buffer.from([0x11, 0x04, 0x01]);
    await world.client.publishAsync(`/device/${mac}/set`, payload, { qos: 1, properties: { messageExpiryInterval: 1 } });
    const expired = () => world.watch.events.filter(({ event, data }) => event === 'command' && data.state === 'expired');
    await until('it has expired', () => expired().length === 2);
    const last = world.measured;
    await wakeUntil(world, 'it is heard again', async () => (await world.house.api.values(mac, temperature)).temperature > last + 0.005);
    assert.equal(world.executed(), before);
  },

  async 'a ninth command is refused with what to do'(world) {
    for (let i = 0; i < 8; ++i) {
      assert.equal((await give(world, { values: { on: 1 } })).status, 202);
    }
    const { status, body } = await give(world, { values: { on: 1 } });
    assert.deepEqual([status, body.code], [503, 'device_busy']);
    assert.match(body.error, /8 commands wait for this module already; give this one again when it has taken them, or when one has expired/);
  },
});
