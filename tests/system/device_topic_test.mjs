// Any application's way in: /device/<mac> for boards that speak plainly and for modules with keys.
import assert from 'node:assert/strict';
import mqtt from 'mqtt';
import { House } from './lib/house.mjs';
import { Radio } from './lib/radio.mjs';
import { story } from './lib/story.mjs';
import { until } from './lib/wait.mjs';

const plainMac = '5e:50:1a:30:00:01';
const keyedMac = '5e:50:1a:20:00:01';
const publish = (...content) => Buffer.from([0x30, content.length, ...content]);

async function setup() {
  const house = new House();
  await house.startHub('--pair', '10');
  await house.startRadio();
  const client = await mqtt.connectAsync(house.broker, { protocolVersion: 5 });
  const heard = [];
  client.on('message', (topic, payload, packet) => {
    heard.push({ topic, payload, properties: packet.properties?.userProperties ?? {} });
  });
  await client.subscribeAsync('/device/+', { qos: 1 });
  return {
    house,
    client,
    heard,
    from: (mac) => heard.filter((one) => one.topic === `/device/${mac}`),
    async close() {
      this.radio?.close();
      this.impostor?.close();
      await client.endAsync();
      await house.close();
    },
  };
}

story('applications and boards meet on /device/<mac>', setup, {
  async 'a plain PUBLISH is forwarded as it came'(world) {
    world.radio = await new Radio(plainMac, world.house.airPort).attach();
    const body = publish(0x68, 0x00, 0xff);
    world.radio.broadcast(body);
    const [message] = await until('the message is there', () => {
      const messages = world.from(plainMac);
      return messages.length > 0 && messages;
    });
    assert.deepEqual(message.payload, body);
    assert.equal(message.properties.channel, '6');
    assert.match(message.properties.rssi, /^-\d+$/);
  },

  async 'what is sent to /device/<mac>/set reaches the board'(world) {
    const body = publish(1, 2, 3);
    await world.client.publishAsync(`/device/${plainMac}/set`, body, { qos: 1 });
    await until('the board has heard it', () => world.radio.heard.some((one) => one.equals(body)));
  },

  async 'what a keyed module says is there after the hub has opened it'(world) {
    world.node = await world.house.startNode('--function', 'temperature');
    world.node.say('0 21.63');
    const message = await until('the message is there', () => world.from(keyedMac).at(-1));
    assert.equal(message.payload[0] >> 4, 3, 'the inner PUBLISH');
    // Slot 0, two bytes, kind temperature, 2163.
    assert.ok(message.payload.includes(Buffer.from([0x02, 0x01, 0x73, 0x08])), message.payload.toString('hex'));
  },

  async 'plain bytes under a keyed module\'s address are dropped and counted'(world) {
    await world.node.stop();
    const before = world.from(keyedMac).length;
    world.impostor = await new Radio(keyedMac, world.house.airPort).attach();
    world.impostor.broadcast(publish(0x66));
    const gateway = '{gateway="5e:50:1a:01:00:02",what="keyed_plain"}';
    await until('it is counted', async () => (await world.house.api.count(`espial_gateway_counts${gateway}`)) === 1);
    world.radio.broadcast(publish(0x67));
    await until('a later one of another board is there', () => world.from(plainMac).length === 2);
    assert.equal(world.from(keyedMac).length, before);
  },
});
