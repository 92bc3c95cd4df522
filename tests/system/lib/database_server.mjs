/** Database servers for one test, each on a socket of its own in a folder of its own. */
import { chownSync, copyFileSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
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

/** `listening`: a port of this machine, with the certificate and key that are in the server's folder; null: its socket alone. */
const engines = {
  mariadb: (folder, listening) => {
    const data = `--datadir=${join(folder, 'data')}`;
    // Servers that are set up at the same time take each other's temporary tables.
    const temporary = `--tmpdir=${folder}`;
    const socket = join(folder, 'socket');
    const network = listening
      ? ['--bind-address=127.0.0.1,127.0.0.2', `--port=${listening.port}`, `--ssl-cert=${listening.certificate}`, `--ssl-key=${listening.key}`]
      : ['--skip-networking'];
    return {
      prepare: ['mariadb-install-db', '--no-defaults', '--skip-test-db', '--auth-root-authentication-method=normal', data,
        temporary],
      serve: ['mariadbd', '--no-defaults', ...network, data, temporary, `--socket=${socket}`, '--innodb-log-file-size=32M'],
      endedBy: 'SIGTERM',
      create: ['mariadb', '--no-defaults', '--user=root', `--socket=${socket}`, '--execute=CREATE DATABASE espial'],
      address: (user = 'root', database = 'espial') => `mariadb://${user}@/${database}?socket=${encodeURIComponent(socket)}`,
    };
  },
  postgresql: (folder, listening) => {
    const data = join(folder, 'data');
    const admission = join(folder, 'admission');
    writeFileSync(admission, 'local all stranger scram-sha-256\nlocal all all trust\nhost all all 127.0.0.1/32 trust\n', { mode: 0o644 });
    const network = listening
      ? ['listen_addresses=127.0.0.1,127.0.0.2', `port=${listening.port}`, 'ssl=on', `ssl_cert_file=${listening.certificate}`, `ssl_key_file=${listening.key}`]
      : ['listen_addresses='];
    return {
      prepare: [postgresqlProgram('initdb'), '--no-sync', '--auth=trust', '--username=espial', '--encoding=UTF8',
        '--locale=C', `--pgdata=${data}`],
      serve: [postgresqlProgram('postgres'), '-D', data, '-k', folder, ...[...network, `hba_file=${admission}`].flatMap((one) => ['-c', one])],
      // Waits for nobody who is connected.
      endedBy: 'SIGINT',
      create: [postgresqlProgram('createdb'), `--host=${folder}`, ...(listening ? [`--port=${listening.port}`] : []), '--username=espial',
        'espial'],
      address: (user = 'espial', database = 'espial') =>
        `postgresql://${user}@/${database}?socket=${encodeURIComponent(folder)}`,
    };
  },
};

export class DatabaseServer {
  /**
   * Starts a server of that engine with an empty database; `address` is what --store takes. With `tls`, the folder of an
   * authority and a port, it is spoken to there as well.
   */
  static async start(engine, tls) {
    const server = new DatabaseServer();
    server.folder = mkdtempSync(join(tmpdir(), 'espial-store-'));
    const { uid, gid } = owner();
    if (uid !== undefined) chownSync(server.folder, uid, gid);
    const options = { uid, gid, cwd: '/', env: { PATH: `${process.env.PATH}:/usr/sbin` } };
    const listening = tls && { port: tls.port, certificate: join(server.folder, 'server.crt'), key: join(server.folder, 'server.key') };
    for (const file of listening ? [listening.certificate, listening.key] : []) {
      copyFileSync(join(tls.folder, basename(file)), file);
      if (uid !== undefined) chownSync(file, uid, gid);
    }
    const { prepare, serve, endedBy, create, address } = engines[engine](server.folder, listening);
    server.endedBy = endedBy;
    server.startAgain = () => (server.program = new Program(engine, serve[0], serve.slice(1), options));
    const prepared = await run(prepare[0], prepare.slice(1), options);
    if (prepared.code !== 0) throw new Error(`${prepare[0]}: ${prepared.err}; tools/install_packages.sh test installs it`);
    server.startAgain();
    server.address = address();
    /** Addresses where it answers and takes nobody. A password is looked at of `stranger` alone, and is never right. */
    server.refusing = [address('stranger'), address(undefined, 'nowhere')];
    await until(`${engine} takes a database`, async () => {
      if (server.program.code !== undefined) throw new Error(server.program.tail());
      return (await run(create[0], create.slice(1), options)).code === 0;
    });
    return server;
  }

  /** Ends it; `startAgain()` starts it as it was, and waits for nothing. */
  async stop() {
    await this.program.stop(this.endedBy);
    await this.program.kill();
  }

  async close() {
    await this.stop();
    rmSync(this.folder, { recursive: true, force: true });
  }
}
