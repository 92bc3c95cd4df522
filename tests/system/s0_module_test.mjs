// A module with S0's firmware, in a house that lets such modules in, and in one that does not.
import assert from 'node:assert/strict';
import { openPage } from './lib/browser.mjs';
import { House } from './lib/house.mjs';
import { espial, run } from './lib/process.mjs';
import { story } from './lib/story.mjs';
import { until } from './lib/wait.mjs';

const mac = '5e:50:1a:20:00:c9'; // the house's module 201
const heating = 0;
const lamp = 2;
const configuration = '201=thermostat:Workshop heating,thermometer:Workshop window,relay:Workshop lamp';

/** `s0`: what the hub is started with for S0's sake. */
async function houseWith(...s0) {
  const house = new House();
  await house.startHub('--pair', '10', '--keep-broker', ...s0);
  await house.startRadio();
  const modules = house.start('house', ['house', '--air', house.air, '--data', house.data, '--modules', '1', '--s0']);
  return {
    house,
    modules,
    async close() {
      await this.browser?.close();
      await house.close();
    },
  };
}

const module = ({ house }) => house.api.device(mac);

story('a house that lets S0 modules in', () => houseWith('--s0', '--s0-module', configuration), {
  async 'the hub says at its start that they are not authenticated'({ house }) {
    await house.hub.line(/S0 is on: its modules are NOT AUTHENTICATED/);
  },

  async 'a module pairs by itself and is told what it is'(world) {
    const device = await until('the module has paired', async () => {
      const one = await module(world);
      return one?.functions.every(({ values }) => Object.keys(values).length > 0) && one;
    });
    assert.equal(device.protocol, 's0');
    assert.equal(device.module, 201);
    assert.deepEqual(
      device.functions.map(({ kind, title }) => [kind, title]),
      [['thermostat', 'Workshop heating'], ['temperature', 'Workshop window'], ['relay', 'Workshop lamp']],
    );
  },

  async 'its card says that it is not secured'(world) {
    world.browser = await openPage(world.house.url);
    world.name = (await module(world)).name;
    const card = world.browser.card(world.name);
    await card.sees('Online');
    await card.sees('Not secured');
  },

  async 'a set point arrives, and has arrived when the module shows it'({ house, browser, name }) {
    const { code, err } = await run(espial, ['set', '--hub', house.url.replace('http://', ''), name, 'set_point', '23']);
    assert.equal(code, 0, err);
    assert.equal((await house.api.values(mac, heating)).set_point, 23);
    await browser.card(name).sees('23.0 °C');
  },

  async 'the page steps by whole degrees, as S0 does'({ house, browser, name }) {
    await browser.card(name).article.getByRole('button', { name: /^Lower/ }).click();
    await browser.card(name).sees('22.0 °C');
    await until('the module shows it', async () => (await house.api.values(mac, heating)).set_point === 22);
  },

  async 'a switch on the page switches its relay'({ house, browser, name }) {
    await browser.card(name).switch.click();
    await browser.card(name).switchIs(true);
    assert.equal((await house.api.values(mac, lamp)).on, 1);
  },

  async 'it pairs again when it is told to start again'(world) {
    const { house, name } = world;
    const before = (await module(world)).joined_at;
    const { code, err } = await run(espial, ['restart', '--hub', house.url.replace('http://', ''), name]);
    assert.equal(code, 0, err);
    await until('it has paired again', async () => (await module(world)).joined_at > before);
  },

  async 'it goes on after the hub was killed, without pairing again'(world) {
    const { house, modules } = world;
    // The other one may not have heard its first answer, and ask once more.
    await modules.line(/S0 module 202: paired/);
    // Data that are shown are stored, and what came before them too: the hub is not asked again.
    const { joined_at: joined } = await until('its pairing is stored', async () => {
      const one = await module(world);
      return one.functions.some(({ taken_at: at }) => at > one.joined_at) && one;
    });
    await house.hub.kill();
    await house.startHub('--keep-broker', '--s0');
    const from = Date.now();
    const device = await until('it is heard again', async () => {
      const one = await module(world);
      return one?.functions.some(({ taken_at: at }) => at > from) && one;
    });
    assert.equal(device.joined_at, joined);
    assert.equal(device.functions.length, 3, 'its configuration is kept');
    assert.equal(await house.api.count('espial_s0_searches_answered_total'), 0);
  },
});

