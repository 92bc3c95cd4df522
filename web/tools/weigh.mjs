// node tools/weigh.mjs [DIST]
//
// Prints what the page weighs and fails when JavaScript and CSS outgrow their budgets: that of what
// everybody fetches, and that of the pages on which people manage things (src/manage).
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { compress } from './compress.mjs';

const budgetsBytes = { page: 60 * 1024, manage: 28 * 1024 };
const dist = process.argv[2] ?? 'dist';

const totals = { page: 0, manage: 0 };
for (const entry of readdirSync(dist, { recursive: true })) {
  if (!/\.(js|css)$/.test(entry)) continue;
  const path = join(dist, entry);
  const gzip = compress(path).length;
  totals[/\bmanage-/.test(entry) ? 'manage' : 'page'] += gzip;
  console.log(`${entry}: ${kib(statSync(path).size)}, ${kib(gzip)} compressed`);
}
for (const [what, budget] of Object.entries(budgetsBytes)) {
  console.log(`${what} weight: ${kib(totals[what])} of ${kib(budget)}`);
  if (totals[what] > budget) {
    console.error('It has grown too heavy for flash: take something out.');
    process.exitCode = 1;
  }
}

function kib(bytes) {
  return `${(bytes / 1024).toFixed(1)} KiB`;
}
