/** A radio on the simulated air that sends whatever it is told: ports/linux/air_datagram.hpp has the bytes. */
import { createSocket } from 'node:dgram';
import { until } from './wait.mjs';

const bytesOf = (mac) => Buffer.from(mac.replaceAll(':', ''), 'hex');

export class Radio {
  constructor(mac, airPort, channel = 6) {
    this.mac = mac;
    this.airPort = airPort;
    this.channel = channel;
    this.heard = [];
    this.sent = 0;
    this.attached = false;
    this.socket = createSocket('udp4');
    this.socket.on('message', (datagram) => this.#on(datagram));
  }

  #on(datagram) {
    const kind = String.fromCharCode(datagram[0]);
    if (kind === 'a') this.attached = true;
    if (kind === 'R') this.heard.push(datagram.subarray(15));
  }

  #transmit(...parts) {
    this.socket.send(Buffer.concat(parts), this.airPort, '127.0.0.1');
  }

  /** Takes its place in the air, and keeps it until close(). */
  async attach() {
    const size = Buffer.from([250, 0]);
    const say = () =>
      this.#transmit(Buffer.from('A'), bytesOf(this.mac), bytesOf(this.mac), Buffer.from([this.channel]), size);
    say();
    this.timer = setInterval(say, 500);
    await until('the air carries the radio', () => this.attached);
    return this;
  }

  broadcast(body) {
    this.send('ff:ff:ff:ff:ff:ff', body);
  }

  send(to, body) {
    this.sent += 1;
    const id = Buffer.from([this.sent & 0xff, this.sent >> 8]);
    this.#transmit(Buffer.from('S'), id, bytesOf(to), Buffer.from(body));
  }

  close() {
    clearInterval(this.timer);
    this.socket.close();
  }
}
