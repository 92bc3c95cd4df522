/** Tests that go on from each other: the first that fails ends the story. */
import test from 'node:test';

/**
 * `setup` makes what the chapters share and returns it; its `close` is called at the end, whatever
 * happens. `chapters` maps what must hold to the function that shows it.
 */
export function story(name, setup, chapters) {
  test(name, async (t) => {
    const world = await setup();
    try {
      let failed = false;
      for (const [title, run] of Object.entries(chapters)) {
        if (failed) break;
        await t.test(title, async () => {
          try {
            await run(world);
          } catch (error) {
            failed = true;
            throw error;
          }
        });
      }
    } finally {
      await world.close();
    }
  });
}
