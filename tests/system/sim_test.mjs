// `espial sim` as people use it: its reports, pictures and captures, and what it says when a promise is broken.
import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { espial, run } from './lib/process.mjs';
import { story } from './lib/story.mjs';

const program = resolve(espial);
/** A store that answers too early: the control, without which "no promise broken" would say nothing. */
const broken = '--early-answers';

async function setup() {
  const folder = mkdtempSync(join(tmpdir(), 'espial-sim-'));
  return {
    sim: (...args) => run(program, ['sim', ...args], { cwd: folder }),
    file: (name) => join(folder, name),
    read: (name) => readFileSync(join(folder, name)),
    /** The command that a report names, run as it stands. */
    again(out) {
      const [, line] = /^ {2}espial (sim .*)$/m.exec(out);
      return this.sim(...line.split(' ').slice(1));
    },
    close: () => rmSync(folder, { recursive: true }),
  };
}

const small = ['--nodes', '20', '--hours', '0.1', '--interval', '1', '--loss', '10', '--seed', '7'];

/** The section header of pcapng, and packets behind it. */
function isCapture(bytes) {
  return bytes.length > 1000 && bytes.readUInt32LE(0) === 0x0a0d0d0a;
}

story('the simulator in the hands of a person', setup, {
  async 'a plain network says what was stored, what the radio took and what a battery would say'({ sim }) {
    const { code, out } = await sim(...small);
    assert.equal(code, 0, out);
    assert.match(out, /^20 boards, 1 gateways/);
    assert.match(out, /stored +\d+ of \d+ reports/);
    assert.match(out, /radio +on for [\d.]+ ms a stored report/);
    assert.match(out, /listeners +20, .* [\d.]+ days/);
    assert.doesNotMatch(out, /sleepers|BROKEN/);
    const asleep = await sim(...small, '--sleepers', '50');
    assert.match(asleep.out, /listeners +10,/);
    assert.match(asleep.out, /sleepers +10, radio on for [\d.]+ ms a wake; .* \d+ days/);
  },

  async 'a seed that is none is refused, with what to say instead'({ sim }) {
    for (const seed of ['-1', '18446744073709551616', '99999999999999999999', '1.5', '0x10', 'one']) {
      const { code, out, err } = await sim('--nodes', '1', '--hours', '0.01', `--seed=${seed}`);
      assert.notEqual(code, 0, seed);
      assert.equal(out, '');
      assert.match(err, new RegExp(`^--seed: "${seed}" is no seed; say a whole number from 0 to 18446744073709551615`, 'm'));
    }
    const { code } = await sim('--nodes', '1', '--hours', '0.01', '--seed', '18446744073709551615');
    assert.equal(code, 0);
  },

  async 'what a full ring dropped was not stored in time'({ sim }) {
    const crowd = ['--nodes', '2', '--hours', '0.05', '--interval', '0.2', '--loss', '60'];
    const { reports, delay_ms } = JSON.parse((await sim(...crowd, '--json')).out);
    assert.ok(reports.dropped > 0);
    assert.equal(reports.stored, reports.stored_within_60_s + delay_ms.later_than_60_s);
    const { out } = await sim(...crowd);
    const [, percent] = /in time +([\d.]+) % stored within 60 s/.exec(out);
    assert.equal(percent, ((100 * reports.stored_within_60_s) / reports.submitted).toFixed(4));
    assert.ok(reports.stored_within_60_s <= reports.submitted - reports.dropped);
  },

  async 'a chip takes its time, and only a known one'({ sim }) {
    const digest = async (...args) => JSON.parse((await sim(...small, '--json', ...args)).out).digest;
    assert.equal(await digest(), await digest('--chip', 'esp32c3'));
    assert.notEqual(await digest('--chip', 'none'), await digest('--chip', 'esp8266'));
    const unknown = await sim(...small, '--chip', 'z80');
    assert.notEqual(unknown.code, 0);
    assert.match(unknown.out + unknown.err, /esp8266/);
  },

  async 'JSON, a picture and a capture hold what was asked for'({ sim, read }) {
    const { code, out } = await sim(...small, '--json', '--plot', 'run.svg', '--pcapng', 'run.pcapng');
    assert.equal(code, 0, out);
    const report = JSON.parse(out);
    assert.equal(report.boards, 20);
    assert.equal(report.reports.stored, report.reports.submitted);
    assert.deepEqual(report.violations, []);
    assert.ok(report.radio.on_ms_per_stored_report > 0);
    const picture = read('run.svg').toString();
    assert.match(picture, /^<svg[\s\S]*<\/svg>\s*$/);
    assert.equal(picture.match(/<circle/g)?.length >= 20, true, 'each board has its place on the map');
    assert.ok(isCapture(read('run.pcapng')));
  },

  async 'a broken promise is told, with what was on the air and a command that shows it again'(world) {
    const { code, out } = await world.sim('--seed', '2', '--runs', '2', broken);
    assert.equal(code, 1);
    assert.match(out, /^Seed \d+ breaks a promise/m);
    assert.match(out, /BROKEN +acknowledged, but not stored, \d+ times, first at \d+ ms/);
    const [, file] = / on the air in (\S+):$/m.exec(out);
    assert.ok(isCapture(world.read(file)));
    const again = await world.again(out);
    assert.equal(again.code, 1);
    assert.match(again.out, /BROKEN +acknowledged, but not stored/);
  },

  async 'one run that breaks a promise leaves its capture too'({ sim, read }) {
    const { code, out, err } = await sim('--seed', '2', '--json', broken);
    assert.equal(code, 1);
    assert.ok(JSON.parse(out).violations.some(({ what }) => what === 'acknowledged, but not stored'));
    const [, file] = / on the air in (\S+):$/m.exec(err);
    assert.ok(isCapture(read(file)));
  },

  async 'so does a plain network, and the command beside it does the same again'(world) {
    const { code, out } = await world.sim(...small, '--gateways', '2', '--sleepers', '20', broken);
    assert.equal(code, 1);
    const [, file] = / on the air in (\S+):$/m.exec(out);
    const captured = world.read(file);
    assert.ok(isCapture(captured));
    rmSync(world.file(file));
    const again = await world.again(out);
    assert.equal(again.code, 1);
    const digest = (text) => /^ {2}digest +(\S+)$/m.exec(text)[1];
    assert.equal(digest(again.out), digest(out));
    assert.ok(world.read(file).equals(captured));
  },

  async 'an option that would do nothing is refused, with what to do instead'({ sim }) {
    const alone = { '--runs': '2', '--only-boards': '0', '--span-us': '9', '--only-hardships': 'none' };
    const plain = { '--gateways': '2', '--hours': '2', '--interval': '5', '--loss': '1', '--square': '9', '--chip': 'none',
                    '--sleepers': '9' };
    const drawn = { '--only-faults': 'none', '--only-s0': 'none', '--only-rooms': 'none', '--no-commands': null };
    const told = { '--shrink': null, '--plot': 'x.svg', '--json': null };
    const refused = async (given, others) => {
      for (const [option, value] of Object.entries(others)) {
        const { code, out, err } = await sim(...given, option, ...(value === null ? [] : [value]));
        assert.notEqual(code, 0, `${given} ${option}`);
        assert.equal(out, '');
        assert.match(err, new RegExp(`^${option}: .*(leave|say) `, 'm'), `${given} ${option}`);
      }
    };
    const { '--shrink': _, ...toldOfOne } = told;
    await refused(['--power-cuts', '9'],
      { ...alone, ...drawn, ...toldOfOne, ...plain, '--nodes': '2', '--gateways': '2', '--cut-at': 'hub_idle' });
    await refused(['--cut-at', 'hub_idle'], { '--runs': '2', '--nodes': '2' });
    await refused(['--nodes', '2'], drawn);
    await refused(['--nodes', '2', '--span-us', '9'], { '--hours': '2' });
    await refused(['--seed', '2'], plain);
    await refused(['--runs', '2'], { '--json': null, '--plot': 'x.svg' });
    await refused(['--faults'], { ...alone, ...told, '--nodes': '2', '--seed': '2', '--power-cuts': '9', '--pcapng': 'x' });
  },

  async 'a smaller plain network is found, with standard output left to programs'(world) {
    const { code, out, err } = await world.sim(...small, '--shrink', '--json', broken);
    assert.equal(code, 1);
    assert.ok(JSON.parse(out).violations.length > 0);
    const again = await world.again(err.slice(err.indexOf('also with less')));
    assert.equal(again.code, 1);
    assert.match(again.out, /^1 boards/m);
  },

  async 'a smaller network with the same fault is found'(world) {
    const { code, out } = await world.sim('--seed', '2', '--shrink', broken);
    assert.equal(code, 1);
    assert.match(out, /^"[^"]+" also with less:$/m);
    assert.match(out, /--only-boards \d+( |$)/m, 'one board is enough');
    const again = await world.again(out.slice(out.indexOf('also with less')));
    assert.equal(again.code, 1);
    assert.match(again.out, /^1 boards/m);
  },

  async 'a power cut that breaks a promise can be seen again, that run alone'(world) {
    const { code, out } = await world.sim('--power-cuts', '100000', '--seed', '1', broken);
    assert.equal(code, 1);
    const [, run, cuts, file] = /in run (\d+), after (\d+) cuts\. .* in (\S+):$/m.exec(out);
    assert.ok(isCapture(world.read(file)));
    assert.ok(existsSync(world.file(`espial-cuts-${run}.state`)));
    const digest = (text) => /^ {2}digest +(\S+)$/m.exec(text)[1];
    const again = await world.again(out);
    assert.equal(again.code, 1);
    assert.match(again.out, new RegExp(`in run ${run}, after ${cuts} cuts`));
    assert.equal(digest(again.out), digest(out));
  },

  async 'and a smaller one is found, with the cuts in its command'(world) {
    const { code, out } = await world.sim('--power-cuts', '100000', '--seed', '1', '--shrink', broken);
    assert.equal(code, 1);
    const smaller = out.slice(out.indexOf('also with less'));
    assert.match(smaller, / --only-boards \d+ .*--cut-at \S+/);
    const again = await world.again(smaller);
    assert.equal(again.code, 1);
    assert.match(again.out, /^1 boards/m);
    const unknown = await world.sim('--cut-at', 'the_cellar');
    assert.notEqual(unknown.code, 0);
    assert.match(unknown.err, /"the_cellar" is no place to cut power at/);
  },
});
