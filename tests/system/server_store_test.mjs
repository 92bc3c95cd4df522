// A house whose readings are kept by a database server: from a board to the page's API, and over the hub's death.
import assert from 'node:assert/strict';
import { DatabaseServer } from './lib/database_server.mjs';
import { House } from './lib/house.mjs';
import { story } from './lib/story.mjs';
import { until } from './lib/wait.mjs';

const mac = '5e:50:1a:20:00:01';
const temperature = 0;

const setup = (engine) => async () => {
  const server = await DatabaseServer.start(engine);
  const house = new House();
  const options = ['--pair', '10', '--keep-broker', '--store', server.address];
  await house.startHub(...options);
  await house.startRadio();
  const node = await house.startNode('--name', 'Hall', '--function', 'temperature');
  return {
    house,
    node,
    startHub: () => house.startHub(...options),
    async close() {
      await house.close();
      await server.close();
    },
  };
};

/** The means of what the history has, once it has so many. */
async function history({ house }, count) {
  const points = await until(`${count} readings are in the history`, async () => {
    const found = await house.api.history(mac, temperature, 'temperature');
    return found.length === count && found;
  });
  return points.map(([, mean]) => mean);
}

for (const engine of ['mariadb', 'postgresql']) {
  story(`readings are kept by ${engine}`, setup(engine), {
    async 'the hub says who keeps them'({ house }) {
      assert.equal((await house.api.system()).store.engine, engine);
    },

    async 'a reading is shown and in the history'(world) {
      world.node.say(`${temperature} 21.57`);
      assert.deepEqual(await history(world, 1), [21.57]);
      assert.equal((await world.house.api.values('Hall', temperature)).temperature, 21.57);
    },

    async 'a hub that was killed starts with all of it'(world) {
      await world.house.hub.kill();
      await world.startHub();
      assert.deepEqual(await history(world, 1), [21.57]);
      assert.equal((await world.house.api.values('Hall', temperature)).temperature, 21.57);
    },

    async 'and goes on from there'(world) {
      world.node.say(`${temperature} 22.5`);
      assert.deepEqual(await history(world, 2), [21.57, 22.5]);
    },
  });
}
