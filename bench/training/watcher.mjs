// A watcher in a process of its own, as the panel is: attaches to a run's socket and reads every event.
import fs from 'node:fs';
import net from 'node:net';
import path from 'node:path';

const child = JSON.parse(fs.readFileSync(path.join(process.argv[2], 'child.json'), 'utf8'));
const socket = net.connect(child.address);
socket.setEncoding('utf8');
socket.write(`${JSON.stringify({ attach: { protocol: child.protocol, token: child.token } })}\n`);
let text = '';
socket.on('data', data => {
  const lines = (text + data).split('\n');
  text = lines.pop();
  for (const line of lines) JSON.parse(line);
});
socket.on('close', () => process.exit(0));
