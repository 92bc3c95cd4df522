/** What a person does with the page. Each test has a fixture and a browser page of its own. */
import assert from 'node:assert/strict';
import { smallTargets } from './touch.mjs';

const phone = { viewport: { width: 360, height: 800 }, hasTouch: true, deviceScaleFactor: 2 };

const card = (page, name) => page.locator(`article[aria-label="${name}"]`);
const seen = (locator) => locator.waitFor({ state: 'visible' });
const gone = (locator) => locator.waitFor({ state: 'detached' });

async function noSidewaysScroll(page) {
  const [scroll, width] = await page.evaluate(() => [document.documentElement.scrollWidth, innerWidth]);
  assert.ok(scroll <= width, `the page is ${scroll} px wide on a screen of ${width} px`);
}

export const tests = [
  {
    name: 'shows a card for each module, with values, units and ages',
    async run({ page, shoot }) {
      assert.equal(await page.locator('article').count(), 24);
      await seen(page.getByText('23 of 24 modules online'));
      await seen(card(page, 'Living room').getByText('21.63 °C'));
      await seen(card(page, 'Living room').getByText('Online'));
      await seen(card(page, 'Garden shed').getByText('Offline'));
      assert.equal(await card(page, 'Garden shed').locator('.function.stale').count(), 2);
      await seen(card(page, 'Garden shed').getByText('3h ago').first());
      await seen(card(page, 'Wine cellar').getByText(/^40 ?m(in)? ago$/).first());
      assert.equal(await card(page, 'Wine cellar').locator('.function.stale').count(), 0, 'it reports once an hour');
      await noSidewaysScroll(page);
      await shoot('desktop');
    },
  },
  {
    name: 'a waiting module is let in, and the door opened for others',
    async run({ page, shoot }) {
      const panel = page.locator('details.keys');
      await seen(panel.getByText('1 module waits'));
      await seen(panel.getByText('02:00:00:00:00:77 wants to join'));
      await panel.getByRole('button', { name: 'Let modules join for 2 minutes' }).click();
      await seen(panel.getByRole('button', { name: 'Close' }));
      await shoot('keys');
      await panel.getByRole('button', { name: 'Approve' }).click();
      await gone(panel.getByText('wants to join'));
      await noSidewaysScroll(page);
    },
  },
  {
    name: 'a switch changes only when the module says so',
    async run({ page, fixture, shoot }) {
      const lamp = card(page, 'Lamp desk');
      const control = lamp.getByRole('switch');
      assert.equal(await control.getAttribute('aria-checked'), 'true');
      await control.focus();
      await page.keyboard.press('Space');
      await seen(lamp.getByText('sent…'));
      assert.equal(await control.getAttribute('aria-checked'), 'true');
      assert.ok(await control.evaluate((button) => button === document.activeElement), 'the keyboard stays where it was');
      await shoot('sent');
      await fixture.tell('step');
      await seen(lamp.locator('[role=switch][aria-checked=false]'));
      await seen(lamp.getByText('Off', { exact: true }));
      await gone(lamp.getByText('sent…'));
    },
  },
  {
    name: 'a refused and an unanswered command say so',
    async run({ page, fixture, shoot }) {
      const stubborn = card(page, 'Lamp stubborn');
      await stubborn.getByRole('switch').click();
      await seen(stubborn.getByText('sent…'));
      await fixture.tell('step');
      await seen(stubborn.getByText('This lamp never does what it is told.'));
      assert.equal(await stubborn.getByRole('switch').getAttribute('aria-checked'), 'false');
      const porch = card(page, 'Lamp porch');
      await porch.getByRole('switch').click();
      await seen(porch.getByText('sent…'));
      await fixture.tell('expire');
      await seen(porch.getByText('No answer.'));
      await shoot('refused');
    },
  },
  {
    name: 'a set point is asked for in half degrees and sent once',
    async run({ page, fixture }) {
      const radiator = card(page, 'Radiator hall');
      const posted = [];
      page.on('request', (request) => {
        if (request.method() === 'POST') posted.push(request.postDataJSON());
      });
      const raise = radiator.getByRole('button', { name: 'Raise Set point' });
      // However long the second click takes, it comes soon.
      await page.clock.install();
      await page.clock.pauseAt(Date.now() + 1_000);
      await raise.click();
      await raise.click();
      await page.clock.resume();
      await seen(radiator.locator('output', { hasText: '22.0 °C' }));
      await seen(radiator.getByText('sent…'));
      assert.deepEqual(posted, [{ slot: 0, values: { set_point: 22 } }]);
      await fixture.tell('step');
      await seen(radiator.locator('output:not(.asked)', { hasText: '22.0 °C' }));
    },
  },
  {
    name: 'a tap on a value shows its last day',
    async run({ page, shoot }) {
      await card(page, 'Living room').getByRole('button', { name: /Temperature/ }).click();
      const dialog = page.getByRole('dialog');
      await seen(dialog.locator('canvas'));
      await seen(dialog.getByText('Least'));
      await seen(dialog.getByRole('button', { name: 'Day', pressed: true }));
      await shoot('history');
      await dialog.getByRole('button', { name: 'Week' }).click();
      await seen(dialog.getByRole('button', { name: 'Week', pressed: true }));
      await seen(dialog.locator('canvas'));
      await page.keyboard.press('Escape');
      await gone(dialog);
      await card(page, 'Letter box').getByRole('button', { name: /Contact/ }).click();
      await seen(page.getByText('Nothing was stored in this time.'));
    },
  },
  {
    name: 'any day of the past can be looked at, however long it is',
    options: { timezoneId: 'Europe/Paris' },
    async run({ page, shoot }) {
      await card(page, 'Living room').getByRole('button', { name: /Temperature/ }).click();
      const dialog = page.getByRole('dialog');
      await seen(dialog.getByText('Latest'));
      // On that day clocks were put forward.
      const asked = page.waitForRequest((request) => request.url().includes('/history?') && request.url().includes('from=1679785200000'));
      await dialog.getByLabel('Day shown').fill('2023-03-26');
      const { searchParams } = new URL((await asked).url());
      assert.equal(Number(searchParams.get('to')) - Number(searchParams.get('from')), 23 * 3_600_000);
      await seen(dialog.getByText(/Mar 26, 2023.*Mar 27, 2023/));
      await gone(dialog.getByText('Latest'));
      assert.equal(await dialog.getByRole('button', { pressed: true }).count(), 0);
      await shoot('history_of_a_day');
      await dialog.getByRole('button', { name: 'Week' }).click();
      await seen(dialog.getByRole('button', { name: 'Week', pressed: true }));
      assert.equal(await dialog.getByLabel('Day shown').inputValue(), '');
    },
  },
  {
    name: 'a module is renamed in place, and a bad name is explained',
    async run({ page, shoot }) {
      const pump = page.locator('article[data-mac="24:6f:28:3a:10:0e"]');
      await pump.getByRole('button', { name: 'Rename Pump' }).click();
      const input = pump.getByLabel('Name of the module');
      await input.fill('a;b');
      await input.press('Enter');
      await seen(pump.getByRole('alert'));
      await shoot('bad_name');
      await input.fill('Well pump');
      await input.press('Enter');
      await seen(page.getByRole('heading', { name: 'Well pump' }));
      await page.reload();
      await seen(page.getByRole('heading', { name: 'Well pump' }));
    },
  },
  {
    name: 'says why the hub refuses, in the language of the page',
    async run({ page, fixture }) {
      await page.getByLabel('Language').selectOption('fr');
      const pump = page.locator('article[data-mac="24:6f:28:3a:10:0e"]');
      await pump.getByRole('button', { name: 'Renommer Pump' }).click();
      const input = pump.getByLabel('Nom du module');
      await input.fill('Freezer');
      await input.press('Enter');
      await seen(pump.getByText('Un autre module porte déjà ce nom.'));
      await page.getByLabel('Langue').selectOption('ru');
      await seen(pump.getByText('Это имя уже занято другим модулем.'));
      await fixture.tell('broker off');
      await card(page, 'Lamp desk').getByRole('switch').click();
      await seen(card(page, 'Lamp desk').getByText('Брокер сейчас не принимает сообщения. Повторите.'));
      await fixture.tell('broker on');
      await fixture.tell('store off');
      await seen(page.getByText('Сервер не может сохранять показания. Для базы данных не осталось места'));
      await page.getByLabel('Язык').selectOption('en');
      await seen(page.getByText('The hub can’t store readings. There is no space left for the database'));
      await fixture.tell('store on');
      await gone(page.locator('.banner'));
    },
  },
  {
    name: 'says when the hub is away, and comes back by itself',
    async run({ page, fixture, shoot }) {
      await fixture.tell('hub off');
      await seen(page.getByText('The hub is away.'));
      await seen(page.getByText('No connection'));
      await shoot('hub_away');
      await fixture.tell('hub on');
      await seen(page.getByText('Live', { exact: true }));
      await gone(page.getByText('The hub is away.'));
    },
  },
  {
    name: 'says when the broker is away or a gateway silent',
    async run({ page, fixture, shoot }) {
      await fixture.tell('gateway off');
      await seen(page.getByText('A gateway has no uplink: 01:5D.'));
      await shoot('gateway_away');
      await fixture.tell('broker off');
      await seen(page.getByText('The hub has lost its broker.'));
      await fixture.tell('broker on');
      await fixture.tell('gateway on');
      await gone(page.locator('.banner'));
    },
  },
  {
    name: 'searches, filters and speaks three languages',
    async run({ page }) {
      await page.getByRole('searchbox').fill('кабинет');
      await gone(card(page, 'Living room'));
      assert.equal(await page.locator('article').count(), 1);
      await page.getByRole('searchbox').fill('');
      await page.getByRole('button', { name: '1 offline' }).click();
      await gone(card(page, 'Living room'));
      assert.equal(await page.locator('article').count(), 1);
      await page.getByLabel('Language').selectOption('ru');
      await seen(page.getByText('Не в сети', { exact: true }));
      await page.reload();
      await seen(card(page, 'Living room').getByText('21,63 °C'));
      await page.getByLabel('Язык').selectOption('fr');
      await seen(card(page, 'Living room').getByText('Température'));
      assert.equal(await page.evaluate(() => document.documentElement.lang), 'fr');
    },
  },
  {
    name: 'can be used by keyboard alone',
    async run({ page, fixture }) {
      const control = card(page, 'Coffee machine').getByRole('switch');
      await control.focus();
      await page.keyboard.press('Space');
      await seen(card(page, 'Coffee machine').getByText('sent…'));
      await fixture.tell('step');
      await seen(card(page, 'Coffee machine').locator('[role=switch][aria-checked=true]'));
      await card(page, 'Freezer').getByRole('button', { name: /Temperature/ }).focus();
      await page.keyboard.press('Enter');
      await seen(page.getByRole('dialog'));
    },
  },
  {
    name: 'shows the names of modules and functions whole, in four columns too',
    options: { locale: 'ru-RU' },
    async run({ page }) {
      const name = 'Radiator of the north hall 12';
      await page.evaluate(
        (wanted) =>
          fetch('/api/devices/24:6f:28:3a:10:0e', {
            method: 'PATCH',
            headers: { 'content-type': 'application/json' },
            body: JSON.stringify({ name: wanted }),
          }),
        name,
      );
      await seen(card(page, name));
      const cut = await page
        .locator('.title-text, .what .name')
        .evaluateAll((all) => all.filter((one) => one.scrollWidth > one.clientWidth).map((one) => one.textContent));
      assert.deepEqual(cut, []);
    },
  },
  {
    name: 'modules lie as a list too, by the keyboard, and the browser remembers it',
    async run({ page, shoot }) {
      const list = page.getByRole('button', { name: 'As a list' });
      const places = () => page.locator('.cards article').evaluateAll((all) =>
        all.map((one) => one.getBoundingClientRect()).map(({ left, top, bottom }) => ({ left, top, bottom })));
      const areBelowEachOther = (all) => all.every((one, i) => i === 0 || (one.left === all[0].left && one.top >= all[i - 1].bottom));
      assert.ok(!areBelowEachOther(await places()));
      await list.focus();
      await page.keyboard.press('Enter');
      assert.equal(await list.getAttribute('aria-pressed'), 'true');
      assert.ok(areBelowEachOther(await places()));
      await seen(card(page, 'Living room').getByText('21.63 °C'));
      await noSidewaysScroll(page);
      await shoot('list');
      await page.reload();
      await page.locator('article').first().waitFor();
      assert.ok(areBelowEachOther(await places()));
      await page.setViewportSize(phone.viewport);
      await noSidewaysScroll(page);
      await shoot('list_phone');
      await page.setViewportSize({ width: 1280, height: 900 });
      await list.click();
      assert.equal(await list.getAttribute('aria-pressed'), 'false');
      assert.ok(!areBelowEachOther(await places()));
    },
  },
  {
    name: 'the keyboard stays on what it pressed while that is under way, and presses it once',
    async run({ page }) {
      let letOn;
      const held = new Promise((resolve) => (letOn = resolve));
      let asked = 0;
      await page.route('**/api/keys/**', async (route) => {
        asked++;
        await held;
        await route.continue();
      });
      const isFocused = (locator) => locator.evaluate((element) => element === document.activeElement);
      const panel = page.locator('details.keys');
      await panel.getByRole('button', { name: 'Let modules join for 2 minutes' }).focus();
      await page.keyboard.press('Enter');
      const busy = panel.locator('button[aria-disabled=true]', { hasText: 'Let modules join' });
      await seen(busy);
      assert.ok(await isFocused(busy));
      await page.keyboard.press('Enter');
      letOn();
      const close = panel.getByRole('button', { name: 'Close' });
      await seen(close);
      assert.ok(await isFocused(close), 'it is the same button');
      assert.equal(asked, 1);
      const display = card(page, 'Display hall');
      await display.getByRole('textbox').fill('Hello');
      const send = display.getByRole('button', { name: 'Send' });
      await send.focus();
      await page.keyboard.press('Enter');
      await seen(display.getByText('sent…'));
      assert.ok(await isFocused(send));
    },
  },
  {
    name: 'a single reading is a point in its graph',
    async run({ page, shoot }) {
      const now = Date.now();
      const history = (points) => ({ slot: 0, field: 'temperature', from: now - 86_400_000, to: now, points });
      let points = [[now - 43_200_000, 21.5, 21.5, 21.5]];
      await page.route('**/history?*', (route) => route.fulfill({ json: history(points) }));
      await card(page, 'Living room').getByRole('button', { name: /Temperature/ }).click();
      const canvas = page.getByRole('dialog').locator('canvas');
      /** How many points of the picture have the colour of the line. */
      const drawn = () => canvas.evaluate((element) => {
        const probe = element.getContext('2d', { willReadFrequently: true });
        const { data } = probe.getImageData(0, 0, element.width, element.height);
        const style = document.createElement('i').style;
        style.color = getComputedStyle(element).getPropertyValue('--accent').trim();
        const [red, green, blue] = style.color.match(/\d+/g).map(Number);
        let count = 0;
        for (let i = 0; i < data.length; i += 4) count += data[i] === red && data[i + 1] === green && data[i + 2] === blue ? 1 : 0;
        return count;
      });
      await seen(canvas);
      await shoot('single_point');
      const one = await drawn();
      assert.ok(one > 20 && one < 200, `${one} points of the picture`);
    },
  },
  {
    name: 'all that can be tapped on a phone is high enough for a finger',
    options: { ...phone, viewport: { width: 390, height: 844 } },
    async run({ page }) {
      assert.deepEqual(await smallTargets(page), []);
      await page.getByRole('button', { name: 'Rename Living room' }).click();
      assert.deepEqual(await smallTargets(page), []);
      await page.keyboard.press('Escape');
      await page.getByRole('button', { name: 'As a list' }).click();
      await seen(page.locator('.cards.list'));
      assert.deepEqual(await smallTargets(page), []);
      await card(page, 'Living room').getByRole('button', { name: /Temperature/ }).click();
      await seen(page.getByRole('dialog').locator('canvas'));
      assert.deepEqual(await smallTargets(page), []);
    },
  },
  {
    name: 'fits a phone, in the dark',
    options: { ...phone, colorScheme: 'dark', locale: 'fr-FR' },
    async run({ page, shoot }) {
      await seen(page.getByText('23 modules sur 24 en ligne'));
      await noSidewaysScroll(page);
      await shoot('phone_dark');
      await card(page, 'Radiator hall').getByRole('button', { name: /Thermostat/ }).tap();
      await seen(page.getByRole('dialog').locator('canvas'));
      await noSidewaysScroll(page);
      await shoot('phone_history');
    },
  },
];
