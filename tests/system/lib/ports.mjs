import { once } from 'node:events';
import { createServer } from 'node:net';

const given = new Set();

/** Ports that are free now, TCP and UDP alike as likely as not; none is given twice. */
export async function freePorts(count) {
  const ports = [];
  // What is not wanted stays taken until enough are found.
  const servers = [];
  while (ports.length < count) {
    const server = createServer().listen(0, '127.0.0.1');
    servers.push(server);
    await once(server, 'listening');
    const { port } = server.address();
    if (!given.has(port)) ports.push(port);
    given.add(port);
  }
  await Promise.all(servers.map((server) => once(server.close(), 'close')));
  return ports;
}

/** A port that is free now. */
export async function freePort() {
  return (await freePorts(1))[0];
}
