// `espial trace`: the hops of one report, from a module or a board to the pages that are open.
import assert from 'node:assert/strict';
import { Board } from './lib/board.mjs';
import { House } from './lib/house.mjs';
import { espial, run } from './lib/process.mjs';
import { story } from './lib/story.mjs';
import { until } from './lib/wait.mjs';

const mac = '5e:50:1a:20:00:01';
const temperature = 0;

async function setup() {
  const house = new House();
  await house.startHub('--pair', '10', '--keep-broker');
  await house.startRadio();
  const node = await house.startNode('--name', 'Hall', '--function', 'temperature', '--settings', `${house.data}/hall.settings`);
  return {
    house,
    node,
    cli: (...args) => run(espial, ['trace', ...args, '--hub', house.url]),
    newest: async (device) => (await house.api.json(`/api/trace/${device}?limit=1`)).reports[0],
    async report(value, state) {
      node.say(`${temperature} ${value}`);
      await until(`the value ${value} is shown`, async () => (await house.api.values('Hall', temperature)).temperature === value);
      return until(`its trace says ${state}`, async () => {
        const newest = await this.newest(mac);
        return newest?.pages.state === state && newest;
      });
    },
    async close() {
      this.page?.stop();
      this.other?.stop();
      await this.board?.end();
      await house.close();
    },
  };
}

/** Numbers that never go back. */
const inOrder = (...times) => times.every((time, i) => Number.isFinite(time) && (i === 0 || time >= times[i - 1]));

story('the trace of a report', setup, {
  async 'where no page is open it says so'(world) {
    const report = await world.report(20.5, 'nobody');
    assert.equal(report.state, 'stored');
    const { code, out } = await world.cli('Hall', String(report.sequence));
    assert.equal(code, 0);
    assert.match(out, /Not known: the browser: no page was open\./);
  },

  async 'names gateway, strength and channel, and every time up to the pages'(world) {
    world.page = world.house.api.follow();
    world.other = world.house.api.follow();
    await until('both pages are there', () => world.page.events.length > 0 && world.other.events.length > 0);
    const report = await world.report(21.5, 'written');
    assert.equal(report.numbered_by, 'module');
    assert.equal(report.stream, 'readings');
    assert.equal(report.heard.length, 1);
    const [{ gateway, rssi, channel, waited_ms: waited }] = report.heard;
    assert.equal(gateway, (await world.house.api.device('Hall')).gateway);
    assert.ok(rssi < 0 && channel >= 1 && channel <= 13 && waited === 0, JSON.stringify(report.heard));
    assert.ok(report.age_ms >= 0);
    assert.ok(inOrder(0, report.opened_us, report.ended_us, report.announced_us, report.pages.first_us, report.pages.last_us));
    await until('the other page is counted', async () => (await world.newest(mac)).pages.count === 2);
    assert.deepEqual(await world.house.api.json(`/api/trace/${mac}/${report.sequence}?stream=readings`), await world.newest(mac));
  },

  async 'is a table that a person understands'(world) {
    const { sequence } = await world.newest(mac);
    const { code, out } = await world.cli('Hall', String(sequence));
    assert.equal(code, 0);
    const time = String.raw`\d\d:\d\d:\d\d\.\d{3}`;
    const lines = ['taken by the module', 'heard by gateway .*, channel \\d+, -\\d+ dBm', 'received from the broker',
      'opened by the coordinator', 'committed to the store', 'announced to the pages', 'written to 2 pages'];
    assert.match(out, new RegExp(lines.map((what) => `^  ${time} .*${what}`).join('[^]*\n'), 'm'));
    assert.match(out, /^ {2}Not known: how long it took from the gateway to the hub/m);
  },

  async 'without a number the last reports are listed'(world) {
    const { code, out } = await world.cli(mac);
    assert.equal(code, 0);
    const { sequence } = await world.newest(mac);
    assert.match(out.split('\n').at(-1), new RegExp(`^ +${sequence} +readings .* 1 .*ms +2$`));
  },

  async 'what is not there is refused with words'(world) {
    const unknown = await world.cli('Hall', '4000000');
    assert.equal(unknown.code, 1);
    assert.match(unknown.err, /heard no such report since it was started/);
    assert.equal((await world.cli('Nobody')).code, 1);
    assert.equal((await world.house.api.get(`/api/trace/${mac}/x`)).status, 400);
    assert.equal((await world.house.api.get(`/api/trace/${mac}?limit=0`)).status, 400);
    assert.equal((await world.house.api.get('/api/trace/nobody')).status, 404);
  },

  async 'a board that speaks MQTT itself is traced from its message on'(world) {
    world.board = new Board(world.house.broker, '5E:50:1A:30:00:01');
    await (await world.board.ask()).begin();
    const address = world.board.mac.toLowerCase();
    await until('it is online', async () => (await world.house.api.device(address))?.online);
    await world.board.photoresistor(58);
    const report = await until('its report is written', async () => {
      const newest = await world.newest(address);
      return newest?.pages.state === 'written' && newest;
    });
    assert.equal(report.numbered_by, 'hub');
    assert.deepEqual(report.heard, []);
    const { out } = await world.cli(address, String(report.sequence));
    assert.match(out, /received from the broker[^]*committed to the store[^]*written to 2 pages/);
    assert.match(out, /Not known: the way to the broker: a board that speaks MQTT itself says no times/);
  },
});
