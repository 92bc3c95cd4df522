// The program's commands as people and scripts use them: what they say, and how they end.
import assert from 'node:assert/strict';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { connect } from 'node:net';
import { appendFileSync, mkdirSync, readdirSync, readlinkSync, statSync, writeFileSync } from 'node:fs';
import { House } from './lib/house.mjs';
import { freePort, freePorts } from './lib/ports.mjs';
import { espial, isAlive, run } from './lib/process.mjs';
import { story } from './lib/story.mjs';
import { until } from './lib/wait.mjs';

const mac = '5e:50:1a:20:00:01';
const commands = [
  'up', 'hub', 'gateway', 'house', 'node', 'air', 'devices', 'watch', 'restart', 'set', 'pair', 'label', 'revoke', 'key',
];

/** An option as CLI11 prints it, without its description: --pair FLOAT:FLOAT in [0 - 1440]=10 */
const optionItself = /^ {2}--\S+(?: [A-Z]+(?![a-z])(?:[:=]\S*)?(?: in \[[^\]]*\](?:=\S+)?)?)?(?: \.\.\.)?(?: \(Env:\w+\))?/;

async function withoutHub() {
  return { house: new House(), close() { return this.house.close(); } };
}

story('without a hub', withoutHub, {
  async 'help names every command, and each command every option with words'() {
    const { code, out } = await run(espial, ['--help']);
    assert.equal(code, 0);
    for (const command of commands) {
      assert.match(out, new RegExp(`^  ${command} {2,}\\S`, 'm'));
      const help = await run(espial, [command, '--help']);
      assert.equal(help.code, 0);
      const lines = help.out.split('\n');
      const options = [...lines.keys()].filter((at) => /^ {2}--/.test(lines[at]));
      assert.ok(options.length > 0, `${command} lists no option`);
      for (const at of options) {
        // Beside what the option takes, or on a line of its own below it.
        const words = lines[at].replace(optionItself, '').replace(/^ *Needs: \S+/, '').trim() || /^ {30}\S.*/.exec(lines[at + 1])?.[0];
        assert.match(words ?? '', /\w+ \w+/, `${command}: ${lines[at]}`);
      }
      assert.doesNotMatch(help.out, /unsafe/);
      assert.doesNotMatch(help.out, /espial COMMAND/, `${command} repeats what the program's own help says`);
    }
  },

  async 'version is told'() {
    const { code, out } = await run(espial, ['--version']);
    assert.equal(code, 0);
    assert.match(out, /^espial \d+\.\d+\.\d+$/);
  },

  async 'what is no command, no option or no value is refused with words'() {
    for (const args of [[], ['fly'], ['hub', '--fly'], ['hub', '--port', 'x'], ['node', '--function', 'magic'],
      ['hub', '--site', 'a/b'], ['devices', '--hub', 'nowhere'], ['gateway', '--channel', '14'], ['set', 'Lamp']]) {
      const { code, err, out } = await run(espial, args);
      assert.notEqual(code, 0, args.join(' '));
      assert.match(err + out, /\w+ \w+/);
      assert.doesNotMatch(err, /terminate|what\(\)/);
    }
  },

  async 'a number that is no port is refused with the range'() {
    for (const command of ['hub', 'up']) {
      for (const option of ['--port', '--broker-port', '--websockets-port', '--s2-port']) {
        for (const port of ['99999', '-1', 'x']) {
          const { code, err } = await run(espial, [command, '--lan', option, port, '--data', '/dev/null']);
          assert.notEqual(code, 0);
          assert.match(err, new RegExp(`^${option}: ${port} is no port; write one from 0 to 65535`));
        }
      }
    }
  },

  async 'a word that is no command is named'() {
    assert.match((await run(espial, ['fly'])).err, /no command "fly"/);
    assert.match((await run(espial, ['tls', 'fly'])).err, /no command "fly"/);
    assert.match((await run(espial, ['trace', 'Hall', 'x'])).err, /sequence: .*0 to 4294967295/);
  },

  async 'options that are for the network are refused without it'() {
    for (const command of ['hub', 'up']) {
      for (const option of [['--s2-port', '1'], ['--insecure-http'], ['--mqtt-tls-port', '1']]) {
        const { code, err } = await run(espial, [command, ...option, '--data', '/dev/null']);
        assert.notEqual(code, 0, `${command} ${option}`);
        assert.match(err, new RegExp(`${option[0]} requires --lan`));
      }
    }
  },

  async 'a renewed certificate is for every name that was ever given'({ house }) {
    const tls = (...args) => run(espial, ['tls', ...args, '--data', `${house.data}/house`]);
    const names = async () => (await run('openssl', ['x509', '-noout', '-ext', 'subjectAltName', '-in', `${house.data}/house/tls/server.crt`])).out;
    mkdirSync(`${house.data}/house/keys`, { recursive: true });
    for (const command of ['renew', 'show']) assert.match((await tls(command)).err, /no authority yet; run `espial tls init`/);
    assert.equal((await tls('init', '--name', 'hub.example')).code, 0);
    assert.match((await tls('init')).err, /there is an authority already/);
    assert.equal((await tls('renew', '--name', 'door.example')).code, 0);
    assert.equal((await tls('renew')).code, 0);
    for (const name of ['localhost', 'hub.example', 'door.example']) assert.match(await names(), new RegExp(`DNS:${name}`));
  },

  async 'commands that need a hub say that none is there'() {
    const port = await freePort();
    for (const args of [['devices'], ['watch'], ['set', 'Lamp', 'on', '1']]) {
      const { code, err } = await run(espial, [...args, '--hub', `127.0.0.1:${port}`]);
      assert.equal(code, 1);
      assert.match(err, new RegExp(`^espial: .*127\\.0\\.0\\.1:${port}`));
    }
  },

  async 'a gateway and a node without the keys of a network say which file they want'({ house }) {
    mkdirSync(`${house.data}/none/keys`, { recursive: true });
    for (const command of ['gateway', 'node', 'house']) {
      const { code, err } = await run(espial, [command, '--data', `${house.data}/none`]);
      assert.equal(code, 1);
      assert.match(err, /^espial: cannot read the key .*none\/keys\/\w+-1\.key/);
    }
  },

  async 'a wrong --data is told, and nothing is created there'({ house }) {
    const file = `${house.data}/2023_04_23.JSN`;
    mkdirSync(`${house.data}/photos/summer`, { recursive: true });
    writeFileSync(file, '{"Data":[]}');
    for (const args of [['backup', `${house.data}/copy`], ['export'], ['import', file], ['gateway'], ['node'], ['house'],
      ['import', file, '--dry-run', '--module', `3=${mac}`],
      ['tls', 'renew'], ['tls', 'show'], ['doctor'], ['devices'], ['trace', 'Hall'], ['label', mac], ['audit']]) {
      for (const place of ['nowhere', 'photos']) {
        const { code, err } = await run(espial, [...args, '--data', `${house.data}/${place}`]);
        assert.notEqual(code, 0, args.join(' '));
        assert.match(err, new RegExp(`there is no data of a hub in .*/${place}, .*--data DIR`), args.join(' '));
      }
    }
    assert.deepEqual(readdirSync(house.data).sort(), ['2023_04_23.JSN', 'house', 'none', 'photos']);
    assert.deepEqual(readdirSync(`${house.data}/photos`), ['summer']);
  },

  async 'a port that two options want is refused, by the names of both'({ house }) {
    const [port, http] = (await freePorts(2)).map(String);
    const args = ['--data', `${house.data}/twice`, '--port', http, '--websockets-port', '0', '--broker-port', port, '--lan', '--s2-port', port];
    for (const command of [['hub'], ['up', '--no-house']]) {
      const { code, err } = await run(espial, [...command, ...args, '--mqtt-tls-port', String(await freePort())]);
      assert.equal(code, 1);
      assert.match(err, new RegExp(`port ${port} .*--s2-port.*--broker-port`), command[0]);
      assert.doesNotMatch(err, /Address already in use/);
    }
  },
});

