/**
 * A board that speaks the session protocol over plain MQTT, made with a client that is not ours. It
 * does what the protocol's text says, in its order.
 */
import mqtt from 'mqtt';
import { until } from './wait.mjs';

/** Connects; `connection.heard` grows as {topic, text, qos, retain}. */
export async function connect(url, options = {}) {
  const connection = mqtt.connect(url, { keepalive: 5, reconnectPeriod: 0, ...options });
  connection.heard = [];
  // Before it is connected: what the broker has kept comes with the welcome.
  connection.on('message', (topic, payload, { qos, retain }) =>
    connection.heard.push({ topic, text: payload.toString(), qos, retain }),
  );
  await new Promise((resolve, reject) => {
    connection.once('connect', resolve);
    connection.on('error', reject);
    connection.once('close', () => reject(new Error('closed before it was connected')));
  });
  return connection;
}

export class Board {
  /** `version` is 4 for MQTT 3.1.1 and 5 for MQTT 5; `qos` takes the place of every QoS where given. */
  constructor(url, mac, { version = 4, qos } = {}) {
    this.url = url;
    this.mac = mac;
    this.options = { protocolVersion: version };
    this.qos = qos;
  }

  level(stated) {
    return this.qos ?? stated;
  }

  /** Steps 2 and 3: asks for a name and keeps what it is given. */
  async ask() {
    const connection = await connect(this.url, this.options);
    await connection.subscribeAsync('state/nameAssign', { qos: this.level(2) });
    await connection.publishAsync('state/join', this.mac, { qos: this.level(2) });
    this.assigned = await until(`${this.mac} is given a name`, () =>
      connection.heard.find(({ text }) => text.startsWith(`${this.mac};`)),
    );
    await connection.endAsync();
    [, this.name, this.session] = this.assigned.text.split(';');
    return this;
  }

  get credentials() {
    return `${this.name};${this.session}`;
  }

  /** Steps 4 and 5: connects again with a last will, and begins the session. */
  async begin() {
    const will = { topic: 'state/leave', payload: Buffer.from(this.credentials), qos: this.level(2), retain: false };
    this.connection = await connect(this.url, { ...this.options, will });
    await this.connection.subscribeAsync('led/command', { qos: this.level(1) });
    await this.connection.publishAsync('state/join', this.credentials, { qos: this.level(2) });
    return this;
  }

  async join() {
    await this.ask();
    return this.begin();
  }

  say(topic, value, qos) {
    return this.connection.publishAsync(topic, `${this.credentials};${value}`, { qos: this.level(qos) });
  }
  led(value) {
    return this.say('led/status', value, 1);
  }
  button(value) {
    return this.say('button/status', value, 0);
  }
  photoresistor(value) {
    return this.say('photoresistor/status', value, 0);
  }
  leave() {
    return this.connection.publishAsync('state/leave', this.credentials, { qos: this.level(2) });
  }

  /** The plug is pulled: no goodbye, so the broker speaks the last will. */
  vanish() {
    this.connection.stream.destroy();
  }

  end() {
    return this.connection?.endAsync(true);
  }
}
