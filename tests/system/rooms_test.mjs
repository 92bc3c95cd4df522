// A button of the house works a lamp across the air, with everything else dead: real processes, killed by pid.
import assert from 'node:assert/strict';
import { openPage } from './lib/browser.mjs';
import { House } from './lib/house.mjs';
import { espial, isAlive, run } from './lib/process.mjs';
import { story } from './lib/story.mjs';
import { until } from './lib/wait.mjs';

const lamp = 'Bedroom lamp';
const button = 'Bedroom button';
const relay = 0;
const modules = 11; // the first ones of the plan: up to the button

async function setup() {
  const house = new House();
  await house.startHub('--pair', '10', '--keep-broker');
  await house.startRadio('--loss', '5');
  house.start('house', ['house', '--air', house.air, '--data', house.data, '--modules', String(modules)]);
  return {
    house,
    async close() {
      await this.browser?.close();
      await house.close();
    },
  };
}

const press = ({ house }, name = button) => run(espial, ['press', name, '--data', house.data]);
const isOn = async ({ house }) => (await house.api.values(lamp, relay)).on;

async function pressed(world) {
  const { code, out, err } = await press(world);
  assert.equal(code, 0, err);
  assert.equal(out, 'Bedroom lamp has done it');
}

story('a button and its lamp', setup, {
  async 'the hub binds them once both have joined'(world) {
    await until('both are there', async () => {
      const devices = await world.house.api.devices();
      return devices.filter(({ name, online }) => online && [lamp, button].includes(name)).length === 2;
    });
    await until('a press is executed', async () => (await press(world)).code === 0);
    await until('the hub knows', async () => (await isOn(world)) === 1);
  },

  async 'a press shows at the lamp on the page, and as an event of the button'(world) {
    world.browser = await openPage(world.house.url);
    await world.browser.card(lamp).switchIs(true);
    await pressed(world);
    await world.browser.card(lamp).switchIs(false);
    const { mac } = await world.house.api.device(button);
    await until('the button said so', async () =>
      (await world.house.api.history(mac, 0, 'action')).length > 0,
    );
  },

  async 'it works while hub, broker and gateway are dead'(world) {
    const { house } = world;
    const { pid: broker } = house.brokerRecord();
    await house.hub.kill();
    await house.gateway.kill();
    process.kill(broker, 'SIGKILL');
    await until('the broker is dead', () => !isAlive(broker));
    for (let i = 0; i < 3; ++i) await pressed(world);
  },

  async 'and what the lamp did is known when they are back'(world) {
    const { house } = world;
    await house.startHub('--keep-broker');
    await house.startGateway();
    const { mac } = await house.api.device(lamp);
    // The first of the three looks like the last: only the history tells that all have come.
    await until('each press is in its history', async () => {
      const rows = await house.sql(
        `SELECT CAST(number AS INTEGER) FROM readings JOIN devices ON device = id WHERE mac = '${mac}' ORDER BY taken_at_ms`,
      );
      const changes = rows.flat().filter((state, i, all) => state !== all[i - 1]);
      return changes.slice(-5).join() === '1,0,1,0,1';
    });
    await until('the hub knows', async () => (await isOn(world)) === 1);
  },

  async 'it is a lamp of the hub as before'(world) {
    const { house } = world;
    const { code, err } = await run(espial, ['set', '--hub', house.url.replace('http://', ''), lamp, 'on', '0']);
    assert.equal(code, 0, err);
    // The lamp says itself what it did, after the command's end.
    await until('the lamp says so', async () => (await isOn(world)) === 0);
  },

  async 'a button that there is not is refused in words'(world) {
    const { code, err } = await press(world, 'Doorbell');
    assert.equal(code, 1);
    assert.match(err, /is no such button: "Bedroom button" works "Bedroom lamp"/);
    const nowhere = await run(espial, ['press', '--data', '/nonexistent']);
    assert.equal(nowhere.code, 1);
    assert.match(nowhere.err, /no simulated house runs/);
  },
});