async function withHub() {
  const house = new House();
  await house.startHub('--pair', '10');
  return {
    house,
    ask: (command, ...args) => run(espial, [command, ...args], { env: { ESPIAL_HUB: `127.0.0.1:${house.ports.http}` } }),
    close: () => house.close(),
  };
}

story('with a hub', withHub, {
  async 'devices says how to get some while there are none'({ ask }) {
    const { code, out } = await ask('devices');
    assert.equal(code, 0);
    assert.match(out, /No device has joined yet.*--pair/);
    assert.deepEqual(JSON.parse((await ask('devices', '--json')).out), []);
  },

  async 'devices lists them, for people and as JSON'(world) {
    await world.house.startRadio();
    world.node = await world.house.startNode('--name', 'Hall lamp', '--function', 'relay', '--function', 'temperature');
    world.node.say('0 0');
    world.node.say('1 19.5');
    await until('the values are there', async () => (await world.house.api.values(mac, 1)).temperature === 19.5);
    const { code, out } = await world.ask('devices');
    assert.equal(code, 0);
    assert.match(out, /^NAME +MAC +STATE +SEEN +FUNCTIONS$/m);
    assert.match(out, new RegExp(`^Hall lamp +${mac} +online +\\d+ s ago +on off; temperature 19\\.50 °C$`, 'm'));
    const [device] = JSON.parse((await world.ask('devices', '--json')).out);
    assert.deepEqual([device.name, device.mac, device.online], ['Hall lamp', mac, true]);
  },

  async 'set switches, waits for the end and says it; watch tells what happens meanwhile'({ house, ask, node }) {
    const at = ['--hub', `127.0.0.1:${house.ports.http}`];
    const people = house.start('watch', ['watch', 'Hall lamp', ...at]);
    const script = house.start('watch', ['watch', '--json', ...at]);
    const nobody = house.start('watch', ['watch', 'Cellar', ...at]);
    // A reading that both have seen shows that both are listening.
    let reading = 20;
    await until('both watch', () => {
      node.say(`1 ${(reading += 0.01).toFixed(2)}`);
      return people.out.length > 0 && script.out.length > 0;
    });
    const { code, out } = await ask('set', 'Hall lamp', 'on', 'on');
    assert.deepEqual([code, out], [0, 'Hall lamp: on on']);
    assert.equal((await house.api.values(mac, 0)).on, 1);
    await people.line(/^\d\d:\d\d:\d\d {2}Hall lamp +on on$/);
    await people.line(/^\d\d:\d\d:\d\d {2}Hall lamp +command \d+ executed$/);
    const seen = () => script.events.find(({ event, data }) => event === 'command' && data.state === 'executed');
    assert.equal((await until('the script sees it', seen)).data.mac, mac);
    const json = await ask('set', mac, 'on', '0', '--json');
    assert.equal(json.code, 0);
    assert.deepEqual([JSON.parse(json.out).state, JSON.parse(json.out).mac], ['executed', mac]);
    const sent = await ask('set', mac, 'on', '1', '--no-wait', '--json');
    assert.ok(JSON.parse(sent.out).command_id > 0);
    assert.equal(await people.stop('SIGINT'), 0);
    assert.equal(await script.stop('SIGTERM'), 0);
    assert.equal(await nobody.stop(), 0);
    assert.deepEqual(nobody.out, []);
  },

  async 'set fails with words where nothing can be set'({ ask }) {
    const wrong = [
      [['Attic', 'on', '1'], /there is no device "Attic"; `espial devices` lists them/],
      [['Hall lamp', 'temperature', '20'], /"Hall lamp" has no function whose "temperature" can be set/],
      [['Hall lamp', 'on', 'maybe'], /can't be set to that value/],
    ];
    for (const [args, words] of wrong) {
      const { code, out, err } = await ask('set', ...args);
      assert.deepEqual([code, out], [1, '']);
      assert.match(err, words);
    }
  },

  async 'watch tells who goes offline'(world) {
    const people = world.house.start('watch', ['watch', '--hub', `127.0.0.1:${world.house.ports.http}`]);
    await until('it watches', () => {
      world.node.say(`1 ${(20 + Math.random()).toFixed(2)}`);
      return people.out.length > 0;
    });
    await world.house.gateway.stop();
    await people.line(/^\d\d:\d\d:\d\d {2}Hall lamp +is offline$/);
    assert.equal(await people.stop(), 0);
  },

  async 'a taken port names its owner and the option that chooses another'({ house }) {
    const { http, broker, websockets } = house.ports;
    const data = ['--data', `${house.data}/second`];
    const rest = ['--port', '0', '--broker-port', '0', '--websockets-port', '0'];
    const owners = [['--port', http, 'espial'], ['--broker-port', broker, 'mosquitto'], ['--websockets-port', websockets, 'mosquitto']];
    const taken = [
      ...owners.map((owner) => ['hub', [...rest, owner[0], owner[1]], [owner]]),
      ['up', ['--no-house', ...owners.flatMap(([option, port]) => [option, port])], owners],
      ['up', [...rest, '--dispobox', http], [['--dispobox', http, 'espial']]],
    ];
    for (const [command, args, expected] of taken) {
      const { code, err } = await run(espial, [command, ...data, ...lastOfEach(args)]);
      assert.equal(code, 1, `${command} ${args.join(' ')}`);
      for (const [option, port, owner] of expected) {
        const sentence = err.split('\n').find((line) => new RegExp(`${option}(?![\\w-])`).test(line));
        assert.ok(sentence, `${option} in: ${err}`);
        assert.match(sentence, new RegExp(`\\b${port}\\b.*\\b${owner} \\(pid \\d+\\)|\\b${owner} \\(pid \\d+\\).*\\b${port}\\b`));
      }
    }
  },

  async 'a taken port of the air is told before anything starts'({ house }) {
    const air = createSocket('udp4').bind(0, '127.0.0.1');
    await once(air, 'listening');
    const { port } = air.address();
    const rest = ['--port', '0', '--broker-port', '0', '--websockets-port', '0'];
    const { code, err } = await run(espial, ['up', '--data', `${house.data}/second`, ...rest, '--air-port', String(port)]);
    air.close();
    assert.equal(code, 1);
    assert.equal(err, `UDP port ${port} is taken; choose another with --air-port PORT.`);
  },

  async 'a second hub in the same data is refused with words'({ house }) {
    const { code, err } = await run(espial, ['hub', '--data', house.data, '--port', '0', '--broker-port', '0', '--websockets-port', '0']);
    assert.equal(code, 1);
    assert.match(err, /another|running|already|belongs/i);
    assert.equal((await house.api.get('/healthz')).status, 200);
  },
});

/** Options of which only the last of the same name counts. */
function lastOfEach(args) {
  const options = new Map();
  const flags = [];
  for (let i = 0; i < args.length; ++i) {
    if (typeof args[i + 1] === 'undefined' || String(args[i + 1]).startsWith('--')) flags.push(args[i]);
    else options.set(args[i], String(args[++i]));
  }
  return [...flags, ...[...options].flat()];
}

async function forUp() {
  const house = new House();
  const [http, broker, websockets, air] = (await freePorts(4)).map(String);
  const ports = ['--port', http, '--broker-port', broker, '--websockets-port', websockets, '--air-port', air];
  house.ports = { http, broker, websockets };
  return {
    house,
    http,
    up: (...extra) => house.start('up', ['up', '--data', house.data, ...ports, ...extra]),
    ports,
    close: () => house.close(),
  };
}

/** The processes that a process has started, and those that they have: [{pid, parent, name}]. */
async function startedBy(pid) {
  const { out } = await run('ps', ['-eo', 'pid=,ppid=,comm=,args=']);
  const all = out.split('\n').map((line) => {
    const [, id, parent, name] = /^ *(\d+) +(\d+) +(.*)$/.exec(line);
    return { pid: Number(id), parent: Number(parent), name };
  });
  const family = [{ pid }];
  for (const one of family) family.push(...all.filter(({ parent }) => parent === one.pid));
  return family.slice(1);
}

story('everything at once', forUp, {
  async 'up --no-house brings up broker and hub, and says where'(world) {
    world.running = world.up('--no-house');
    await world.running.line(new RegExp(`^  http://127\\.0\\.0\\.1:${world.http} +Ctrl-C stops everything`));
    assert.equal((await fetch(`http://127.0.0.1:${world.http}/healthz`)).status, 200);
    assert.equal((await fetch(`http://127.0.0.1:${world.http}/`)).status, 200);
    world.brokerPid = world.house.brokerRecord().pid;
    assert.match(readlinkSync(`/proc/${world.brokerPid}/exe`), /mosquitto/);
    world.started = await startedBy(world.running.pid);
    assert.equal(world.started.length, 2);
    assert.ok(world.started.some(({ pid }) => pid === world.brokerPid));
  },

  async 'a second one on the same data is refused with words, and disturbs nobody'({ house, http, running }) {
    const others = (await freePorts(4)).map(String);
    const names = ['--port', '--broker-port', '--websockets-port', '--air-port'];
    const args = ['up', '--no-house', '--data', house.data, ...names.flatMap((name, i) => [name, others[i]])];
    const { code, out, err } = await run(espial, args);
    assert.equal(code, 1);
    assert.match(out + err, /another|running|already|belongs/i);
    assert.equal((await fetch(`http://127.0.0.1:${http}/healthz`)).status, 200);
    assert.equal(running.code, undefined);
  },

  async 'its logs are bounded, however much is said'({ house }) {
    const log = `${house.data}/log/hub.log`;
    const bound = 1024 * 1024;
    appendFileSync(log, 'more than anybody reads\n'.repeat(bound / 10));
    await until('the log is cut', () => statSync(log).size < bound);
    assert.equal(statSync(`${log}.old`).size, bound);
  },

  async 'Ctrl-C stops everything, and nothing is left running'({ running, started }) {
    assert.equal(await running.stop('SIGINT'), 0);
    assert.deepEqual(started.filter(({ pid }) => isAlive(pid)), []);
  },

  async 'with ports 0 it takes free ones, says which, and its house is on them'({ house }) {
    const any = ['--port', '--broker-port', '--websockets-port', '--air-port'].flatMap((option) => [option, '0']);
    const running = house.start('up', ['up', '--data', `${house.data}/any`, ...any]);
    const [, broker, websockets] = await running.line(/^ {2}broker +127\.0\.0\.1:(\d+), WebSocket on (\d+) /);
    await running.line(/(\d+) of \1 modules have joined/);
    const [, http] = await running.line(/^ {2}http:\/\/127\.0\.0\.1:(\d+) +Ctrl-C/);
    assert.equal((await fetch(`http://127.0.0.1:${http}/healthz`)).status, 200);
    for (const port of [broker, websockets]) {
      const socket = connect(Number(port), '127.0.0.1');
      await once(socket, 'connect');
      socket.destroy();
    }
    assert.equal(await running.stop('SIGINT', 60_000), 0);
  },

  async 'up with its house has all modules online, at least 24, and stops as cleanly'(world) {
    const running = world.up();
    const [, count] = await running.line(/(\d+) of \1 modules have joined/);
    assert.ok(Number(count) >= 24);
    await running.line(/Ctrl-C stops everything/);
    const devices = JSON.parse((await run(espial, ['devices', '--json', '--hub', `127.0.0.1:${world.http}`])).out);
    assert.equal(devices.filter((device) => device.online).length, Number(count));
    const started = await startedBy(running.pid);
    assert.equal(started.length, 5);
    assert.equal(await running.stop('SIGINT', 60_000), 0);
    assert.deepEqual(started.filter(({ pid }) => isAlive(pid)), []);
    assert.match((await run('tail', ['-n', '1', `${world.house.data}/log/hub.log`])).out, /everything received is stored/);
  },
});
