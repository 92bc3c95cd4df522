/** A data directory and the processes of Espial that live in it. Everything is on free ports. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Api } from './api.mjs';
import { espial, isAlive, Program, run } from './process.mjs';
import { until } from './wait.mjs';

export class House {
  /** Those that were not closed yet. */
  static open = new Set();

  constructor() {
    House.open.add(this);
    this.data = mkdtempSync(join(tmpdir(), 'espial-system-'));
    this.programs = [];
    this.ports = { http: 0, broker: 0, websockets: 0 };
  }

  start(name, args, options) {
    const program = new Program(name, espial, args, options);
    this.programs.push(program);
    return program;
  }

  /** Starts the hub, again on the ports it had before, and waits until it does its work. */
  async startHub(...extra) {
    const { http, broker, websockets } = this.ports;
    const listens = ['--port', http, '--broker-port', broker, '--websockets-port', websockets].map(String);
    this.hub = this.start('hub', ['hub', '--data', this.data, ...listens, ...extra]);
    const [, port] = await this.hub.line(/page and API on https?:\/\/[\d.]+:(\d+)/);
    const record = this.brokerRecord();
    this.ports = { http: Number(port), broker: record.port, websockets: record.websockets };
    this.url = `http://127.0.0.1:${port}`;
    this.api = new Api(this.url, readFileSync(join(this.data, 'keys', 'local.token'), 'utf8').trim());
    await until('the hub is healthy', async () => (await this.api.get('/healthz')).status === 200);
    return this.hub;
  }

  brokerRecord() {
    const words = readFileSync(join(this.data, 'broker', 'broker.pid'), 'utf8').trim().split(' ').map(Number);
    const [pid, , port, websockets] = words;
    return { pid, port, websockets };
  }

  get broker() {
    return `mqtt://127.0.0.1:${this.ports.broker}`;
  }

  /** A command of the person who owns the data: {code, out, err}. */
  command(...args) {
    return run(espial, [...args, '--hub', `127.0.0.1:${this.ports.http}`, '--data', this.data]);
  }

  /** Gives a gateway or an application a user at the broker; what a client logs in with. */
  async brokerUser(...args) {
    const { code, out, err } = await this.command(...args);
    if (code !== 0) throw new Error(err);
    const [, username, password, clientId] = /^user (\S+)\npassword (\S+)(?:\nclient-id (\S+))?$/.exec(out);
    return { username, password, protocolVersion: 5, ...(clientId && { clientId }) };
  }

  /** Gateways that are started from now on log in to the broker as that user. */
  logInGateway({ username, password }) {
    const file = join(this.data, 'gateway', 'password');
    writeFileSync(file, `${password}\n`, { mode: 0o600 });
    this.gatewayLogin = ['--broker-user', username, '--broker-password-file', file];
  }

  /** Starts the air and a gateway in it. */
  async startRadio(...airOptions) {
    this.airProcess = this.start('air', ['air', '--port', '0', ...airOptions]);
    const [, port] = await this.airProcess.line(/air on 127\.0\.0\.1:(\d+)/);
    this.airPort = Number(port);
    this.air = `127.0.0.1:${port}`;
    await this.startGateway();
  }

  /** With a `broker` that is not the hub's plain one: "mqtts://HOST:PORT". */
  async startGateway(broker = `127.0.0.1:${this.ports.broker}`) {
    const login = this.gatewayLogin ?? [];
    const at = ['--air', this.air, '--broker', broker, '--data', this.data];
    this.gateway = this.start('gateway', ['gateway', ...at, ...login]);
    await until('the gateway is known', async () => (await this.api.system()).gateways.some((one) => one.online));
  }

  /** Starts a board that reports what is written to its standard input, and waits until it is online. */
  async startNode(...extra) {
    const at = ['--air', this.air, '--data', this.data];
    const node = this.start('node', ['node', ...at, '--stdin', '--json', '--interval', '0', ...extra]);
    await until('the node is online', () => {
      if (node.code !== undefined) throw new Error(node.tail());
      return node.events.some((event) => event.state === 'online');
    });
    return node;
  }

  /** Asks the database itself; rows are lists. `readings` are all readings, recent ones and those of every day. */
  async sql(query) {
    const script = fileURLToPath(new URL('ask_database.py', import.meta.url));
    const { code, out, err } = await run('python3', [script, join(this.data, 'espial.db'), query]);
    if (code !== 0) throw new Error(err);
    return JSON.parse(out);
  }

  /** Takes the database's write lock, as a backup might; what it returns gives it back. */
  async holdDatabase() {
    const script =
      'import sqlite3, sys; db = sqlite3.connect(sys.argv[1], isolation_level=None, timeout=30); ' +
      'db.execute("BEGIN IMMEDIATE"); print("held", flush=True); sys.stdin.read(); db.execute("ROLLBACK")';
    const holder = new Program('holder', 'python3', ['-c', script, join(this.data, 'espial.db')]);
    this.programs.push(holder);
    await holder.line(/^held$/);
    return async () => {
      holder.child.stdin.end();
      await holder.ended;
    };
  }

  /**
   * Ends everything that was started, the last first, the broker too, and removes the data. Fails when
   * something that was not killed before does not end in order.
   */
  async close() {
    House.open.delete(this);
    const bad = [];
    for (const program of this.programs.reverse()) {
      const killed = program.code === 'SIGKILL';
      const code = await program.stop();
      if (code !== 0 && !killed) bad.push(`${program.name} ended with ${code}: ${program.tail()}`);
    }
    let pid = 0;
    try {
      pid = this.brokerRecord().pid;
    } catch {
      // It has taken its record away: it ended in order.
    }
    if (pid > 1 && isAlive(pid)) process.kill(pid, 'SIGTERM');
    await until('the broker has ended', () => pid < 2 || !isAlive(pid));
    rmSync(this.data, { recursive: true, force: true });
    if (bad.length > 0) throw new Error(bad.join('\n'));
  }
}
