// What people manage on the page, in a real Chromium against the real hub: groups, alarms, a broken module, keys.
import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { smallTargets } from '../../web/e2e/touch.mjs';
import { openPage, readCode } from './lib/browser.mjs';
import { House } from './lib/house.mjs';
import { story } from './lib/story.mjs';
import { until } from './lib/wait.mjs';

const temperature = 0;
const lamp = 1;
const macs = { hall: '5e:50:1a:20:00:01', porch: '5e:50:1a:20:00:02', spare: '5e:50:1a:20:00:03' };

async function setup() {
  const house = new House();
  await house.startHub('--pair', '60');
  await house.startRadio();
  const posts = [];
  const listener = createServer((request, response) => {
    let body = '';
    request.on('data', (data) => (body += data));
    request.on('end', () => {
      posts.push(JSON.parse(body));
      response.writeHead(204).end();
    });
  });
  await new Promise((resolve) => listener.listen(0, '127.0.0.1', resolve));
  const world = {
    house,
    posts,
    hook: `http://127.0.0.1:${listener.address().port}/alarm`,
    async node(key, name) {
      const kinds = ['--function', 'temperature', '--function', 'relay', '--mac', macs[key]];
      world[key] = await house.startNode('--name', name, ...kinds, '--settings', `${house.data}/${key}.settings`);
    },
    goTo: (page) => world.page.getByRole('navigation').getByRole('link', { name: page }).click(),
    async close() {
      listener.close();
      await world.browser?.close();
      await house.close();
    },
  };
  await world.node('hall', 'Hall');
  await world.node('porch', 'Porch');
  world.hall.say(`${temperature} 21.5`);
  world.browser = await openPage(house.url);
  world.page = world.browser.page;
  return world;
}

const tile = (world, name) => world.page.getByRole('article', { name, exact: true });
const part = (world, name) => world.page.getByRole('region', { name, exact: true });
/** Whatever can be tapped here on a phone is high enough for a finger. */
async function fitsFingers({ page }) {
  const desktop = page.viewportSize();
  await page.setViewportSize({ width: 390, height: 844 });
  assert.deepEqual(await smallTargets(page), []);
  await page.setViewportSize(desktop);
}
const gone = (locator) => locator.waitFor({ state: 'detached' });

/** Presses what asks once more, twice. */
async function pressTwice(within, name) {
  await within.getByRole('button', { name }).click();
  await within.getByRole('group').getByRole('button', { name }).click();
}

