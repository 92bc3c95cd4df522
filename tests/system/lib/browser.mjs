/** The dashboard in a real Chromium. */
import jsQR from 'jsqr';
import { chromium } from 'playwright-core';
import { patienceMs } from './wait.mjs';

/** Opens `url`, with more of Playwright's options if need be; `banners` is every sentence that the page's banners have ever said. */
export async function openPage(url, options = {}) {
  const browser = await chromium.launch({
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    args: [
      '--disable-gpu',
      '--disable-background-networking',
      '--disable-component-update',
      '--no-first-run',
      // Root has no sandbox in Chromium; the page is our own.
      ...(process.getuid?.() === 0 ? ['--no-sandbox'] : []),
    ],
  });
  const page = await browser.newPage({ locale: 'en-GB', viewport: { width: 1280, height: 900 }, ...options });
  page.setDefaultTimeout(patienceMs);
  // What is said for a moment only would escape a look now and then.
  await page.addInitScript(() => {
    globalThis.bannersSaid = [];
    new MutationObserver(() => {
      for (const banner of document.querySelectorAll('.banner')) globalThis.bannersSaid.push(banner.textContent);
    }).observe(document, { childList: true, subtree: true, characterData: true });
  });
  await page.goto(url);
  return {
    page,
    card: (name) => new Card(page.locator(`article[aria-label="${name}"]`)),
    banner: (text) => page.locator('.banner', { hasText: text }),
    /** Waits until a banner has said `text`, even if it is gone again. */
    said: (text) =>
      page.waitForFunction((wanted) => globalThis.bannersSaid.some((one) => one.includes(wanted)), text),
    close: () => browser.close(),
  };
}

/** What a QR code on the page says to whoever holds a phone before it. */
export async function readCode(locator) {
  // The browser itself unpacks its picture of the code.
  const png = (await locator.screenshot()).toString('base64');
  const blank = await locator.page().context().browser().newPage();
  const { data, width, height } = await blank.evaluate(async (source) => {
    const image = await createImageBitmap(await (await fetch(`data:image/png;base64,${source}`)).blob());
    const canvas = new OffscreenCanvas(image.width, image.height).getContext('2d');
    canvas.drawImage(image, 0, 0);
    return { width: image.width, height: image.height, data: [...canvas.getImageData(0, 0, image.width, image.height).data] };
  }, png);
  await blank.close();
  return jsQR(Uint8ClampedArray.from(data), width, height)?.data;
}

/** A module's card, by what a person sees. */
class Card {
  constructor(article) {
    this.article = article;
  }

  row(slot) {
    return this.article.locator(`.function[data-slot="${slot}"]`);
  }

  sees(text) {
    return this.article.getByText(text, { exact: true }).waitFor();
  }

  get switch() {
    return this.article.getByRole('switch');
  }

  switchIs(on) {
    return this.article.locator(`[role=switch][aria-checked=${on}]`).waitFor();
  }
}
