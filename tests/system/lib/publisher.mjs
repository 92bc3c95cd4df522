/** Many boards of the session protocol behind one connection that publishes as fast as it can. */
import { connect } from './board.mjs';
import { until } from './wait.mjs';

const mac = (group, index) => `02:00:00:${[group, index >> 8, index & 255].map((octet) => octet.toString(16).padStart(2, '0')).join(':')}`;

export class Publisher {
  /** `boards` boards of a group (0..255) join; each says a value once, so that no message is like another. */
  static async open(url, group, boards) {
    const publisher = new Publisher();
    publisher.acknowledged = new Set();
    publisher.credentials = new Map();
    publisher.connection = await connect(url, { keepalive: 60 });
    await publisher.connection.subscribeAsync('state/nameAssign', { qos: 2 });
    const addresses = Array.from({ length: boards }, (_, index) => mac(group, index));
    for (const address of addresses) publisher.connection.publish('state/join', address, { qos: 2 });
    await until('all boards have a session', () => {
      for (const { text } of publisher.connection.heard) {
        const [address, name, session] = text.split(';');
        publisher.credentials.set(address, `${name};${session}`);
      }
      return publisher.credentials.size === boards;
    });
    return publisher;
  }

  /** Publishes these values for each board at QoS 1, all in flight at once; ends with the last acknowledgement. */
  async publish(values) {
    const sent = [];
    for (const value of values) {
      for (const [address, credentials] of this.credentials) {
        sent.push(
          this.connection
            .publishAsync('photoresistor/status', `${credentials};${value}`, { qos: 1 })
            .then(() => this.acknowledged.add(`${address} ${value}`)),
        );
      }
    }
    await Promise.all(sent);
  }
}
