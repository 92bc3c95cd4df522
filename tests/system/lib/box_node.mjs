/** One of S1's boards. */
import { connect } from 'node:net';

/** A board with detectors: answers each question with what `says` holds then. */
export class BoxNode {
  constructor(port, says) {
    this.says = says;
    this.asked = [];
    this.socket = connect(port, '127.0.0.1');
    this.socket.on('error', () => {});
    this.socket.on('close', () => (this.closed = true));
    this.socket.on('data', (data) => {
      for (const question of data.toString().split('#').slice(0, -1)) {
        this.asked.push(question);
        this.socket.write(question === 'datas' ? this.says : 'Good night, B12%');
      }
    });
  }
}
