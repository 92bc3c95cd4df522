// A name that is HTML: the page shows it as the text it is, wherever it stands.
import assert from 'node:assert/strict';
import { Board } from './lib/board.mjs';
import { openPage } from './lib/browser.mjs';
import { House } from './lib/house.mjs';
import { story } from './lib/story.mjs';
import { until } from './lib/wait.mjs';

const mac = '61:ec:ed:3b:25:b1';
/** As long as the name of such a board may be, all but one byte. */
const name = '<img src=x onerror=alert(1)>';

async function setup() {
  const house = new House();
  await house.startHub('--new-boards', '16');
  const board = await new Board(house.broker, mac).join();
  const browser = await openPage('about:blank');
  const dialogs = [];
  browser.page.on('dialog', (dialog) => {
    dialogs.push(dialog.message());
    void dialog.dismiss();
  });
  return {
    house,
    browser,
    page: browser.page,
    dialogs,
    async close() {
      await browser.close();
      await board.end();
      await house.close();
    },
  };
}

/** The page made nothing of it but text. */
async function assertHarmless({ page, dialogs }) {
  assert.equal(await page.locator('img[src=x], [onerror]').count(), 0);
  assert.deepEqual(dialogs, []);
}

story('a module whose name is HTML', setup, {
  async 'has its name on its card'(world) {
    assert.equal((await world.house.api.send('PATCH', `/api/devices/${mac}`, { name })).status, 200);
    await until('it is its name', async () => (await world.house.api.device(mac)).name === name);
    await world.page.goto(world.house.url);
    await world.page.getByRole('heading', { name }).waitFor();
    await assertHarmless(world);
  },

  async 'has it in groups and alarms'(world) {
    const { page, house } = world;
    const members = [{ mac, slot: 0 }];
    assert.equal((await house.api.send('PUT', `/api/groups/${encodeURIComponent(name)}`, { members })).status, 200);
    const rule = { device: mac, slot: 2, field: 'light_level', above: 1000 };
    assert.equal((await house.api.send('PUT', `/api/alarms/${encodeURIComponent(name)}`, rule)).status, 200);
    for (const where of ['Groups', 'Alarms']) {
      await page.getByRole('navigation').getByRole('link', { name: where }).click();
      await page.getByText(name).first().waitFor();
      await assertHarmless(world);
    }
  },
});
