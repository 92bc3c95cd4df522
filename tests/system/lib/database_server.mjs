/** Database servers for one test, each on a socket of its own in a folder of its own. */
import { chownSync, mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Program, run } from './process.mjs';
import { until } from './wait.mjs';

/** Servers refuse to be root's: root starts them as nobody. */
function owner() {
  if (process.getuid() !== 0) return {};
  const [, , uid, gid] = readFileSync('/etc/passwd', 'utf8').match(/^nobody:.*$/m)[0].split(':');
  return { uid: Number(uid), gid: Number(gid) };
}

/** Debian keeps each version's programs in a folder of its own, out of PATH. */
function postgresqlProgram(name) {
  const root = '/usr/lib/postgresql';
  const newest = readdirSync(root).sort((a, b) => Number(a) - Number(b)).at(-1);
  return join(root, newest, 'bin', name);
}

const engines = {
  mariadb: (folder) => {
    const data = `--datadir=${join(folder, 'data')}`;
    const socket = join(folder, 'socket');
    return {
      prepare: ['mariadb-install-db', '--no-defaults', '--skip-test-db', '--auth-root-authentication-method=normal', data],
      serve: ['mariadbd', '--no-defaults', '--skip-networking', data, `--socket=${socket}`, '--innodb-log-file-size=32M'],
      create: ['mariadb', '--no-defaults', '--user=root', `--socket=${socket}`, '--execute=CREATE DATABASE espial'],
      address: `mariadb://root@/espial?socket=${encodeURIComponent(socket)}`,
    };
  },
  postgresql: (folder) => {
    const data = join(folder, 'data');
    return {
      prepare: [postgresqlProgram('initdb'), '--no-sync', '--auth=trust', '--username=espial', '--encoding=UTF8',
        '--locale=C', `--pgdata=${data}`],
      serve: [postgresqlProgram('postgres'), '-D', data, '-k', folder, '-c', 'listen_addresses='],
      create: [postgresqlProgram('createdb'), `--host=${folder}`, '--username=espial', 'espial'],
      address: `postgresql://espial@/espial?socket=${encodeURIComponent(folder)}`,
    };
  },
};

export class DatabaseServer {
  /** Starts a server of that engine with an empty database; `address` is what --store takes. */
  static async start(engine) {
    const server = new DatabaseServer();
    server.folder = mkdtempSync(join(tmpdir(), 'espial-store-'));
    const { uid, gid } = owner();
    if (uid !== undefined) chownSync(server.folder, uid, gid);
    const options = { uid, gid, cwd: '/', env: { PATH: `${process.env.PATH}:/usr/sbin` } };
    const { prepare, serve, create, address } = engines[engine](server.folder);
    const prepared = await run(prepare[0], prepare.slice(1), options);
    if (prepared.code !== 0) throw new Error(`${prepare[0]}: ${prepared.err}; tools/install_packages.sh test installs it`);
    server.program = new Program(engine, serve[0], serve.slice(1), options);
    server.address = address;
    await until(`${engine} takes a database`, async () => {
      if (server.program.code !== undefined) throw new Error(server.program.tail());
      return (await run(create[0], create.slice(1), options)).code === 0;
    });
    return server;
  }

  async close() {
    await this.program.stop('SIGINT');
    await this.program.kill();
    rmSync(this.folder, { recursive: true, force: true });
  }
}
