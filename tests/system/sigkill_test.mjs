// The hub killed while it works: what the broker has acknowledged to a publisher is stored all the same.
import assert from 'node:assert/strict';
import { House } from './lib/house.mjs';
import { Publisher } from './lib/publisher.mjs';
import { story } from './lib/story.mjs';
import { until } from './lib/wait.mjs';

const boards = 200;
const messages = 100 * boards;
const received = 'espial_mqtt_received_total';
const acknowledged = 'espial_mqtt_acknowledged_total';
const unsafe = '--unsafe-acknowledge-before-commit';

function range(from, to) {
  return Array.from({ length: to - from }, (_, i) => from + i);
}

const setup = (...options) => async () => {
  const house = new House();
  await house.startHub('--pair', '10', '--keep-broker', ...options);
  return { house, close: () => house.close() };
};

async function nodeSetup() {
  const house = new House();
  await house.startHub('--pair', '10', '--keep-broker');
  await house.startRadio('--loss', '5', '--duplicates', '5');
  const node = await house.startNode('--name', 'Meter', '--function', 'counter');
  return { house, node, close: () => house.close() };
}

async function countOf(house) {
  const [[count]] = await house.sql('SELECT count(*) FROM readings');
  return count;
}

/** Waits until the broker has nothing left for the hub and the hub nothing left to store. */
async function settled(house) {
  // What was published last comes last.
  const last = await Publisher.open(house.broker, 255, 1);
  await last.connection.endAsync();
  await until('everything received is stored', async () => {
    const figures = await house.api.metrics();
    return figures.espial_mqtt_unacknowledged_in === 0 && figures.espial_store_backlog_units === 0;
  });
}

/** Kills the hub when it has most to do: a queue was held back for it and it has begun to work on it. */
async function killAtFullSpeed(house, publish) {
  const before = await house.api.count(acknowledged);
  house.hub.signal('SIGSTOP');
  await publish();
  house.hub.signal('SIGCONT');
  await until('the hub is at work', async () => (await house.api.count(acknowledged)) > before, { lookMs: 0 });
  await house.hub.kill();
}

/** Kills the hub when it has everything and can't commit, because another program holds the database. */
async function killBeforeCommit(house, publish) {
  const before = await house.api.count(received);
  const release = await house.holdDatabase();
  await publish();
  await until('the hub has received it', async () => (await house.api.count(received)) === before + messages / 2);
  await house.hub.kill();
  await release();
}

/** Publishes everything and kills the hub twice. Returns the acknowledged messages that are not in the database. */
async function lostOf(house, ...options) {
  const publisher = await Publisher.open(house.broker, 0, boards);
  await killAtFullSpeed(house, () => publisher.publish(range(0, 50)));
  await house.startHub('--keep-broker', ...options);
  await settled(house);
  await killBeforeCommit(house, () => publisher.publish(range(50, 100)));
  await house.startHub('--keep-broker', ...options);
  await settled(house);
  await publisher.connection.endAsync();
  assert.equal(publisher.acknowledged.size, messages);
  const rows = await house.sql('SELECT mac, CAST(number AS INTEGER) FROM readings JOIN devices ON device = id');
  const stored = new Set(rows.map((row) => row.join(' ')));
  return [...publisher.acknowledged].filter((message) => !stored.has(message));
}

story('a hub that is killed amid 20 000 messages', setup(), {
  async 'has every message that the broker acknowledged to the publisher'({ house }) {
    assert.deepEqual(await lostOf(house), []);
  },
});

story('the same with the acknowledgement before the commit', setup(unsafe), {
  async 'loses some, or this test would prove nothing'({ house }) {
    assert.notEqual((await lostOf(house, unsafe)).length, 0);
  },
});

story('what an Espial module measures while the hub dies again and again', nodeSetup, {
  async 'is stored exactly once'({ house, node }) {
    const count = 600;
    let said = 0;
    // A board's ring holds 256 reports: nothing may be pushed out of it here.
    const sayUpTo = async (last) => {
      while (said < last) {
        const stored = await countOf(house);
        for (; said < last && said < stored + 150; ++said) node.say(`0 ${said}`);
        await until('some more are stored', async () => said === last || (await countOf(house)) > stored);
      }
    };
    for (const last of [150, 300, 450]) {
      await sayUpTo(last);
      await until('most of it is stored', async () => (await countOf(house)) > last - 100, { lookMs: 0 });
      await house.hub.kill();
      for (let i = 0; i < 50; ++i) node.say(`0 ${said++}`);
      await house.startHub('--keep-broker');
    }
    await sayUpTo(count);
    await until('all is stored', async () => (await countOf(house)) >= count);
    node.say('0 1000000');
    await until('a last one has followed', async () => (await house.api.values('Meter', 0)).count === 1_000_000);
    const rows = await house.sql("SELECT CAST(number AS INTEGER) FROM readings WHERE slot = 0 ORDER BY number");
    assert.deepEqual(rows.flat(), [...range(0, count), 1_000_000]);
    assert.ok(await house.api.count('espial_network_events_total{server="1",what="frames"}') > 0);
  },
});
