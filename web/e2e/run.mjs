// npm run e2e -- HTTP_FIXTURE [SCREENSHOTS]
//
// Tests the page in a real Chromium against the program http_fixture. With a second argument it
// also leaves screenshots in that folder. The browser is $CHROMIUM, or /usr/bin/chromium.
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { chromium } from 'playwright-core';
import { startFixture } from './fixture.mjs';
import { accountTests } from './account_tests.mjs';
import { tests as dashboardTests } from './tests.mjs';

const tests = [...dashboardTests, ...accountTests];

const [program, shots] = process.argv.slice(2);
if (!program) {
  console.error('usage: npm run e2e -- HTTP_FIXTURE [SCREENSHOTS]');
  process.exit(2);
}
if (shots) mkdirSync(shots, { recursive: true });

const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
  // Root has no sandbox in Chromium; the page is our own.
  args: process.getuid?.() === 0 ? ['--no-sandbox'] : [],
});
let failures = 0;
try {
  for (const { name, options, accounts, run } of tests) {
    const fixture = await startFixture(program, { accounts });
    const context = await browser.newContext({ locale: 'en-GB', viewport: { width: 1280, height: 900 }, ...options });
    context.setDefaultTimeout(60_000);
    const page = await context.newPage();
    const complaints = [];
    page.on('pageerror', (error) => complaints.push(String(error)));
    page.on('console', (message) => {
      // That requests fail while the hub is away is the point of some tests.
      if (message.type() === 'error' && !/Failed to load resource/.test(message.text())) complaints.push(message.text());
    });
    const shoot = async (file) => {
      if (shots) await page.screenshot({ path: join(shots, `${file}.png`) });
    };
    try {
      if (!accounts) {
        await page.goto(fixture.url);
        await page.locator('article').first().waitFor();
      }
      await run({ page, fixture, shoot });
      if (complaints.length > 0) throw new Error(`The page complained: ${complaints.join('; ')}`);
      console.log(`ok      ${name}`);
    } catch (error) {
      failures++;
      console.log(`FAILED  ${name}\n${error.stack ?? error}`);
      await shoot('failed');
    } finally {
      await context.close();
      await fixture.stop();
    }
  }
} finally {
  await browser.close();
}
console.log(failures === 0 ? `${tests.length} page tests passed` : `${failures} page tests failed`);
process.exitCode = failures === 0 ? 0 : 1;
