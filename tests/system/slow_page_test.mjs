// A page far away: the hub answers at once, and its first picture takes longer than a page waits for an answer.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, request } from 'node:http';
import { Board } from './lib/board.mjs';
import { openPage } from './lib/browser.mjs';
import { House } from './lib/house.mjs';
import { story } from './lib/story.mjs';

/** Longer than the page waits for a hub that does not answer. */
const pictureTakesMs = 10_000;

/** Hands on requests to the hub; of an event stream the head at once, and the rest late. */
async function farAway(house) {
  const proxy = createServer((asked, answer) => {
    const { method, url: path } = asked;
    // The page is at another port than the hub thinks.
    const { origin, host, ...headers } = asked.headers;
    const onward = request({ method, path, port: house.ports.http, headers }, (got) => {
      answer.writeHead(got.statusCode, got.headers);
      answer.flushHeaders();
      setTimeout(() => got.pipe(answer), path === '/api/events' ? pictureTakesMs : 0);
    });
    onward.on('error', () => answer.destroy());
    answer.on('close', () => onward.destroy());
    asked.pipe(onward);
  });
  proxy.listen(0, '127.0.0.1');
  await once(proxy, 'listening');
  return proxy;
}

async function setup() {
  const house = new House();
  await house.startHub();
  const board = await new Board(house.broker, '61:EC:ED:3B:25:B1').join();
  const proxy = await farAway(house);
  const browser = await openPage(`http://127.0.0.1:${proxy.address().port}`);
  return {
    board,
    page: browser.page,
    async close() {
      await browser.close();
      proxy.closeAllConnections();
      proxy.close();
      await board.end();
      await house.close();
    },
  };
}

story('a page whose first picture takes long', setup, {
  async 'gets it by its first stream, and calls the hub away at no time'({ board, page }) {
    await page.getByRole('heading', { name: board.name }).waitFor();
    assert.deepEqual(await page.evaluate(() => globalThis.bannersSaid.filter((one) => one.includes('The hub is away.'))), []);
  },
});
