/** How long to wait before try number `attempt` (0, 1, ...): 1 s doubling to 15 s, up to a fifth less
 * so that the pages of one house do not all come at once. `chance` is in [0, 1). */
export function backoffMs(attempt: number, chance: number): number {
  const full = Math.min(15_000, 1_000 * 2 ** Math.min(attempt, 10));
  return Math.round(full * (1 - chance * 0.2));
}
