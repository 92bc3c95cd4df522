// Who sees and may do what on the page of a hub on the network: in a real Chromium, by TLS.
import assert from 'node:assert/strict';
import { openPage } from './lib/browser.mjs';
import { House } from './lib/house.mjs';
import { freePort } from './lib/ports.mjs';
import { story } from './lib/story.mjs';

const password = 'correct horse';

async function setup() {
  const house = new House();
  await house.startHub('--lan', '--mqtt-tls-port', String(await freePort()), '--pair', '10');
  const url = house.url.replace('http:', 'https:');
  const world = {
    house,
    async logIn(name) {
      const { page } = world;
      await page.context().clearCookies();
      await page.goto(`${url}/#modules`);
      await page.reload();
      await page.getByLabel('Name', { exact: true }).fill(name);
      await page.getByLabel('Password', { exact: true }).fill(password);
      await page.getByRole('button', { name: 'Log in' }).click();
      await page.getByText('No modules yet').waitFor();
    },
    pages: () => world.page.getByRole('navigation').getByRole('link').allInnerTexts(),
    async close() {
      await world.browser?.close();
      await house.close();
    },
  };
  for (const [name, role] of [['ada', 'admin'], ['otto', 'operator'], ['vera', 'viewer']]) {
    assert.equal((await house.api.send('POST', '/api/accounts', { name, role, password })).status, 200);
  }
  const members = [{ mac: '5e:50:1a:20:00:01', slot: 0 }];
  assert.equal((await house.api.send('PUT', '/api/groups/Lamps', { members })).status, 200);
  const webhook = 'https://127.0.0.1/a-secret-of-its-own';
  const rule = { device: '5e:50:1a:20:00:01', slot: 0, field: 'temperature', above: 30, hold_s: 5, webhook };
  assert.equal((await house.api.send('PUT', '/api/alarms/Warm', rule)).status, 200);
  // The hub's own authority is nobody that this browser knows.
  world.browser = await openPage('about:blank', { ignoreHTTPSErrors: true });
  world.page = world.browser.page;
  return world;
}

const part = (world, name) => world.page.getByRole('region', { name, exact: true });

story('each role has its pages', setup, {
  async 'an admin gives a program a user at the broker, shown once'(world) {
    await world.logIn('ada');
    assert.deepEqual(await world.pages(), ['Modules', 'Groups', 'Alarms', 'Network', 'Access']);
    await world.page.getByRole('link', { name: 'Access' }).click();
    const users = part(world, 'Users of the broker');
    await users.getByText('New user').first().click();
    await users.getByLabel('Name', { exact: true }).fill('logger');
    await users.getByLabel('May write').fill('/device/+/set');
    await users.getByRole('button', { name: 'New user' }).click();
    await users.getByText('It is shown this once.').waitFor();
    const [name, secret, clientId] = await users.locator('.secret code').allInnerTexts();
    assert.equal(name, 'logger');
    assert.match(secret, /^[\w-]{43}$/);
    assert.match(clientId, /^logger-[\w-]{16}$/);
    await users.getByRole('button', { name: 'I have it' }).click();
    await users.getByText('writes /device/+/set').waitFor();
    assert.deepEqual(await world.house.api.json('/api/broker-users'), [
      { name: 'logger', gateway: false, reads: ['/device/#'], writes: ['/device/+/set'] },
    ]);
  },

  async 'a gateway is named by its address'(world) {
    const users = part(world, 'Users of the broker');
    await users.getByText('New user').first().click();
    await users.getByLabel('It is').selectOption('gateway');
    await users.getByLabel('Address of the gateway').fill('5e:50:1a:01:00');
    await users.getByRole('button', { name: 'New user' }).click();
    await users.getByRole('alert').getByText('Write an address').waitFor();
    await users.getByLabel('Address of the gateway').fill('5E-50-1A-01-00-02');
    await users.getByRole('button', { name: 'New user' }).click();
    await users.getByRole('region', { name: 'The broker’s user gateway-5e501a010002' }).waitFor();
  },

  async 'a user is removed, and the log says who did it'(world) {
    const users = part(world, 'Users of the broker');
    const logger = users.getByRole('listitem').filter({ hasText: 'logger' });
    await logger.getByRole('button', { name: 'Remove' }).click();
    await logger.getByRole('group').getByRole('button', { name: 'Remove' }).click();
    await logger.waitFor({ state: 'detached' });
    const log = part(world, 'Who did what');
    await log.getByRole('button', { name: 'Look again' }).click();
    await log.getByLabel('Search names').fill('logger');
    const rows = log.getByRole('listitem');
    await rows.filter({ hasText: 'broker_user.remove' }).waitFor();
    assert.equal(await rows.count(), 2);
    assert.match(await rows.first().innerText(), /ada/);
  },

  async 'an admin sees where an alarm is told'(world) {
    await world.page.getByRole('link', { name: 'Alarms' }).click();
    await world.page.getByText('a-secret-of-its-own').waitFor();
  },

  async 'an operator changes groups and looks at alarms'(world) {
    await world.logIn('otto');
    assert.deepEqual(await world.pages(), ['Modules', 'Groups', 'Alarms']);
    await world.page.getByRole('link', { name: 'Groups' }).click();
    await world.page.getByRole('article', { name: 'Lamps' }).getByRole('button', { name: 'Change' }).waitFor();
    await world.page.getByRole('link', { name: 'Alarms' }).click();
    await world.page.getByRole('article', { name: 'Warm' }).waitFor();
    assert.equal(await world.page.getByText('a-secret-of-its-own').count(), 0);
    assert.deepEqual(await world.page.locator('main').getByRole('button').allInnerTexts(), ['Silence']);
  },

  async 'a viewer looks'(world) {
    await world.logIn('vera');
    assert.deepEqual(await world.pages(), ['Modules', 'Groups', 'Alarms']);
    for (const [page, article] of [['Groups', 'Lamps'], ['Alarms', 'Warm']]) {
      await world.page.getByRole('link', { name: page }).click();
      await world.page.getByRole('article', { name: article }).waitFor();
      assert.equal(await world.page.locator('main').getByRole('button').count(), 0, page);
    }
    const refused = await world.page.evaluate(async () => {
      const headers = { 'Content-Type': 'application/json' };
      const ask = (part) => fetch(`/api/alarms/Warm/${part}`, { method: 'PUT', headers, body: '{}' });
      return Promise.all(['silence', 'acknowledgement'].map(async (part) => (await ask(part)).status));
    });
    assert.deepEqual(refused, [403, 403]);
    await world.page.evaluate(() => (location.hash = '#access'));
    await world.page.getByText('This page is for admins.').waitFor();
  },
});
