// From a board to the page and back, through every process that a house has, and through their deaths.
import assert from 'node:assert/strict';
import { openPage } from './lib/browser.mjs';
import { House } from './lib/house.mjs';
import { story } from './lib/story.mjs';
import { until } from './lib/wait.mjs';

const name = 'Hall';
const mac = '5e:50:1a:20:00:01';
const temperature = 0;
const lamp = 1;

async function setup() {
  const house = new House();
  // The broker outlives the hub, as it does where it is a service of its own.
  await house.startHub('--pair', '10', '--keep-broker');
  await house.startRadio();
  return {
    house,
    async startNode() {
      const kinds = ['--function', 'temperature', '--function', 'relay'];
      this.node = await house.startNode('--name', name, ...kinds, '--settings', `${house.data}/hall.settings`);
    },
    async close() {
      await this.browser?.close();
      await house.close();
    },
  };
}

/** How often a temperature is in the database. */
async function stored({ house }, number) {
  const [[count]] = await house.sql(
    'SELECT count(*) FROM readings JOIN devices ON device = id ' +
      `WHERE mac = '${mac}' AND slot = ${temperature} AND abs(number - ${number}) < 0.001`,
  );
  return count;
}

const states = (node) => node.events.filter((event) => event.event === 'state').map((event) => event.state);

story('a reading reaches the page and a command the module', setup, {
  async 'a module that joins gets a card without a reload'(world) {
    world.browser = await openPage(world.house.url);
    await world.browser.page.getByText('No modules yet').waitFor();
    await world.startNode();
    await world.browser.card(name).sees('Online');
  },

  async 'what the module measures stands on its card, with its unit'(world) {
    world.node.say(`${temperature} 21.57`);
    await world.browser.card(name).sees('21.57 °C');
  },

  async 'the history has it once'(world) {
    const points = await world.house.api.history(mac, temperature, 'temperature');
    assert.deepEqual(points.map(([, mean, low, high]) => [mean, low, high]), [[21.57, 21.57, 21.57]]);
    assert.equal(await stored(world, 21.57), 1);
  },

  async 'a switch on the page is only a wish until the module has done it'(world) {
    const card = world.browser.card(name);
    world.node.say(`${lamp} 0`);
    await card.switchIs(false);
    await card.row(lamp).getByText('Off', { exact: true }).waitFor();
    // Held still, the module can't answer.
    world.node.signal('SIGSTOP');
    await card.switch.click();
    await card.row(lamp).getByText('sent…').waitFor();
    assert.equal(await card.switch.getAttribute('aria-checked'), 'false');
    assert.equal((await world.house.api.values(mac, lamp)).on, 0);
    world.node.signal('SIGCONT');
    await card.switchIs(true);
    await card.row(lamp).getByText('On', { exact: true }).waitFor();
    await card.row(lamp).getByText('sent…').waitFor({ state: 'detached' });
    assert.deepEqual(
      world.node.events.filter((event) => event.event === 'command'),
      [{ event: 'command', slot: lamp, outcome: 'executed' }],
    );
  },

  async 'a module that goes is offline on its card, and online when it is back'(world) {
    assert.equal(await world.node.stop(), 0);
    await world.browser.card(name).sees('Offline');
    await world.startNode();
    await world.browser.card(name).sees('Online');
  },

  async 'a killed hub is away on the page'(world) {
    await world.house.hub.kill();
    await world.browser.banner('The hub is away.').waitFor();
  },

  async 'the hub comes back with names and values, and the page by itself'(world) {
    const { browser, house, node } = world;
    world.statesBefore = states(node).length;
    node.say(`${temperature} -7.25`);
    await house.startHub('--keep-broker');
    await browser.banner('The hub is away.').waitFor({ state: 'detached' });
    await browser.card(name).sees('On');
    await browser.card(name).sees('Online');
  },

  async 'what was measured while the hub was dead arrives exactly once'(world) {
    await world.browser.card(name).sees('−7.25 °C');
    world.node.say(`${temperature} 3.5`);
    await world.browser.card(name).sees('3.50 °C');
    assert.equal(await stored(world, -7.25), 1);
    const points = await world.house.api.history(mac, temperature, 'temperature');
    assert.deepEqual(points.map(([, mean]) => mean).filter((mean) => mean < 21), [-7.25, 3.5]);
  },

  async 'the module went on without joining again'(world) {
    assert.deepEqual(states(world.node).slice(world.statesBefore), []);
    assert.equal(await world.house.api.count('espial_network_events_total{server="1",what="joins"}'), 0);
  },

  async 'a broker that dies is away on the page, and comes back'(world) {
    const { browser, house, node } = world;
    const before = house.brokerRecord().pid;
    process.kill(before, 'SIGKILL');
    await browser.said('The hub has lost its broker.');
    await until('another broker runs', () => house.brokerRecord().pid !== before);
    await browser.banner('The hub has lost its broker.').waitFor({ state: 'detached' });
    node.say(`${temperature} 18.75`);
    await browser.card(name).sees('18.75 °C');
    assert.equal(await stored(world, 18.75), 1);
  },
});
