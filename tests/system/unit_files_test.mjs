// The unit files for systemd: what they start exists, what they forbid stays forbidden.
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { espial, run } from './lib/process.mjs';
import { story } from './lib/story.mjs';

const units = ['espial-hub', 'espial-gateway'];
/** Of both; `systemd-analyze security` weighs them. */
const leastPrivilege = {
  DynamicUser: 'yes', UMask: '0077', CapabilityBoundingSet: '', AmbientCapabilities: '', NoNewPrivileges: 'yes',
  ProtectSystem: 'strict', ProtectHome: 'yes', PrivateTmp: 'yes', PrivateDevices: 'yes', PrivateUsers: 'yes',
  ProtectKernelTunables: 'yes', ProtectKernelModules: 'yes', ProtectKernelLogs: 'yes', ProtectControlGroups: 'yes',
  ProtectClock: 'yes', ProtectHostname: 'yes', ProtectProc: 'invisible', RestrictNamespaces: 'yes', RestrictRealtime: 'yes',
  RestrictSUIDSGID: 'yes', LockPersonality: 'yes', MemoryDenyWriteExecute: 'yes', RemoveIPC: 'yes',
  SystemCallArchitectures: 'native', SystemCallErrorNumber: 'EPERM', Restart: 'on-failure',
};
/** What only one of them needs. */
const families = { 'espial-hub': 'AF_INET AF_INET6 AF_UNIX AF_NETLINK', 'espial-gateway': 'AF_INET AF_INET6' };
/** Tenths of what `systemd-analyze security` calls exposure; an ordinary service has 96. */
const exposureMax = 20;

/** The settings of its [Service], each with all its values. */
function read(unit) {
  const text = readFileSync(`deploy/systemd/${unit}.service`, 'utf8').replace(/\\\n\s*/g, '');
  const settings = {};
  for (const line of text.split('[Service]')[1].split('[Install]')[0].split('\n')) {
    const [, name, value] = /^(\w+)=(.*)$/.exec(line) ?? [];
    if (name) (settings[name] ??= []).push(value);
  }
  return settings;
}

function setup() {
  const folder = mkdtempSync(join(tmpdir(), 'espial-system-'));
  return {
    /** The unit as a file of its own, starting the program that is tested. */
    copy(unit) {
      const path = join(folder, `${unit}.service`);
      const text = readFileSync(`deploy/systemd/${unit}.service`, 'utf8');
      writeFileSync(path, text.replace('/usr/bin/espial', resolve(espial)));
      return path;
    },
    close: () => rmSync(folder, { recursive: true }),
  };
}

story('the unit files', setup, {
  async 'allow no more than is needed'() {
    for (const unit of units) {
      const settings = read(unit);
      for (const [name, value] of Object.entries(leastPrivilege)) assert.deepEqual(settings[name], [value], `${unit}: ${name}`);
      assert.deepEqual(settings.RestrictAddressFamilies, [families[unit]], unit);
      assert.deepEqual(settings.SystemCallFilter, ['@system-service', '~@privileged @resources'], unit);
      for (const bound of ['MemoryMax', 'TasksMax']) assert.match(settings[bound]?.join() ?? '', /^\d+[MG]?$/, `${unit}: ${bound}`);
      for (const wide of ['User', 'ReadWritePaths', 'BindPaths', 'DeviceAllow']) assert.equal(settings[wide], undefined, `${unit}: ${wide}`);
    }
  },

  async 'start the program with options that it knows'() {
    for (const unit of units) {
      const { ExecStart, LoadCredential = [] } = read(unit);
      assert.equal(ExecStart.length, 1, unit);
      const [program, command, ...words] = ExecStart[0].split(' ');
      assert.equal(program, '/usr/bin/espial', unit);
      const { code, out } = await run(espial, [command, '--help']);
      assert.equal(code, 0, unit);
      const known = new Set(out.match(/--[a-z][\w-]*/g));
      const options = words.filter((word) => word.startsWith('--'));
      assert.ok(options.length > 0, unit);
      for (const option of options) assert.ok(known.has(option), `${unit}: ${option}`);
      const credentials = LoadCredential.map((one) => one.split(':')[0]);
      const used = [...ExecStart[0].matchAll(/\$\{CREDENTIALS_DIRECTORY\}\/(\S+)/g)].map(([, name]) => name);
      assert.deepEqual(used.sort(), credentials.sort(), unit);
    }
  },

  async 'are in order by the word of systemd, where it is installed'({ copy }) {
    for (const unit of units) {
      const verified = await run('systemd-analyze', ['verify', '--man=no', copy(unit)]);
      if (/ENOENT/.test(verified.err)) return;
      assert.equal(verified.code, 0, verified.err);
      assert.equal(verified.err, '', unit);
      const weighed = await run('systemd-analyze', ['security', '--offline=yes', `--threshold=${exposureMax}`, '--no-pager', copy(unit)]);
      assert.equal(weighed.code, 0, weighed.out + weighed.err);
    }
  },
});
