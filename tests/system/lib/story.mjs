/** Tests that go on from each other: the first that fails ends the story. */
import test from 'node:test';
import { House } from './house.mjs';

/** How long a file may take to end when its stories have. */
const endMs = 10_000;
/** How long a chapter may take: more than three times the longest on a slow machine. */
const chapterMs = 300_000;
let untold = 0;

/** Somebody's socket or program would keep this process waiting, and all tests behind it. */
function endSoon() {
  const wait = setTimeout(() => {
    console.error(`still open after all tests: ${process.getActiveResourcesInfo().join(', ')}`);
    process.exit(1);
  }, endMs);
  wait.unref();
}

/** `promise`, unless that takes longer. */
async function within(limitMs, promise) {
  let timer;
  const late = new Promise((resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`it did not end within ${limitMs / 1000} s`)), limitMs);
  });
  try {
    await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}

async function tell(t, setup, chapters) {
  let world;
  try {
    world = await setup();
    let failed = false;
    for (const [title, run] of Object.entries(chapters)) {
      if (failed) break;
      await t.test(title, async () => {
        try {
          await within(chapterMs, run(world));
        } catch (error) {
          failed = true;
          throw error;
        }
      });
    }
  } finally {
    await world?.close();
  }
}

/**
 * `setup` makes what the chapters share and returns it; its `close` is called at the end, whatever
 * happens. Houses of a setup that fails are closed. `chapters` maps what must hold to the function
 * that shows it.
 */
export function story(name, setup, chapters) {
  untold += 1;
  test(name, async (t) => {
    try {
      await tell(t, setup, chapters);
    } finally {
      await Promise.allSettled([...House.open].map((house) => house.close()));
      untold -= 1;
      if (untold === 0) endSoon();
    }
  });
}
