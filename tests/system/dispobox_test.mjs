// S1's box nodes on TCP, from their answers to the floors on the page and to S1's own applications.
import assert from 'node:assert/strict';
import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { BoxNode } from './lib/box_node.mjs';
import { openPage } from './lib/browser.mjs';
import { House } from './lib/house.mjs';
import { freePort } from './lib/ports.mjs';
import { story } from './lib/story.mjs';
import { until } from './lib/wait.mjs';

const always = Object.fromEntries(['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'].map((day) => [day, ['00:00-24:00']]));
const never = Object.fromEntries(Object.keys(always).map((day) => [day, []]));

async function setup() {
  const house = new House();
  const port = await freePort();
  await house.startHub('--dispobox', `127.0.0.1:${port}`);
  const world = {
    house,
    port,
    async boxes() {
      const answer = await house.api.json('/dispobox/?action=getAllBoxes');
      assert.equal(answer.code, 0);
      return Object.fromEntries(answer.data.map(({ id, state }) => [id, state]));
    },
    async close() {
      world.node?.socket.destroy();
      await world.browser?.close();
      await house.close();
    },
  };
  return world;
}

story('boxes are red, green or grey', setup, {
  async 'the hours are refused with words, and taken while the hub runs'({ house }) {
    const bad = await house.api.send('PUT', '/api/dispobox/hours', { week: { mon: ['9-21'] } });
    assert.equal(bad.status, 422);
    assert.match((await bad.json()).error, /week\.mon.*09:00-12:00/);
    const good = await house.api.send('PUT', '/api/dispobox/hours', { zone: 'Europe/Paris', week: always });
    assert.equal(good.status, 200);
    assert.deepEqual((await house.api.json('/api/dispobox/hours')).week.sat, ['00:00-24:00']);
  },

  async 'the hours are told and changed by command'({ house }) {
    const hours = async (...words) => house.command('hours', ...words);
    const done = async (...words) => {
      const { code, out, err } = await hours(...words);
      assert.equal(code, 0, err);
      return out.split('\n');
    };
    assert.deepEqual((await done('list')).slice(0, 2), ['zone        Europe/Paris', 'mon         00:00-24:00']);
    await done('set', 'sat-mon', '09:00-12:00', '13:30-18:00');
    await done('set', '2026-12-25', 'closed');
    await done('set', 'tue', 'closed');
    assert.deepEqual(await done('zone', 'Pacific/Auckland'), ['zone        Pacific/Auckland', 'mon         09:00-12:00 13:30-18:00',
      'tue         closed', 'wed         00:00-24:00', 'thu         00:00-24:00', 'fri         00:00-24:00',
      'sat         09:00-12:00 13:30-18:00', 'sun         09:00-12:00 13:30-18:00', '2026-12-25  closed']);
    assert.deepEqual(JSON.parse((await hours('list', '--json')).out), await house.api.json('/api/dispobox/hours'));
    const back = await done('remove', 'sat-tue');
    assert.deepEqual(back.slice(1, 3), ['mon         09:00-21:00', 'tue         09:00-21:00']);
    assert.deepEqual(back.slice(6, 8), ['sat         closed', 'sun         closed']);
    assert.equal((await done('remove', '2026-12-25')).length, 8);
    assert.match((await done('zone', ''))[0], /^zone +that of the hub$/);
    for (const [words, advice] of [
      [['set', 'monday', '09:00-12:00'], /there is no day "monday"; write mon, .* or a date as 2026-12-25/],
      [['set', 'mon', '9-21'], /week\.mon: write a list of hours, as \["09:00-12:00"/],
      [['set', 'mon', 'closed', '09:00-12:00'], /week\.mon: write a list of hours/],
      [['set', '2026-13-01', 'closed'], /"2026-13-01" is no date; write it as 2026-12-25/],
      [['remove', '2026-12-25'], /2026-12-25 has no hours of its own; `espial hours list`/],
      [['remove', 'someday'], /there is no day "someday"/],
      [['zone', 'Mars/Olympus'], /no zone "Mars\/Olympus"; write one as Europe\/Paris/],
    ]) {
      const { code, err } = await hours(...words);
      assert.equal(code, 1, words.join(' '));
      assert.match(err, advice);
    }
    assert.match((await hours('set', '--help')).out, /09:00-12:00 13:30-18:00.*closed/);
    assert.match((await house.command('audit')).out, /dispobox\.hours/);
    assert.equal((await house.api.send('PUT', '/api/dispobox/hours', { zone: 'Europe/Paris', week: always })).status, 200);
  },

  async 'a node is asked, and its boxes stand on their floors'(world) {
    world.browser = await openPage(world.house.url);
    world.node = new BoxNode(world.port, '411420610');
    await until('three boxes are known', async () => Object.keys(await world.boxes()).length === 4);
    assert.equal(world.node.asked[0], 'datas');
    const { page } = world.browser;
    await page.locator('.storey', { hasText: 'Floor 4' }).locator('[data-box="42"].free').waitFor();
    await page.locator('.storey', { hasText: 'Floor 6' }).locator('[data-box="61"].free').waitFor();
    await page.locator('[data-box="41"].occupied').waitFor();
    assert.deepEqual(await world.boxes(), { 0: 0, 41: 1, 42: 0, 61: 0 });
  },

  async 'a box is renamed on the page, and applications see it'(world) {
    const { page } = world.browser;
    await page.getByRole('button', { name: 'Names' }).click();
    const details = page.getByRole('link', { name: '42', exact: true });
    assert.equal(await details.getAttribute('href'), '#module/02:53:31:00:00:2a');
    await page.getByRole('button', { name: 'Rename 42' }).click();
    await page.getByLabel('Name of the module').fill('Salle Ada');
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'Salle Ada' }).waitFor();
    const answer = await (await world.house.api.get('/dispobox/?action=getAllBoxes')).text();
    assert.ok(answer.includes('{"id":"42","state":0,"name":"Salle Ada"}'), answer);
    await page.getByRole('button', { name: 'Names' }).click();
  },

  async 'the hours are changed on the page, in every language'(world) {
    const { page } = world.browser;
    const part = (name) => page.getByRole('region', { name, exact: true });
    const hours = () => world.house.api.json('/api/dispobox/hours');
    await page.getByRole('navigation').getByRole('link', { name: 'Hours' }).click();
    const week = part('Every week');
    assert.equal(await week.getByLabel('Monday').inputValue(), '00:00-24:00');
    assert.equal(await week.getByLabel('Time zone').inputValue(), 'Europe/Paris');
    await week.getByLabel('Tuesday').fill('9-21');
    await week.getByRole('button', { name: 'Save' }).click();
    await week.getByRole('alert').getByText('Tuesday: write up to four spans').waitFor();
    await week.getByLabel('Tuesday').fill('9:00 - 12:00, 13:30-18:00');
    await week.getByLabel('Sunday').fill('');
    await week.getByLabel('Time zone').fill('Mars/Olympus');
    await week.getByRole('alert').getByText('There is no time zone “Mars/Olympus”').waitFor();
    await week.getByLabel('Time zone').fill('Pacific/Auckland');
    await week.getByRole('button', { name: 'Save' }).click();
    await week.getByText('Saved.').waitFor();
    const saved = await hours();
    assert.equal(saved.zone, 'Pacific/Auckland');
    assert.deepEqual([saved.week.mon, saved.week.tue, saved.week.sun], [['00:00-24:00'], ['09:00-12:00', '13:30-18:00'], []]);
    const single = part('Single days');
    await single.getByText('Add a day').click();
    await single.getByLabel('Day', { exact: true }).fill('2026-12-25');
    await single.getByRole('button', { name: 'Save' }).click();
    await single.getByText(/December.* 2026 · closed/).waitFor();
    assert.deepEqual(await hours(), { ...saved, exceptions: { '2026-12-25': [] } });
    await single.getByRole('button', { name: 'Remove' }).click();
    await single.getByText('2026').waitFor({ state: 'detached' });
    assert.deepEqual(await hours(), saved);
    for (const [language, monday] of [['fr', 'Lundi'], ['ru', 'Понедельник'], ['en', 'Monday']]) {
      await page.getByRole('banner').getByRole('combobox').selectOption(language);
      await page.getByLabel(monday).waitFor();
    }
    await page.getByRole('navigation').getByRole('link', { name: 'Modules' }).click();
    assert.equal((await world.house.api.send('PUT', '/api/dispobox/hours', { zone: 'Europe/Paris', week: always })).status, 200);
  },

  async 'while the site is closed nodes sleep, and their boxes are grey'(world) {
    await world.house.api.send('PUT', '/api/dispobox/hours', { week: never });
    await until('the node is asleep', () => world.node.closed);
    assert.match(world.node.asked.at(-1), /^\d+$/);
    await world.browser.page.locator('[data-box="41"].unknown').waitFor();
    assert.deepEqual(await world.boxes(), { 0: -1, 41: -1, 42: -1, 61: -1 });
    assert.equal((await world.house.api.device('41')).functions.find(({ kind }) => kind === 'battery').values.level, 12);
  },

  async 'a hub that starts again remembers names and hours, and claims nothing'(world) {
    await world.house.hub.stop();
    await world.house.startHub('--dispobox', `127.0.0.1:${world.port}`);
    assert.deepEqual((await world.house.api.json('/api/dispobox/hours')).week.mon, []);
    assert.equal((await world.house.api.device('Salle Ada')).online, false);
    assert.equal((await world.boxes())['41'], -1);
  },

  async 'an unknown action is an error in the form that applications read'({ house }) {
    assert.ok((await house.api.json('/dispobox/?action=x')).code < 0);
  },

  async 'a box is renamed also while nobody listens for nodes'({ house }) {
    await house.hub.stop();
    await house.startHub();
    const { mac } = await house.api.device('Salle Ada');
    const renamed = await house.api.send('PATCH', `/api/devices/${mac}`, { name: 'Salle Grace' });
    assert.equal(renamed.status, 200, await renamed.text());
    await house.hub.stop();
    await house.startHub();
    assert.equal((await house.api.device('Salle Grace')).protocol, 's1');
  },
});

story('a hub without DispoBox says how to switch it on', setup, {
  async 'applications are told, and so is a person with a wrong option'(world) {
    await world.house.hub.stop();
    await world.house.startHub();
    const answer = await world.house.api.json('/dispobox/?action=getAllBoxes');
    assert.ok(answer.code < 0);
    assert.match(answer.message, /--dispobox/);
    const refused = async (words, ...options) => {
      const hub = world.house.start('hub', ['hub', '--data', join(world.house.data, 'none'), ...options]);
      assert.notEqual(await hub.ended, 0);
      assert.match(hub.tail(), words);
      world.house.programs.splice(world.house.programs.indexOf(hub), 1);
    };
    await refused(/needs --dispobox/, '--dispobox-database', 'x');
    const login = join(world.house.data, 'login');
    writeFileSync(login, 'db=dispobox user=box password=SECRET host=127.0.0.1\n');
    chmodSync(login, 0o644); // whatever the umask leaves
    await refused(/run: chmod 600 .*login/, '--port', '0', '--broker-port', '0', '--websockets-port', '0',
      '--dispobox', `127.0.0.1:${world.port}`, '--dispobox-database', login);
  },
});
