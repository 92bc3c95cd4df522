/** Accounts, as a person meets them on the page. */
import assert from 'node:assert/strict';

const phone = { viewport: { width: 360, height: 800 }, hasTouch: true, deviceScaleFactor: 2 };
const password = 'correct horse';

const seen = (locator) => locator.waitFor({ state: 'visible' });

async function logIn(page, name, secret = password) {
  await page.getByLabel('Name', { exact: true }).fill(name);
  await page.getByLabel('Password', { exact: true }).fill(secret);
  await page.getByRole('button', { name: 'Log in' }).click();
}

async function noSidewaysScroll(page) {
  const [scroll, width] = await page.evaluate(() => [document.documentElement.scrollWidth, innerWidth]);
  assert.ok(scroll <= width, `the page is ${scroll} px wide on a screen of ${width} px`);
}

export const accountTests = [
  {
    name: 'a setup link makes the first admin, once',
    accounts: true,
    options: phone,
    async run({ page, fixture, shoot }) {
      await page.goto(fixture.url);
      await seen(page.getByText('There is no account yet.'));
      await noSidewaysScroll(page);
      await shoot('login_phone');
      const secret = await fixture.ask('setup');
      await page.goto(`${fixture.url}/#setup=${secret}`);
      await page.reload();
      await page.getByLabel('Name', { exact: true }).fill('Ann Lee');
      await page.getByLabel('New password').fill(password);
      await page.getByRole('button', { name: 'Create the admin account' }).click();
      await seen(page.getByRole('alert').getByText('Use 1 to 32 of a-z'));
      await page.getByLabel('Name', { exact: true }).fill('ann');
      await shoot('setup_phone');
      await page.getByRole('button', { name: 'Create the admin account' }).click();
      await seen(page.locator('article').first());
      assert.equal(new URL(page.url()).hash, '');
      await seen(page.getByRole('button', { name: 'Account ann' }));
      await noSidewaysScroll(page);
      await shoot('admin_phone');
      const cookies = await page.context().cookies();
      assert.deepEqual(cookies.map(({ name, httpOnly, sameSite }) => [name, httpOnly, sameSite]), [['espial', true, 'Strict']]);
      await page.context().clearCookies();
      await page.goto(`${fixture.url}/#setup=${secret}`);
      await page.reload();
      await page.getByLabel('Name', { exact: true }).fill('eve');
      await page.getByLabel('New password').fill(password);
      await page.getByRole('button', { name: 'Create the admin account' }).click();
      await seen(page.getByRole('alert').getByText('This link was used or has expired.'));
    },
  },
  {
    name: 'a wrong password is refused, a right one opens the page where it was',
    accounts: true,
    async run({ page, fixture, shoot }) {
      await fixture.tell('account ada admin');
      await page.goto(fixture.url);
      await logIn(page, 'ada', 'not the password');
      await seen(page.getByRole('alert').getByText('Name and password don’t match.'));
      assert.equal(await page.locator('article').count(), 0);
      await shoot('login_refused');
      await logIn(page, 'ada');
      await seen(page.locator('article').first());
      await page.reload();
      await seen(page.locator('article').first());
    },
  },
  {
    name: 'a viewer sees no switches and can rename nothing',
    accounts: true,
    async run({ page, fixture, shoot }) {
      await fixture.tell('account ada admin');
      await fixture.tell('account vera viewer');
      await page.goto(fixture.url);
      await logIn(page, 'vera');
      await seen(page.locator('article').first());
      assert.equal(await page.getByRole('switch').count(), 0);
      assert.equal(await page.getByRole('slider').count(), 0);
      assert.equal(await page.getByRole('button', { name: /^Rename/ }).count(), 0);
      await page.getByRole('button', { name: 'Account vera' }).click();
      await seen(page.getByText('Viewer'));
      assert.equal(await page.getByText('Accounts, tokens').count(), 0);
      await shoot('viewer');
      await page.getByRole('button', { name: 'Log out', exact: true }).click();
      await seen(page.getByRole('button', { name: 'Log in' }));
      assert.deepEqual(await page.context().cookies(), []);
    },
  },
  {
    name: 'whoever loses his account is led to the login, and back',
    accounts: true,
    async run({ page, fixture }) {
      await fixture.tell('account ada admin');
      await fixture.tell('account otto operator');
      await page.goto(fixture.url);
      await logIn(page, 'otto');
      await seen(page.getByText('Live'));
      assert.ok((await page.getByRole('switch').count()) > 0);
      await fixture.tell('forget otto');
      await seen(page.getByRole('button', { name: 'Log in' }));
      await logIn(page, 'otto');
      await seen(page.getByRole('alert').getByText('Name and password don’t match.'));
      await logIn(page, 'ada');
      await seen(page.getByText('Live'));
      await seen(page.locator('article').first());
    },
  },
  {
    name: 'an admin adds an account, gives it a role and takes it away; the log has it all',
    accounts: true,
    async run({ page, fixture, shoot }) {
      await fixture.tell('account ada admin');
      await page.goto(fixture.url);
      await logIn(page, 'ada');
      await page.getByRole('button', { name: 'Account ada' }).click();
      await page.getByRole('link', { name: 'Accounts, tokens and the audit log' }).click();
      const accounts = page.getByRole('region', { name: 'Accounts' });
      await accounts.getByText('Add an account').first().click();
      await accounts.getByLabel('Name', { exact: true }).fill('vera');
      await accounts.getByLabel('New password').last().fill(password);
      await accounts.getByRole('button', { name: 'Add an account' }).click();
      await accounts.getByLabel('Role of vera').selectOption('operator');
      const log = page.getByRole('region', { name: 'Who did what' });
      await log.getByRole('button', { name: 'Look again' }).click();
      await seen(log.getByText('vera viewer -> operator'));
      await shoot('accounts');
      await accounts.getByLabel('More about vera').click();
      await accounts.getByRole('button', { name: 'Remove vera' }).click();
      await seen(accounts.getByText('Remove the account vera? It is logged out at once.'));
      await page.keyboard.press('Escape');
      await accounts.getByRole('button', { name: 'Remove vera' }).click();
      await accounts.getByRole('button', { name: 'Remove vera' }).click();
      await accounts.getByLabel('Role of vera').waitFor({ state: 'detached' });
      await accounts.getByLabel('Role of ada').selectOption('viewer');
      await seen(accounts.getByRole('alert').getByText('That is the last admin'));
      await page.setViewportSize(phone.viewport);
      await noSidewaysScroll(page);
      await shoot('accounts_phone');
    },
  },
  {
    name: 'a token is shown once, copied, good until it is void',
    accounts: true,
    async run({ page, fixture, shoot }) {
      await fixture.tell('account ada admin');
      await page.goto(`${fixture.url}/#access`);
      await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
      await logIn(page, 'ada');
      const tokens = page.getByRole('region', { name: 'Tokens' });
      await seen(tokens.getByText('No tokens yet.'));
      await tokens.getByText('New token').first().click();
      await tokens.getByLabel('What it is for').fill('grafana');
      await tokens.getByRole('button', { name: 'New token' }).click();
      await seen(tokens.getByText('It is shown this once.'));
      await tokens.getByRole('button', { name: 'Copy Token' }).click();
      await seen(tokens.getByText('Copied'));
      await shoot('token');
      const secret = await page.evaluate(() => navigator.clipboard.readText());
      const ask = async () => (await fetch(`${fixture.url}/api/devices`, { headers: { authorization: `Bearer ${secret}` } })).status;
      assert.equal(await ask(), 200);
      await tokens.getByRole('button', { name: 'I have it' }).click();
      assert.equal(await page.getByText(secret).count(), 0);
      await tokens.getByRole('button', { name: 'Make void' }).click();
      await tokens.getByRole('button', { name: 'Make void' }).click();
      await seen(tokens.getByText('No tokens yet.'));
      assert.equal(await ask(), 401);
      await seen(page.getByText('The broker asks nobody for a password: start the hub with --lan'));
    },
  },
  {
    name: 'a link invites another admin',
    accounts: true,
    async run({ page, fixture }) {
      await fixture.tell('account ada admin');
      await page.goto(`${fixture.url}/#access`);
      await logIn(page, 'ada');
      await page.getByRole('button', { name: 'Invite an admin by link' }).click();
      const link = await page.locator('.secret code').innerText();
      await page.context().clearCookies();
      await page.goto(link);
      await page.reload();
      await page.getByLabel('Name', { exact: true }).fill('bob');
      await page.getByLabel('New password').fill(password);
      await page.getByRole('button', { name: 'Create the admin account' }).click();
      await seen(page.getByRole('button', { name: 'Account bob' }));
    },
  },
  {
    name: 'pages for admins are not shown to others, by whatever way they come',
    accounts: true,
    options: phone,
    async run({ page, fixture }) {
      await fixture.tell('account ada admin');
      await fixture.tell('account otto operator');
      await page.goto(`${fixture.url}/#access`);
      await logIn(page, 'otto');
      await seen(page.getByText('This page is for admins.'));
      const links = page.getByRole('navigation').getByRole('link');
      assert.deepEqual(await links.allInnerTexts(), ['Modules', 'Groups', 'Alarms']);
      await page.goto(`${fixture.url}/#network`);
      await seen(page.getByText('This page is for admins.'));
      await noSidewaysScroll(page);
    },
  },
  {
    name: 'the login speaks French and Russian',
    accounts: true,
    options: { ...phone, locale: 'fr-FR' },
    async run({ page, fixture, shoot }) {
      await page.goto(fixture.url);
      await seen(page.getByRole('button', { name: 'Se connecter' }));
      await page.getByLabel('Langue').selectOption('ru');
      await seen(page.getByRole('button', { name: 'Войти' }));
      await noSidewaysScroll(page);
      await shoot('login_russian');
    },
  },
];
