// Groups, alarms, and a module that takes the place of a broken one: by command line and API.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdirSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import { createServer as createSilentServer } from 'node:net';
import { House } from './lib/house.mjs';
import { espial, Program, run } from './lib/process.mjs';
import { story } from './lib/story.mjs';
import { until } from './lib/wait.mjs';

const temperature = 0;
const lamp = 1;
const macs = { hall: '5e:50:1a:20:00:01', porch: '5e:50:1a:20:00:02', spare: '5e:50:1a:20:00:03' };

async function setup() {
  const house = new House();
  // Two authorities, of which the hub believes one.
  for (const name of ['believed', 'foreign']) {
    const made = await run(espial, ['tls', 'init', '--data', `${house.data}/${name}`, '--name', '127.0.0.1']);
    assert.equal(made.code, 0, made.err);
  }
  await house.startHub('--pair', '10', '--keep-broker', '--webhook-ca', `${house.data}/believed/tls/ca.crt`);
  await house.startRadio();
  const posts = [];
  const listener = createServer((request, response) => {
    let body = '';
    request.on('data', (data) => (body += data));
    request.on('end', () => {
      posts.push(JSON.parse(body));
      // The first is refused, so that it has to come again.
      response.writeHead(posts.length === 1 ? 500 : 204).end();
    });
  });
  await new Promise((resolve) => listener.listen(0, '127.0.0.1', resolve));
  return {
    house,
    posts,
    hook: `http://127.0.0.1:${listener.address().port}/alarm`,
    nodes: {},
    secure: [],
    /** A web server over TLS with a certificate of that authority; its posts and its address. */
    async hookOver(authority) {
      const file = (name) => readFileSync(`${house.data}/${authority}/tls/server.${name}`);
      const taken = [];
      const server = createSecureServer({ cert: file('crt'), key: file('key') }, (request, response) => {
        let body = '';
        request.on('data', (data) => (body += data));
        request.on('end', () => {
          taken.push(JSON.parse(body));
          response.writeHead(204).end();
        });
      });
      server.listen(0, '127.0.0.1');
      await once(server, 'listening');
      this.secure.push(server);
      return { posts: taken, port: server.address().port };
    },
    async node(key, name) {
      const kinds = ['--function', 'temperature', '--function', 'relay', '--mac', macs[key]];
      this.nodes[key] = await house.startNode('--name', name, ...kinds, '--settings', `${house.data}/${key}.settings`);
    },
    cli: (...args) => run(espial, [...args, '--hub', house.url]),
    async close() {
      listener.close();
      for (const server of this.secure) server.close();
      this.listen?.signal('SIGTERM');
      await house.close();
    },
  };
}

const commandsOf = (node) => node.events.filter((event) => event.event === 'command').length;