const pump = {
  Peers: [{ PeerID: 201, Devices: [{ ID: 1, Type: '7', Title: 'Cellar' }] }],
  DataTypes: [{ Type: 7, Title: 'Pump', F1: { Title: 'Water', Unit: '°C', Log: true }, F2: { Title: 'Speed', Unit: '%', Set: { Min: 10, Max: 100 } } }],
};

story('a module with a function of its builder’s own', () => houseWith('--s0'), {
  async 'a configuration says what it is, and what people may set'(world) {
    const { house } = world;
    assert.equal((await house.api.send('PUT', '/api/configuration/Maison', pump)).status, 200);
    const [own] = await until('it pairs and shows what it is set to', async () => {
      const one = await module(world);
      return one?.functions.some(({ commands, values }) => commands && values.field_6 === 19) && one.functions;
    });
    assert.equal(own.kind, 'kind_196');
    assert.deepEqual(own.fields.field_6, { title: 'Speed', unit: '%', set: { minimum: 10, maximum: 100 } });
    assert.match((await house.command('devices')).out, /Cellar: Water [\d.]+ °C, Speed 19 %$/m);
    world.name = (await module(world)).name;
  },

  async 'a number goes down to it, and is done when it shows it'({ house, name }) {
    const set = (field, value) => run(espial, ['set', '--hub', house.url.replace('http://', ''), name, field, value]);
    const { code, err } = await set('field_6', '30');
    assert.equal(code, 0, err);
    assert.equal((await house.api.values(mac, 0)).field_6, 30);
    for (const [value, why] of [['101', /whole numbers from 10 to 100/], ['9', /from 10/], ['30.5', /whole/], ['fast', /whole/]]) {
      const refused = await set('field_6', value);
      assert.equal(refused.code, 1, value);
      assert.match(refused.err, why);
    }
    assert.match((await set('field_5', '30')).err, /no function whose "field_5" can be set/);
    const answer = await house.api.send('POST', `/api/devices/${mac}/commands`, { slot: 0, values: { field_5: 30 } });
    assert.equal(answer.status, 422);
    assert.equal((await answer.json()).code, 'wrong_field');
  },

  async 'the page steps it'(world) {
    const { house, name } = world;
    world.browser = await openPage(house.url);
    const card = world.browser.card(name);
    await card.sees('30 %');
    await card.article.getByRole('button', { name: 'Raise Speed' }).click();
    await card.sees('31 %');
    await until('the module shows it', async () => (await house.api.values(mac, 0)).field_6 === 31);
  },

  async 'and not what the configuration does not name'({ house }) {
    const measuring = structuredClone(pump);
    delete measuring.DataTypes[0].F2.Set;
    assert.equal((await house.api.send('PUT', '/api/configuration/Maison', measuring)).status, 200);
    await until('it takes none', async () => (await house.api.device(mac)).functions[0]?.commands === false);
    const answer = await house.api.send('POST', `/api/devices/${mac}/commands`, { slot: 0, values: { field_6: 30 } });
    assert.equal((await answer.json()).code, 'takes_no_commands');
  },
});

story('a house that does not', () => houseWith(), {
  async 'S0 modules are not heard, and the gateway counts them'(world) {
    const [gateway] = (await world.house.api.system()).gateways;
    const counted = `espial_gateway_counts{gateway="${gateway.mac}",what="s0_off"}`;
    await until('the gateway has dropped their searches', async () => (await world.house.api.metrics())[counted] > 0);
    assert.equal(await module(world), undefined);
  },

  async 'no command makes an Espial module start again'({ house }) {
    const board = await until('the Espial module has joined', async () =>
      (await house.api.devices()).find(({ protocol }) => protocol === 'espial'),
    );
    const answer = await house.api.send('POST', `/api/devices/${board.mac}/restart`, {});
    assert.equal(answer.status, 422);
    assert.equal((await answer.json()).code, 'takes_no_commands');
  },
});
