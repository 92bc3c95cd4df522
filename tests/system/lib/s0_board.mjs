/** A board with S0's firmware, as far as a test needs one: facts of its bytes are in core/wire/s0.hpp. */
import { Radio } from './radio.mjs';
import { until } from './wait.mjs';

const pairingSize = 46;
const valuesSize = 36;

export class S0Board {
  /** `number` is the module that it says it is. */
  constructor(mac, number, airPort, server = 1) {
    this.mac = mac;
    this.number = number;
    this.server = server;
    this.radio = new Radio(mac, airPort);
  }

  async start() {
    await this.radio.attach();
    return this;
  }

  /** Asks for its server, as often as it takes. */
  search() {
    const body = Buffer.alloc(pairingSize);
    body.set([0, this.server, this.number]);
    Buffer.from(this.mac.replaceAll(':', ''), 'hex').copy(body, 3);
    this.radio.broadcast(body);
  }

  /** Pairs; `functions` are the types it was given, by slot. */
  async pair() {
    const answered = () => this.radio.heard.find((body) => body.length === pairingSize && body[0] === 0);
    const answer = await until(`${this.mac} is answered`, () => {
      this.search();
      return answered();
    }, { lookMs: 200 });
    this.gateway = [...answer.subarray(3, 9)].map((byte) => byte.toString(16).padStart(2, '0')).join(':');
    this.functions = [...answer.subarray(22, 34)].filter((type) => type !== 255);
    return this;
  }

  /** Data of the function of that id and type: a temperature, and what a thermostat keeps to. */
  say(id, type, F1, F2 = 19) {
    const body = Buffer.alloc(valuesSize);
    body.set([1, id, type]);
    body.writeFloatLE(F1, 8);
    body.writeFloatLE(F2, 12);
    this.radio.send(this.gateway, body);
  }

  stop() {
    this.radio.close();
  }
}