story('what people decide about modules', setup, {
  async 'a group is made and switched with one command'(world) {
    await world.node('hall', 'Hall');
    await world.node('porch', 'Porch');
    assert.equal((await world.cli('group', 'save', 'All lamps', 'Hall:1', 'Porch:1')).code, 0);
    const listed = await world.cli('group', 'list');
    assert.equal(listed.out, 'All lamps: Hall:1 Porch:1');
    const sent = await (
      await world.house.api.send('POST', '/api/groups/All%20lamps/commands', { values: { on: 1 } })
    ).json();
    assert.equal(sent.members.length, 2);
    await until('both lamps are on', async () => {
      const states = await Promise.all(['Hall', 'Porch'].map((name) => world.house.api.values(name, lamp)));
      return states.every(({ on }) => on === 1);
    });
    const path = `/api/groups/All%20lamps/commands/${sent.group_command_id}`;
    await until('the command is done at each member', async () =>
      (await world.house.api.json(path)).members.every(({ state }) => state === 'executed'),
    );
    assert.equal(commandsOf(world.nodes.hall), 1);
    assert.equal(commandsOf(world.nodes.porch), 1);
  },

  async 'a group of what there is not is refused with what there is'(world) {
    for (const [words, advice] of [
      [['group', 'save', 'Typo', 'Hall:7'], /Hall has no slot 7; it has 0 \(temperature\), 1 \(relay\)/],
      [['group', 'save', 'Typo', `${macs.hall}:99999999999`], /Hall has no slot 99999999999; it has 0/],
      [['group', 'remove', 'Typo'], /there is no group "Typo"; `espial group list` lists them/],
      [['group', 'set', 'Typo', 'on', '1'], /there is no group "Typo"; `espial group list` lists them/],
      [['alarm', 'remove', 'Typo'], /there is no alarm "Typo"; `espial alarm list` lists them/],
      [['alarm', 'silence', 'Typo'], /there is no alarm "Typo"; `espial alarm list` lists them/],
    ]) {
      const { code, err } = await world.cli(...words);
      assert.equal(code, 1, words.join(' '));
      assert.match(err, advice);
    }
    assert.deepEqual(JSON.parse((await world.cli('group', 'list', '--json')).out), (await world.house.api.json('/api/groups')).groups);
  },

  async 'a member that can not do it is named, the others do it'(world) {
    await world.cli('group', 'save', 'Mixed', 'Hall:0', 'Porch:1');
    const { code, out, err } = await world.cli('group', 'set', 'Mixed', 'on', 'off');
    assert.equal(code, 1);
    assert.match(err, /Hall: .*takes no commands/);
    assert.match(out, /Porch: on off is on its way/);
    await until('the porch is dark', async () => (await world.house.api.values('Porch', lamp)).on === 0);
  },

  async 'an alarm on a value that there is not is refused with words'(world) {
    const { code, err } = await world.cli('alarm', 'save', 'Typo', 'Hall', 'temprature', '--above', '30');
    assert.equal(code, 1);
    assert.match(err, /no field "temprature"/);
  },

  async 'an alarm is raised on its topic, at its webhook and in the system'(world) {
    const { code, err } = await world.cli(
      ...['alarm', 'save', 'Too warm', 'Hall', 'temperature', '--above', '30', '--hysteresis', '2'],
      ...['--hold', '1', '--webhook', world.hook],
    );
    assert.equal(code, 0, err);
    world.listen = new Program('listen', 'mosquitto_sub', ['-p', world.house.ports.broker, '-t', 'espial/home/alarm/+', '-v']);
    world.nodes.hall.say(`${temperature} 31.5`);
    await world.listen.line(/^espial\/home\/alarm\/Too warm \{"alarm":"Too warm","state":"raised".*"value":31.5\}$/);
    await until('the webhook was taken', () => world.posts.length >= 2);
    assert.equal(world.posts[1].state, 'raised');
    assert.deepEqual((await world.house.api.system()).alarms.map(({ name, mac }) => [name, mac]), [['Too warm', macs.hall]]);
    assert.match((await world.cli('alarm', 'list')).out, /^RAISED  Too warm: Hall temperature above 30.0, now 31.5$/);
    assert.deepEqual(JSON.parse((await world.cli('alarm', 'list', '--json')).out), (await world.house.api.json('/api/alarms')).alarms);
    world.nodes.hall.say(`${temperature} 27`);
    await world.listen.line(/"state":"over"/);
    assert.deepEqual((await world.house.api.system()).alarms, []);
    await until('the webhook is told', () => world.posts.at(-1).state === 'over');
  },

  async 'a silenced alarm is shown and told to nobody until somebody switches it on'(world) {
    assert.equal((await world.cli('alarm', 'silence', 'Too warm', '--hours', '1')).code, 0);
    const told = world.posts.length;
    world.nodes.hall.say(`${temperature} 32`);
    const alarms = async () => (await world.house.api.system()).alarms;
    await until('it is raised', async () => (await alarms()).length === 1);
    assert.equal((await alarms())[0].silenced, true);
    assert.match((await world.cli('alarm', 'list')).out, /^RAISED  .*, now 32.0, silent until 20\d\d-/);
    assert.equal((await world.cli('alarm', 'unsilence', 'Too warm')).code, 0);
    await world.listen.line(/"state":"raised".*"value":32.0\}$/);
    await until('the webhook is called', () => world.posts.length > told);
    // One that had been told meanwhile would have come before.
    assert.deepEqual(world.posts.slice(told).map(({ state, value }) => [state, value]), [['raised', 32]]);
    const bad = await world.house.api.send('PUT', '/api/alarms/Too%20warm/silence', { seconds: 0 });
    assert.equal(bad.status, 422);
  },

  async 'whoever takes care of it is named until it is over'(world) {
    assert.equal((await world.cli('alarm', 'acknowledge', 'Too warm')).code, 0);
    await world.listen.line(/"state":"raised".*"acknowledged":\{"by":"local","at":\d+\},"value":32.0\}$/);
    await until('the webhook is called', () => world.posts.at(-1).acknowledged?.by === 'local');
    assert.match((await world.cli('alarm', 'list')).out, /^raised  .*, acknowledged by local$/);
    world.nodes.hall.say(`${temperature} 27`);
    await until('it is over', () => world.posts.at(-1).state === 'over');
    assert.equal(world.posts.at(-1).acknowledged, null);
    const { code, err } = await world.cli('alarm', 'acknowledge', 'Too warm');
    assert.equal(code, 1);
    assert.match(err, /not raised any more/);
  },

  async 'a module that is online is not replaced'(world) {
    await world.node('spare', 'Spare');
    const { code, err } = await world.cli('replace', 'Hall', 'Spare');
    assert.equal(code, 1);
    assert.match(err, /online; switch it off first/);
  },

  async 'a new module takes name, history, groups and alarms of a broken one'(world) {
    assert.equal(await world.nodes.hall.stop(), 0);
    await until('the hall is offline', async () => !(await world.house.api.device('Hall')).online);
    const followed = world.house.api.follow();
    const { code, err } = await world.cli('replace', 'Hall', 'Spare');
    assert.equal(code, 0, err);
    const device = await world.house.api.device('Hall');
    assert.equal(device.mac, macs.spare);
    assert.equal(device.online, true);
    assert.equal(await world.house.api.device('Spare'), undefined);
    assert.equal(await world.house.api.device(macs.hall), undefined);
    await until('pages are told', () => followed.events.some(({ data }) => data.removed));
    followed.stop();
    world.nodes.spare.say(`${temperature} 19.25`);
    await until('it reports', async () => (await world.house.api.values('Hall', temperature)).temperature === 19.25);
    const means = (await world.house.api.history(macs.spare, temperature, 'temperature')).map(([, mean]) => mean);
    assert.deepEqual(means, [31.5, 27, 32, 27, 19.25]);
    assert.equal((await world.cli('group', 'list')).out.split('\n')[0], 'All lamps: Hall:1 Porch:1');
    assert.equal((await world.cli('set', 'Hall', 'on', 'on')).code, 0);
  },

  async 'a webhook over TLS goes to who proves to be meant, and to nobody else'(world) {
    const good = await world.hookOver('believed');
    const foreign = await world.hookOver('foreign');
    const hooks = {
      believed: `https://127.0.0.1:${good.port}/alarm?token=s3cret`,
      stranger: `https://127.0.0.1:${foreign.port}/alarm`,
    };
    for (const [name, hook] of Object.entries(hooks)) {
      const { code, err } = await world.cli('alarm', 'save', name, 'Hall', 'temperature', '--above', '40', '--webhook', hook);
      assert.equal(code, 0, err);
    }
    world.nodes.spare.say(`${temperature} 41`);
    await until('the right one has it', () => good.posts.some(({ state }) => state === 'raised'));
    const refused = 'espial_alarm_hooks_certificates_refused_total';
    await until('the wrong one is refused', async () => (await world.house.api.count(refused)) > 0);
    assert.deepEqual(foreign.posts, []);
    await world.house.hub.line(/a webhook at 127\.0\.0\.1:\d+ is given up .*: the certificate of .* is refused: /);
    for (const name of Object.keys(hooks)) assert.equal((await world.cli('alarm', 'remove', name)).code, 0);
    world.nodes.spare.say(`${temperature} 27`);
  },

  async 'a webhook that never answers holds up no other'(world) {
    const silent = createSilentServer().listen(0, '127.0.0.1');
    await once(silent, 'listening');
    const hook = `http://127.0.0.1:${silent.address().port}/alarm`;
    // The hub tells of it first: the order is that of the names.
    const save = await world.cli('alarm', 'save', 'A mute one', 'Hall', 'temperature', '--above', '30', '--webhook', hook);
    assert.equal(save.code, 0, save.err);
    const called = once(silent, 'connection');
    const told = world.posts.length;
    world.nodes.spare.say(`${temperature} 42`);
    const [socket] = await called;
    await until('the other is called', () => world.posts.slice(told).some(({ value }) => value === 42));
    assert.equal((await world.cli('alarm', 'remove', 'A mute one')).code, 0);
    socket.destroy();
    silent.close();
    world.nodes.spare.say(`${temperature} 27`);
    await until('it is over', () => world.posts.at(-1).state === 'over');
  },

  async 'the audit log says what was changed from what to what, and no secret'(world) {
    const save = (limit) => world.cli('alarm', 'save', 'Frost', 'Hall', 'temperature', '--below', limit);
    await save('2');
    await save('3.5');
    await world.house.api.send('PATCH', `/api/devices/${macs.porch}`, { name: 'Veranda' });
    await world.house.api.send('PATCH', `/api/devices/${macs.porch}`, { name: 'Porch' });
    // Who changed something is answered before the log has it.
    const { out } = await until('the last change is in the log', async () => {
      const log = await world.cli('audit', '--limit', '200', '--data', world.house.data);
      return log.out.includes('"Veranda" -> "Porch"') && log;
    });
    // Where nobody needs an account, nobody needs the owner's token to read it.
    mkdirSync(`${world.house.data}/nothing/keys`, { recursive: true });
    const bare = await world.cli('audit', '--data', `${world.house.data}/nothing`);
    assert.match(bare.out, /local +group\.add +All lamps: /, bare.err);
    assert.match(out, /alarm\.add +Frost: .*below 2/);
    assert.match(out, /alarm\.change +Frost: below 2.0 -> 3.5/);
    assert.match(out, new RegExp(`device\\.rename +${macs.porch} "Porch" -> "Veranda"`));
    assert.match(out, /group\.add +All lamps: /);
    assert.match(out, /group\.command +All lamps: \+on 1/);
    assert.match(out, /local +alarm\.silence +Too warm: 3600 s/);
    assert.match(out, /local +alarm\.unsilence +Too warm/);
    assert.match(out, /local +alarm\.acknowledge +Too warm/);
    assert.match(out, /alarm\.add +believed: .*webhook changed/);
    assert.doesNotMatch(out, /s3cret|POST \//);
    await world.cli('alarm', 'remove', 'Frost');
  },

  async 'and keeps them over a restart of the hub'(world) {
    world.nodes.spare.say(`${temperature} 33`);
    const alarm = async () => (await world.house.api.json('/api/alarms')).alarms[0];
    await until('it is raised', async () => (await alarm()).state === 'raised');
    assert.equal((await world.cli('alarm', 'acknowledge', 'Too warm')).code, 0);
    const { since, acknowledged } = await alarm();
    await until('the webhook is told', () => world.posts.at(-1).acknowledged !== null);
    const told = world.posts.length;
    await world.house.hub.stop();
    await world.house.startHub('--pair', '10', '--keep-broker');
    await until('it is online again', async () => (await world.house.api.device('Hall'))?.online);
    assert.equal((await world.house.api.device('Hall')).mac, macs.spare);
    assert.equal((await world.house.api.devices()).length, 2);
    const after = await alarm();
    assert.deepEqual([after.state, after.since, after.acknowledged], ['raised', since, acknowledged]);
    world.nodes.spare.say(`${temperature} 20.5`);
    await until('it is over', () => world.posts.at(-1).state === 'over');
    assert.ok(world.posts.slice(told).every(({ state, acknowledged: by }) => state === 'over' || by !== null));
    await until('it reports', async () => (await world.house.api.values('Hall', temperature)).temperature === 20.5);
    assert.equal((await world.cli('set', 'Hall', 'on', 'off')).code, 0);
    assert.equal((await world.house.api.json('/api/alarms')).alarms[0].device, macs.spare);
    assert.equal(await world.house.api.count('espial_network_damaged_keys_total{server="1"}'), 0);
  },

  async 'a module that is sold is forgotten: key, name, groups and alarms, and is not back after a restart'(world) {
    const followed = world.house.api.follow();
    const { code, out, err } = await world.cli('forget', 'Hall', '--with-history');
    assert.equal(code, 0, err);
    assert.match(out, /^Hall at 5e:50:1a:20:00:03 is forgotten/);
    assert.equal(await world.house.api.device('Hall'), undefined);
    await until('pages are told', () => followed.events.some(({ data }) => data.removed));
    followed.stop();
    assert.equal((await world.cli('group', 'list')).out.split('\n')[0], 'All lamps: Porch:1');
    assert.deepEqual((await world.house.api.json('/api/alarms')).alarms, []);
    assert.equal((await world.cli('forget', 'Hall')).code, 1);
    await world.house.hub.stop();
    await world.house.startHub('--admit', 'closed', '--keep-broker');
    await until('the porch is back', async () => (await world.house.api.device('Porch'))?.online);
    assert.equal((await world.house.api.devices()).length, 1);
  },

  async 'and comes back only as a new one, without a past'(world) {
    assert.equal((await world.cli('pair', '--policy', 'open')).code, 0);
    await until('it has joined anew', async () => (await world.house.api.device(macs.spare))?.online);
    world.nodes.spare.say(`${temperature} 18`);
    const means = await until('it reports', async () => {
      const past = await world.house.api.history(macs.spare, temperature, 'temperature');
      return past.length > 0 && past.map(([, mean]) => mean);
    });
    assert.deepEqual(means, [18]);
  },
});
