// `espial doctor` in houses with real faults.
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { writeFileSync } from 'node:fs';
import { connect } from './lib/board.mjs';
import { House } from './lib/house.mjs';
import { espial, run } from './lib/process.mjs';
import { Radio } from './lib/radio.mjs';
import { story } from './lib/story.mjs';
import { until } from './lib/wait.mjs';

/** Of `espial gateway` where it is told no other. */
const station = '5e:50:1a:01:00:01';
const hall = '5e:50:1a:20:00:01';
const second = '5e:50:1a:02:00:01';
const secondSoftAp = '5e:50:1a:02:00:02';

async function setup() {
  const house = new House();
  await house.startHub('--pair', '10');
  await house.startRadio();
  const settings = join(house.data, 'hall.settings');
  const world = {
    house,
    settings,
    doctor: (...args) => run(espial, ['doctor', ...args, '--hub', `127.0.0.1:${house.ports.http}`, '--data', house.data]),
    close: () => house.close(),
  };
  world.node = await house.startNode('--mac', hall, '--name', 'Hall', '--function', 'temperature', '--settings', settings);
  return world;
}

story('the doctor', setup, {
  async 'finds nothing wrong in a healthy house'(world) {
    const { code, out, err } = await world.doctor();
    assert.equal(code, 0, out + err);
    assert.doesNotMatch(out, /WRONG/);
  },

  async 'compares the clock of each gateway with the hub\'s'(world) {
    const apart = (mac) => `espial_gateway_clock_off_ms{gateway="${mac}"}`;
    const [own] = (await world.house.api.system()).gateways;
    await until('the gateway has told its time', async () => (await world.house.api.metrics())[apart(own.mac)] < 30_000);
    const mqtt = await connect(world.house.broker, { protocolVersion: 5 });
    const said = { state: 'online', channel: 6, frames_heard: 9, time: Date.now() - 3_600_000 };
    await mqtt.publishAsync(`espial/home/1/gateway/${second}`, JSON.stringify(said), { qos: 1 });
    await until('it is known', async () => (await world.house.api.metrics())[apart(second)] > 0);
    const { code, out } = await world.doctor();
    assert.equal(code, 2);
    assert.match(out, new RegExp(`^WRONG {2}the clocks of the hub and of gateway ${second} are 3[56]\\d\\d s apart\\n {2}-> .*clock`, 'm'));
    await mqtt.publishAsync(`espial/home/1/gateway/${second}`, '', { qos: 1 });
    await until('it is gone', async () => (await world.house.api.system()).gateways.length === 1);
    await mqtt.endAsync();
  },

  async 'knows a gateway that waits on another channel than the modules'(world) {
    const at = ['--air', world.house.air, '--broker', `127.0.0.1:${world.house.ports.broker}`, '--data', world.house.data];
    const gateway = world.house.start('second', ['gateway', ...at, '--mac', second, '--channel', '11']);
    await until('both are known', async () => (await world.house.api.system()).gateways.filter((one) => one.online).length === 2);
    // The other one tells what it has heard every ten seconds.
    const { code, out } = await until('it is found', async () => {
      const said = await world.doctor();
      return said.code === 2 && said;
    });
    assert.equal(code, 2);
    assert.match(out, new RegExp(`^WRONG {2}gateway ${secondSoftAp} is on channel 11 and hears nobody; modules are heard on channel 6$`, 'm'));
    assert.equal(await gateway.stop(), 0);
  },

  async 'finds who sends to the address of a gateway\'s station'(world) {
    const [gateway] = (await world.house.api.system()).gateways;
    const radio = await new Radio('5e:50:1a:30:00:01', world.house.airPort).attach();
    radio.send(station, Buffer.from('3003616263', 'hex'));
    const counted = `espial_gateway_counts{gateway="${gateway.mac}",what="to_station"}`;
    await until('the gateway has told it', async () => (await world.house.api.metrics())[counted] > 0);
    radio.close();
    const { code, out } = await world.doctor('--watch', '0');
    assert.equal(code, 2);
    assert.match(out, new RegExp(`^WRONG {2}modules send to the station address of gateway ${gateway.mac}\n {2}-> let them send to ${gateway.mac}`, 'm'));
    assert.doesNotMatch((await world.doctor('--watch', '1')).out, /station address/, 'it is over');
  },

  async 'tells a module that has lost its key from noise'(world) {
    assert.equal(await world.node.stop(), 0);
    const key = join(world.house.data, 'wrong.key');
    writeFileSync(key, randomBytes(32).toString('hex'), { mode: 0o600 });
    await until('it is offline', async () => !(await world.house.api.device(hall)).online);
    const at = ['--air', world.house.air, '--data', world.house.data];
    world.house.start('stranger', ['node', ...at, '--mac', hall, '--name', 'Hall', '--network-key', key, '--stdin', '--interval', '0']);
    const { out } = await until('it is found', async () => {
      const said = await world.doctor('--watch', '1');
      return /offline is: Hall/.test(said.out) && said;
    });
    assert.match(out, /^WRONG {2}frames come in that the keys here do not open or admit, and offline is: Hall\n {2}-> .*pair it again/m);
  },

  async 'says so when the hub does not give its figures'() {
    const devices = { now: Date.now(), devices: [], system: { broker: { connected: true }, store: { ok: true }, gateways: [] } };
    const server = createServer((request, answer) => {
      answer.statusCode = request.url === '/metrics' ? 500 : 200;
      answer.end(JSON.stringify(devices));
    });
    await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { code, out, err } = await run(espial, ['doctor', '--hub', `127.0.0.1:${server.address().port}`]);
    server.close();
    assert.equal(code, 1);
    assert.equal(out, '');
    assert.match(err, /does not give its figures \(\/metrics\): HTTP 500/);
  },
});
