/** Waiting for conditions. Nothing here sleeps for a fixed time and hopes. */

/** Generous: a condition that comes true ends the wait at once, on a busy machine a little later. */
export const patienceMs = 60_000;

const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/**
 * Calls `condition` until it gives something true, and returns that. What it throws counts as "not
 * yet", and is told when patience ends.
 */
export async function until(what, condition, { withinMs = patienceMs, lookMs = 20 } = {}) {
  // By a clock that nobody sets.
  const deadline = performance.now() + withinMs;
  let trouble = '';
  for (;;) {
    try {
      const found = await condition();
      if (found) return found;
      trouble = '';
    } catch (error) {
      trouble = `; last: ${error.message}`;
    }
    if (performance.now() > deadline) throw new Error(`waited ${withinMs / 1000} s in vain until ${what}${trouble}`);
    await pause(lookMs);
  }
}