story('people manage their house on the page', setup, {
  async 'a group is made of what takes commands, and not without a member'(world) {
    const { page } = world;
    await world.goTo('Groups');
    await page.getByText('No groups yet').waitFor();
    await page.getByRole('button', { name: 'New group' }).click();
    const sheet = page.getByRole('dialog');
    await sheet.getByLabel('Name', { exact: true }).fill('All lamps');
    assert.equal(await sheet.getByRole('checkbox').count(), 2);
    await sheet.getByRole('button', { name: 'Save' }).click();
    await sheet.getByRole('alert').getByText('Choose at least one member.').waitFor();
    await sheet.getByLabel('Hall').check();
    await sheet.getByLabel('Porch').check();
    await sheet.getByRole('button', { name: 'Save' }).click();
    await tile(world, 'All lamps').getByText('2 members').waitFor();
  },

  async 'one tap tells every member, and each says what became of it'(world) {
    const lamps = tile(world, 'All lamps');
    // Held still, the porch can't answer.
    world.porch.signal('SIGSTOP');
    await lamps.getByRole('button', { name: 'On', exact: true }).click();
    await lamps.getByText('1 of 2 done · 1 waiting').waitFor();
    world.porch.signal('SIGCONT');
    await lamps.getByText('2 of 2 done').waitFor();
    assert.equal(await lamps.locator('.fate.executed').count(), 2);
    for (const name of ['Hall', 'Porch']) {
      await until(`${name} is lit`, async () => (await world.house.api.values(name, lamp)).on === 1);
    }
  },

  async 'a member that can not do it says why, the others do it'(world) {
    const members = [{ mac: macs.hall, slot: temperature }, { mac: macs.porch, slot: lamp }];
    assert.equal((await world.house.api.send('PUT', '/api/groups/Mixed', { members })).status, 200);
    // Made elsewhere, it is here all the same.
    const mixed = tile(world, 'Mixed');
    await mixed.getByRole('button', { name: 'Off', exact: true }).click();
    await mixed.getByText('This function takes no commands.').waitFor();
    await mixed.getByText('1 of 2 done · 1 not done').waitFor();
    await fitsFingers(world);
  },

  async 'a group is changed and deleted'(world) {
    const { page } = world;
    await tile(world, 'All lamps').getByRole('button', { name: 'Change' }).click();
    await page.getByRole('dialog').getByLabel('Porch').uncheck();
    await page.getByRole('dialog').getByRole('button', { name: 'Save' }).click();
    await tile(world, 'All lamps').getByText('1 member').waitFor();
    await pressTwice(tile(world, 'Mixed'), 'Delete');
    await gone(tile(world, 'Mixed'));
    const { groups } = await world.house.api.json('/api/groups');
    assert.deepEqual(groups, [{ name: 'All lamps', members: [{ mac: macs.hall, slot: lamp }] }]);
  },

  async 'a group is made and deleted by keyboard alone'(world) {
    const { page } = world;
    const press = async (...keys) => {
      for (const key of keys) await page.keyboard.press(key);
    };
    await page.getByRole('button', { name: 'New group' }).focus();
    await press('Enter');
    await page.getByRole('dialog').waitFor();
    await page.keyboard.type('By hand');
    await press('Tab', 'Space', 'Enter');
    await tile(world, 'By hand').waitFor();
    await gone(page.getByRole('dialog'));
    assert.equal(await page.evaluate(() => document.activeElement.textContent), 'New group');
    // What can't be taken back is not what Enter meets first.
    const ask = async () => {
      await tile(world, 'By hand').getByRole('button', { name: 'Delete' }).focus();
      await press('Enter');
      await tile(world, 'By hand').locator('button:focus', { hasText: 'Cancel' }).waitFor();
    };
    await ask();
    await press('Escape');
    await gone(tile(world, 'By hand').getByRole('group', { name: /^Delete/ }));
    await ask();
    await press('Shift+Tab', 'Enter');
    await gone(tile(world, 'By hand'));
  },

  async 'an alarm is made, and what is missing is said'(world) {
    const { page } = world;
    await world.goTo('Alarms');
    await page.getByText('No alarms yet').waitFor();
    await page.getByRole('button', { name: 'New alarm' }).click();
    const sheet = page.getByRole('dialog');
    await sheet.getByLabel('Name', { exact: true }).fill('Too warm');
    await sheet.getByLabel('Value to watch').selectOption(`${macs.hall}/${temperature}/temperature`);
    await sheet.getByLabel('Hold time').fill('0');
    await sheet.getByRole('button', { name: 'Save' }).click();
    await sheet.getByRole('alert').getByText('Give a limit').waitFor();
    await sheet.getByLabel('Above').fill('30');
    await sheet.getByLabel('Hysteresis').fill('2');
    await sheet.getByLabel('Webhook').fill(world.hook);
    await sheet.getByRole('button', { name: 'Save' }).click();
    await tile(world, 'Too warm').getByText('All well').waitFor();
    await tile(world, 'Too warm').getByText('above 30.00 °C').waitFor();
    await tile(world, 'Too warm').getByText('espial/+/alarm/Too warm').waitFor();
  },

  async 'it is raised on the page and at the webhook, and over again'(world) {
    const alarm = tile(world, 'Too warm');
    world.hall.say(`${temperature} 31.5`);
    await alarm.getByText('Raised', { exact: true }).waitFor();
    await world.page.getByRole('link', { name: 'Alarms 1' }).waitFor();
    await until('the webhook was called', () => world.posts.some(({ state }) => state === 'raised'));
    world.hall.say(`${temperature} 27`);
    await alarm.getByText('All well').waitFor();
    await alarm.getByText('27.00 °C').waitFor();
    await fitsFingers(world);
  },

  async 'whoever takes care of it is named on every open page, calmly'(world) {
    const { page } = world;
    const other = await page.context().browser().newPage({ locale: 'fr-FR' });
    await other.goto(`${world.house.url}/#alarms`);
    const elsewhere = other.getByRole('article', { name: 'Too warm', exact: true });
    await elsewhere.getByText('Tout va bien').waitFor();
    world.hall.say(`${temperature} 31.5`);
    await elsewhere.getByText('Déclenchée', { exact: true }).first().waitFor();
    await world.browser.banner('Too warm').and(page.locator('.bad')).waitFor();
    await tile(world, 'Too warm').getByRole('button', { name: 'I take care of it' }).click();
    await tile(world, 'Too warm').getByText('Acknowledged').waitFor();
    await tile(world, 'Too warm').getByText('somebody at the hub').waitFor();
    await elsewhere.getByText('une personne au serveur').waitFor();
    await world.browser.banner('Too warm').and(page.locator('.calm')).waitFor();
    await page.getByRole('link', { name: 'Alarms', exact: true }).waitFor();
    await until('the webhook knows', () => world.posts.at(-1).acknowledged?.by === 'local');
    world.hall.say(`${temperature} 27`);
    await elsewhere.getByText('Tout va bien').waitFor();
    await tile(world, 'Too warm').getByText('All well').waitFor();
    assert.equal(await tile(world, 'Too warm').getByText('somebody at the hub').count(), 0);
    world.other = { page: other, alarm: elsewhere };
  },

  async 'it is silenced for an hour and switched on again'(world) {
    const alarm = tile(world, 'Too warm');
    await until('the webhook knows', () => world.posts.at(-1).state === 'over');
    const told = world.posts.length;
    await alarm.getByRole('button', { name: 'Silence' }).click();
    await alarm.getByRole('group').getByRole('button', { name: '1 hour' }).click();
    await alarm.getByText(/^until .*\d:\d\d/).waitFor();
    await world.other.alarm.getByText(/^jusqu’au /).waitFor();
    world.hall.say(`${temperature} 35`);
    await alarm.getByText('Raised', { exact: true }).waitFor();
    await world.browser.banner('Too warm').and(world.page.locator('.calm')).waitFor();
    await alarm.getByRole('button', { name: 'Switch on again' }).click();
    await until('the webhook is called', () => world.posts.length > told);
    assert.equal(world.posts[told].value, 35);
    await world.other.alarm.getByText(/^jusqu’au /).waitFor({ state: 'detached' });
    await world.other.page.close();
    world.hall.say(`${temperature} 27`);
    await alarm.getByText('All well').waitFor();
  },

  async 'it is changed in its form and deleted'(world) {
    const alarm = tile(world, 'Too warm');
    await alarm.getByRole('button', { name: 'Change' }).click();
    const sheet = world.page.getByRole('dialog');
    assert.equal(await sheet.getByLabel('Above').inputValue(), '30');
    await sheet.getByLabel('Below').fill('-5');
    await sheet.getByRole('button', { name: 'Save' }).click();
    await alarm.getByText('below −5.00 °C').waitFor();
    const [{ above, below, hysteresis }] = (await world.house.api.json('/api/alarms')).alarms;
    assert.deepEqual([above, below, hysteresis], [30, -5, 2]);
    await pressTwice(alarm, 'Delete');
    await world.page.getByText('No alarms yet').waitFor();
  },

  async 'a new board takes the place of a broken one on its page'(world) {
    const { page, house } = world;
    await world.node('spare', 'Spare');
    await world.goTo('Modules');
    await page.getByRole('link', { name: 'Hall: details' }).click();
    await part(world, 'Replace a broken board').getByText('While this module is online').waitFor();
    assert.equal(await world.hall.stop(), 0);
    const replace = part(world, 'Replace a broken board');
    await replace.getByText('Kept: the name “Hall”, all titles and history').waitFor();
    await replace.getByLabel('New board').selectOption(macs.spare);
    await replace.getByRole('button', { name: 'Replace' }).click();
    await replace.getByText('“Spare” becomes “Hall”').waitFor();
    await fitsFingers(world);
    await replace.getByRole('group').getByRole('button', { name: 'Replace' }).click();
    await page.waitForURL(({ hash }) => hash === `#module/${macs.spare}`);
    await page.getByRole('heading', { name: 'Hall' }).waitFor();
    assert.equal((await house.api.device('Hall')).mac, macs.spare);
    assert.deepEqual((await house.api.json('/api/groups')).groups[0].members, [{ mac: macs.spare, slot: lamp }]);
  },

  async 'whoever manages the network says who may join'(world) {
    const { house } = world;
    await world.goTo('Network');
    const joining = part(world, 'Joining');
    await joining.getByLabel('New modules').selectOption('approval');
    await joining.getByText('New modules wait here until somebody approves').waitFor();
    assert.equal((await house.api.json('/api/keys')).policy, 'approval');
    await fitsFingers(world);
    await joining.getByText('0 module IDs may always join').click();
    await joining.getByLabel('Module IDs').fill('7, 900');
    await joining.getByRole('button', { name: 'Save' }).click();
    await joining.getByRole('alert').getByText('Write whole numbers').waitFor();
    await joining.getByLabel('Module IDs').fill('7, 9');
    await joining.getByRole('button', { name: 'Save' }).click();
    await joining.getByText('2 module IDs may always join').waitFor();
    assert.deepEqual((await house.api.json('/api/keys')).modules, [7, 9]);
  },

  async 'a label is drawn, shown once and made void'(world) {
    const labels = part(world, 'Labels');
    await labels.getByText('Draw keys for labels').first().click();
    await labels.getByLabel('Addresses of the boards').fill('5e:50:1a:20:00:09');
    await labels.getByRole('button', { name: 'Draw keys for labels' }).click();
    await labels.getByText(/^ESPIAL:1:5E501A200009:[A-Z2-7]{52}$/).waitFor();
    const text = await labels.getByText(/^ESPIAL:/).innerText();
    const code = labels.getByRole('img', { name: 'Code of the label of 5e:50:1a:20:00:09' });
    assert.equal(await readCode(code), text);
    await labels.getByRole('button', { name: 'I have it' }).click();
    await gone(labels.getByText(/^ESPIAL:/));
    await gone(code);
    await labels.getByText('5e:50:1a:20:00:09 may join with the key on its label').waitFor();
    await pressTwice(labels, 'Make void');
    await gone(labels.getByText('5e:50:1a:20:00:09 may join'));
  },

  async 'the network key is changed'(world) {
    const key = part(world, 'Network key');
    await pressTwice(key, 'Change the key');
    await key.getByText(/being changed|Generation 1/).waitFor();
    // Modules renew theirs when they have something to say.
    for (const node of [world.porch, world.spare]) node.say(`${temperature} 20.5`);
    await key.getByText('Generation 1 is in force.').waitFor();
    assert.equal((await world.house.api.json('/api/keys')).key.generation, 1);
  },

  async 'a module is revoked on its page and found again on the network’s'(world) {
    const { page, house } = world;
    await world.goTo('Modules');
    await page.getByRole('link', { name: 'Porch: details' }).click();
    await pressTwice(part(world, 'Key'), 'Revoke');
    await part(world, 'Key').getByText('This module is revoked').waitFor();
    assert.deepEqual((await house.api.json('/api/keys')).revoked, [macs.porch]);
    await world.goTo('Network');
    await part(world, 'Lost and stolen').getByRole('button', { name: 'Found again' }).click();
    await until('nobody is revoked', async () => (await house.api.json('/api/keys')).revoked.length === 0);
  },

  async 'a module that is gone for good is forgotten on its page'(world) {
    const { page, house } = world;
    assert.equal(await world.porch.stop(), 0);
    await page.goto(`${house.url}/#module/${macs.porch}`);
    const forget = part(world, 'Forget this module');
    await forget.getByLabel('Erase what it has measured, too').check();
    await forget.getByRole('button', { name: 'Forget' }).click();
    await forget.getByText('Forget Porch and erase all that it has measured?').waitFor();
    await forget.getByRole('group').getByRole('button', { name: 'Forget' }).click();
    await page.waitForURL(({ hash }) => hash === '#modules');
    await page.getByRole('link', { name: 'Hall: details' }).waitFor();
    await page.getByRole('article', { name: 'Porch' }).waitFor({ state: 'detached' });
    assert.equal(await house.api.device(macs.porch), undefined);
  },

  async 'without accounts there is no page for them'(world) {
    await world.page.goto(`${world.house.url}/#access`);
    await world.page.getByText('Start it with --lan or --require-login').waitFor();
    assert.equal(await world.page.getByRole('link', { name: 'Access' }).count(), 0);
  },
});
