/** The hub's API as a script uses it. */

export class Api {
  /** `token` is what the hub leaves for its owner: it is admin with it. */
  constructor(url, token) {
    this.url = url;
    this.authorization = { authorization: `Bearer ${token}` };
  }

  get(path, headers = {}) {
    return fetch(this.url + path, { headers: { ...this.authorization, ...headers } });
  }

  send(method, path, body) {
    const headers = { 'content-type': 'application/json', ...this.authorization };
    return fetch(this.url + path, { method, headers, body: JSON.stringify(body) });
  }

  async json(path) {
    const answer = await this.get(path);
    if (answer.status !== 200) throw new Error(`${path}: HTTP ${answer.status}: ${await answer.text()}`);
    return answer.json();
  }

  async devices() {
    return (await this.json('/api/devices')).devices;
  }

  system() {
    return this.json('/api/system');
  }

  /** The device of that MAC or name; undefined where there is none. */
  async device(word) {
    return (await this.devices()).find((one) => one.mac === word || one.name === word);
  }

  /** What a function of a device says now: {} when there is none. */
  async values(word, slot) {
    const device = await this.device(word);
    return device?.functions.find((one) => one.slot === slot)?.values ?? {};
  }

  async history(mac, slot, field) {
    const now = Date.now();
    const span = `from=${now - 3_600_000}&to=${now + 60_000}`;
    return (await this.json(`/api/devices/${mac}/history?slot=${slot}&field=${field}&${span}&points=2000`)).points;
  }

  /** All figures of /metrics as {'name{label="x"}': number}. */
  async metrics() {
    const text = await (await this.get('/metrics')).text();
    const figures = {};
    for (const line of text.split('\n')) {
      const [, name, value] = /^([a-z_0-9]+(?:\{.*\})?) (\S+)$/.exec(line) ?? [];
      if (name) figures[name] = Number(value);
    }
    return figures;
  }

  /** One figure of /metrics, by its name and labels as they stand there. */
  async count(name) {
    const figure = (await this.metrics())[name];
    if (figure === undefined) throw new Error(`/metrics has no ${name}`);
    return figure;
  }

  /** Follows the server-sent events; `events` grows as {event, data}. */
  follow() {
    const control = new AbortController();
    const followed = { events: [], stop: () => control.abort() };
    followed.ended = (async () => {
      const answer = await fetch(`${this.url}/api/events`, { signal: control.signal, headers: this.authorization });
      let rest = '';
      for await (const chunk of answer.body.pipeThrough(new TextDecoderStream())) {
        rest += chunk;
        const blocks = rest.split('\n\n');
        rest = blocks.pop();
        for (const block of blocks) {
          const event = /^event: ?(.*)$/m.exec(block)?.[1];
          const data = /^data: ?(.*)$/m.exec(block)?.[1];
          if (event && data) followed.events.push({ event, data: JSON.parse(data) });
        }
      }
    })().catch(() => {});
    return followed;
  }
}
